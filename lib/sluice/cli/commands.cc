#include "sluice/cli/commands.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "sluice/version.h"

namespace sluice {
namespace {

const Flag kPolicy{"policy", "FILE", false};
const Flag kBaseline{"baseline", "FILE", false};
const Flag kState{"state", "FILE", false};
const Flag kOrganisation{"organisation", "FILE", false};
const Flag kKnownBad{"known-bad", "FILE", true};
const Flag kNow{"now", "INSTANT", false};
const Flag kInputFormat{"input-format", "FORMAT", false};
const Flag kHelp{"help", "", false};

constexpr absl::string_view kInputsHelp =
    "A file's ending tells its format: .textproto .txtpb .pbtxt, .json, or .pb\n"
    ".binpb; --input-format textproto|json|binary says it for all of them.\n"
    "`-` is standard input (a textproto unless said otherwise).\n";

std::string Help() {
  std::string text =
      "sluice: may this artifact move forward now, and if not, why and until when?\n\n";
  for (const Command& command : Commands()) {
    absl::StrAppend(&text, "  sluice ", command.usage, "\n");
  }
  absl::StrAppend(&text,
                  "\n`sluice COMMAND --help` says more.\n"
                  "\nExit codes: 0 done, or something may deploy; 1 internal error; 2 bad\n"
                  "input; of decide also 10 WAIT, 11 HOLD, 12 READY, 13 IDLE, 14 ROLL_BACK.\n");
  return text;
}

std::string HelpOf(const Command& command) {
  return absl::StrCat("sluice ", command.usage, "\n\n", command.help, "\n", kInputsHelp);
}

}  // namespace

const std::vector<Command>& Commands() {
  static const auto* const commands = new std::vector<Command>{
      {"init", "init", "Prints the smallest useful policy, to begin with.\n", {kHelp}, &RunInit},
      {"check",
       "check POLICY [--baseline FILE]",
       "Compiles a policy. Prints every fault with its place; or the policy's\n"
       "fingerprint and the choices that its profile made.\n\n"
       "  --baseline FILE  an organisation's baseline, which the policy may not weaken\n",
       {kBaseline, kInputFormat, kHelp},
       &RunCheck},
      {"decide",
       "decide --policy FILE --state FILE [...]",
       "Decides, and explains.\n\n"
       "  --baseline FILE       an organisation's baseline of the policy\n"
       "  --organisation FILE   the organisation's facts\n"
       "  --known-bad FILE      a known-bad list; may be repeated\n"
       "  --now INSTANT         such as 2026-11-23T10:00:00Z; else the clock's\n"
       "  --stage ID            this stage alone\n"
       "  --format FORMAT       text (the default), json or textproto\n"
       "  --all                 findings that hold nothing too, in text\n"
       "  --exit-zero           exit 0 whatever the action\n"
       "  --stream              one JSON object {policy?, state?, organisation?,\n"
       "                        known_bad?, now} a line on standard input, one\n"
       "                        decision a line out; what a line leaves out stays as\n"
       "                        it was; a bad line gives {\"error\": ...}\n\n"
       "Exits with the first action present of ROLL_BACK, HOLD, WAIT, READY, DEPLOY\n"
       "and IDLE, over all stages or that of --stage.\n",
       {kPolicy,
        kBaseline,
        kState,
        kOrganisation,
        kKnownBad,
        kNow,
        {"stage", "ID", false},
        {"format", "FORMAT", false},
        {"all", "", false},
        {"exit-zero", "", false},
        {"stream", "", false},
        kInputFormat,
        kHelp},
       &RunDecide},
      {"plan",
       "plan --policy FILE --state FILE [--stage ID] [...]",
       "Prints the waves of each stage's running rollout or, if none runs, of the next\n"
       "one, with the cells' weights and their shares of the stage's customers.\n\n"
       "  --stage ID       this stage alone\n"
       "  --format FORMAT  text (the default) or json, an object a stage\n"
       "  --now INSTANT    such as 2026-11-23T10:00:00Z; else the clock's\n\n"
       "Exits 0, or 11 if a plan has a fault, with which no rollout starts.\n",
       {kPolicy,
        kBaseline,
        kState,
        kNow,
        {"stage", "ID", false},
        {"format", "FORMAT", false},
        kInputFormat,
        kHelp},
       &RunPlan},
      {"apply",
       "apply --state FILE --event FILE... [--output FILE]",
       "Writes down events in a state, and prints the new state as a textproto or,\n"
       "with --output, writes it in the format of that file's ending.\n",
       {kState, {"event", "FILE", true}, {"output", "FILE", false}, kInputFormat, kHelp},
       &RunApply},
      {"admit",
       "admit --policy FILE --state FILE --action ID [...]",
       "Says whether one action or wanted record of a decision still stands: prints\n"
       "`admitted` and exits 0, or `refused` and exits 11. Takes --baseline,\n"
       "--organisation, --known-bad and --now as decide does.\n",
       {kPolicy,
        kBaseline,
        kState,
        kOrganisation,
        kKnownBad,
        kNow,
        {"action", "ID", false},
        kInputFormat,
        kHelp},
       &RunAdmit},
      {"compact",
       "compact --policy FILE --state FILE [--output FILE]",
       "Drops from a state what no decision of the policy at --now (else the clock's\n"
       "instant) or later can need, and prints or writes it as apply does.\n",
       {kPolicy, kBaseline, kState, kNow, {"output", "FILE", false}, kInputFormat, kHelp},
       &RunCompact},
      {"certify",
       "certify --policy FILE --state FILE --now INSTANT [...]",
       "Prints the digest of everything that a decision was made from, so that others\n"
       "can compute it again and compare. Takes --baseline, --organisation and\n"
       "--known-bad as decide does.\n",
       {kPolicy, kBaseline, kState, kOrganisation, kKnownBad, kNow, kInputFormat, kHelp},
       &RunCertify},
  };
  return *commands;
}

int BadInput(const Environment& environment, absl::string_view what) {
  environment.err << "sluice: " << what << "\n";
  return kExitBadInput;
}

int RunCli(const std::vector<std::string>& words, const Environment& environment) {
  if (words.empty()) {
    environment.err << Help();
    return kExitBadInput;
  }
  if (words[0] == "--help" || words[0] == "-h" || words[0] == "help") {
    environment.out << Help();
    return kExitOk;
  }
  if (words[0] == "--version") {
    environment.out << "sluice " << kLibraryVersion << ", semantics " << kSemanticsVersion << "\n";
    return kExitOk;
  }
  const auto command =
      std::find_if(Commands().begin(), Commands().end(),
                   [&](const Command& candidate) { return candidate.name == words[0]; });
  if (command == Commands().end()) {
    return BadInput(environment,
                    absl::StrCat("no command `", words[0], "`; `sluice --help` lists them"));
  }
  const absl::StatusOr<Arguments> arguments =
      Arguments::Parse({words.begin() + 1, words.end()}, command->flags);
  if (!arguments.ok()) {
    return BadInput(environment, absl::StrCat(arguments.status().message(), "; see `sluice ",
                                              command->name, " --help`"));
  }
  if (arguments->Has("help")) {
    environment.out << HelpOf(*command);
    return kExitOk;
  }
  return command->run(*arguments, environment);
}

}  // namespace sluice
