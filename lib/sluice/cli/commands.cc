#include "sluice/cli/commands.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
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
const Flag kOutput{"output", "FILE", false};
const Flag kKeepGoing{"keep-going", "", false};
const Flag kListId{"id", "ID", false};
const Flag kEpoch{"epoch", "N", false};
const Flag kVerifiedAt{"verified-at", "INSTANT", false};
const Flag kOverridable{"overridable", "", false};
const Flag kLeaveOutUncheckable{"leave-out-uncheckable", "", false};
const Flag kAcceptIncomplete{"accept-incomplete", "", false};
const Flag kObservedAt{"observed-at", "INSTANT", false};

// For commands that make a known-bad list.
constexpr absl::string_view kListHelp =
    "  --output FILE         where to: .kb is a list's own form, which hosts map;\n"
    "                        any other ending is that of a message\n"
    "  --id ID               the list's identifier\n"
    "  --epoch N             higher than that of the list before\n"
    "  --verified-at INSTANT when this copy was compared with the publisher's\n"
    "  --overridable         a blocker's override policy may allow overriding\n";

// For commands that import.
constexpr absl::string_view kImportHelp =
    "  --keep-going          leave malformed entries out and list them, instead of\n"
    "                        failing\n\n"
    "Prints what it took, what it left out and why.\n";

constexpr absl::string_view kUncheckableHelp =
    "  --leave-out-uncheckable\n"
    "                        leave out components with neither package URL nor\n"
    "                        SHA-256, which no list can be held against, instead of\n"
    "                        failing\n";

constexpr absl::string_view kIncompleteHelp =
    "  --accept-incomplete   take the components of a bill that says that it lacks\n"
    "                        some, instead of failing\n";

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

// Says which commands begin with the first word, if any do.
int NoCommand(const std::vector<std::string>& words, const Environment& environment) {
  std::string group;
  for (const Command& command : Commands()) {
    if (absl::StartsWith(command.name, words[0] + " ")) {
      absl::StrAppend(&group, "  sluice ", command.usage, "\n");
    }
  }
  if (group.empty()) {
    return BadInput(environment,
                    absl::StrCat("no command `", words[0], "`; `sluice --help` lists them"));
  }
  if (words.size() > 1 && words[1] == "--help") {
    environment.out << group;
    return kExitOk;
  }
  environment.err << group;
  return kExitBadInput;
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
      {"lint",
       "lint POLICY [--state FILE] [--known-bad FILE] [...]",
       "Prints what in a policy that compiles is probably not meant, with its field\n"
       "and the rule that found it.\n\n"
       "  --baseline FILE      an organisation's baseline of the policy\n"
       "  --state FILE         its cells are compared with caps, and its periods count\n"
       "  --known-bad FILE     a known-bad list that the policy names; may be repeated\n"
       "  --sbom FILE          bills of materials of what runs, as files, directories\n"
       "                       or archives; may be repeated\n"
       "  --max-share PERCENT  of these that one advisory may concern, such as 5\n"
       "  --now INSTANT        windows are looked at for a year from then; else from\n"
       "                       the clock's instant\n"
       "  --disable RULE       leave a rule out; may be repeated\n"
       "  --format FORMAT      text (the default) or json\n"
       "  --rules              describe all rules, with an example each, and do no more\n\n"
       "Exits 0 if nothing is found, else 11.\n",
       {kBaseline,
        kState,
        kKnownBad,
        {"sbom", "FILE", true},
        {"max-share", "PERCENT", false},
        kNow,
        {"disable", "RULE", true},
        {"format", "FORMAT", false},
        {"rules", "", false},
        kInputFormat,
        kHelp},
       &RunLint},
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
      {"explain",
       "explain --policy FILE --state FILE [--stage ID] [...]",
       "Says of each stage what it does, what holds, and the smallest sets of changes\n"
       "(facts, time, what people do, overrides) with which what is held would move.\n"
       "Each set was made and decided over; no part of it is enough. Where it takes a\n"
       "later time, all else in the set is as reported then. People that are to act are\n"
       "invented. At last, when each stage would be done if all signals stay healthy,\n"
       "and what it waits for until then.\n\n"
       "  --baseline FILE       an organisation's baseline of the policy\n"
       "  --organisation FILE   the organisation's facts\n"
       "  --known-bad FILE      a known-bad list; may be repeated\n"
       "  --now INSTANT         such as 2026-11-23T10:00:00Z; else the clock's\n"
       "  --stage ID            this stage alone\n"
       "  --format FORMAT       text (the default), or json with the events and edits\n"
       "                        that make each change\n\n"
       "Exits 0 whatever the action.\n",
       {kPolicy,
        kBaseline,
        kState,
        kOrganisation,
        kKnownBad,
        kNow,
        {"stage", "ID", false},
        {"format", "FORMAT", false},
        kInputFormat,
        kHelp},
       &RunExplain},
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
      {"test",
       "test DIR|FILE... [--filter GLOB] [--junit FILE] [...]",
       "Runs the cases of policy tests, each file a sluice.v1.TestSuite. Of a folder:\n"
       "all files below it named *_test.textproto, *_test.json or *_test.yaml, sorted;\n"
       "links to folders are not followed. policy_file, baseline_file, state_file,\n"
       "organisation_file and known_bad_files of a suite are found from the folder of\n"
       "its own file.\n\n"
       "  --filter GLOB    only cases whose name matches, such as '*friday*'\n"
       "  --fail-on-empty  exit 2 if no case was run\n"
       "  --jobs N         run N cases at a time; else one for each processor\n"
       "  --junit FILE     write the results as JUnit XML too\n"
       "  --verbose        print a line for every case\n"
       "  --coverage       print how much of what each policy does is shown by the\n"
       "                   cases, and what is not: verdicts and their reasons,\n"
       "                   overrides, waves, triggers of roll backs, transitions\n"
       "  --coverage-html FILE\n"
       "                   write that as a page over the policies' sources\n"
       "  --min-coverage PERCENT\n"
       "                   exit 11 if less of a policy is shown, such as 100\n\n"
       "Prints, for each case that failed, what was expected (-), what is (+), and why\n"
       "it is so; the same whatever --jobs. What is wrong with a file or a case itself\n"
       "is said on standard error, with its place; all other cases are run.\n\n"
       "Exits 0 if all passed, 11 if a case failed or a policy is not covered as asked,\n"
       "2 if a file or a case could not be run.\n",
       {{"filter", "GLOB", false},
        {"fail-on-empty", "", false},
        {"jobs", "N", false},
        {"junit", "FILE", false},
        {"verbose", "", false},
        {"coverage", "", false},
        {"coverage-html", "FILE", false},
        {"min-coverage", "PERCENT", false},
        kInputFormat,
        kHelp},
       &RunTest},
      {"apply",
       "apply --state FILE --event FILE... [--output FILE]",
       "Writes down events in a state, and prints the new state as a textproto or,\n"
       "with --output, writes it in the format of that file's ending.\n",
       {kState, {"event", "FILE", true}, kOutput, kInputFormat, kHelp},
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
       {kPolicy, kBaseline, kState, kNow, kOutput, kInputFormat, kHelp},
       &RunCompact},
      {"certify",
       "certify --policy FILE --state FILE --now INSTANT [...]",
       "Prints the digest of everything that a decision was made from, so that others\n"
       "can compute it again and compare. Takes --baseline, --organisation and\n"
       "--known-bad as decide does.\n",
       {kPolicy, kBaseline, kState, kOrganisation, kKnownBad, kNow, kInputFormat, kHelp},
       &RunCertify},
      {"known-bad build",
       "known-bad build --output FILE INPUT...",
       absl::StrCat(
           "Makes one known-bad list of one or several, whose entries must not contradict\n"
           "each other. What the flags do not say stays as in a single input.\n\n",
           kListHelp),
       {kOutput, kListId, kEpoch, kVerifiedAt, kOverridable, kInputFormat, kHelp},
       &RunKnownBadBuild},
      {"known-bad info",
       "known-bad info LIST",
       "Says what a list is, and checks every byte of one in its own form.\n",
       {kInputFormat, kHelp},
       &RunKnownBadInfo},
      {"known-bad query",
       "known-bad query --list FILE --sbom FILE [...]",
       "Prints which component of which artifact is listed by which advisory, one a\n"
       "line: artifact, component, advisory, what matched (digest, package-url,\n"
       "version, or version-unknown if that can't be told, which holds) and list,\n"
       "separated by tabs.\n\n"
       "  --list FILE           a known-bad list; may be repeated\n"
       "  --sbom FILE           a bill of materials, CycloneDX 1.2 to 1.6 or SPDX 2.3\n"
       "                        as JSON: one artifact; may be repeated\n"
       "  --component URL       a package URL; may be repeated\n"
       "  --digest DIGEST       sha256:... of an artifact; may be repeated\n"
       "  --now INSTANT         entries in force then; else the clock's\n"
       "  --format FORMAT       text (the default) or json\n"
       "  --leave-out-uncheckable\n"
       "                        do not exit with 11 for components with neither\n"
       "                        package URL nor SHA-256, which no list can be held\n"
       "                        against\n"
       "  --accept-incomplete   nor for a bill that says that it lacks components\n"
       "\nExits 0 if nothing is listed, 11 if something is or may be, or if something\n"
       "could not be asked about; what that is, is said on standard error.\n",
       {{"list", "FILE", true},
        {"sbom", "FILE", true},
        {"component", "URL", true},
        {"digest", "DIGEST", true},
        kNow,
        {"format", "FORMAT", false},
        kLeaveOutUncheckable,
        kAcceptIncomplete,
        kInputFormat,
        kHelp},
       &RunKnownBadQuery},
      {"known-bad diff",
       "known-bad diff OLD NEW",
       "Prints the advisories that were added (+), removed (-) and changed (~), one a\n"
       "line. Exits 0 if there are none, else 11.\n",
       {kInputFormat, kHelp},
       &RunKnownBadDiff},
      {"known-bad lint",
       "known-bad lint --list FILE --max-share PERCENT CORPUS...",
       "Prints the advisories that concern more than a share of a corpus of artifacts:\n"
       "bills of materials, as files, directories or archives. A list that would hold\n"
       "half of what a company runs is mostly a mistake in an entry.\n\n"
       "  --max-share PERCENT   such as 5\n"
       "  --now INSTANT         entries in force then; else the clock's\n\n"
       "Exits 0 if there are none, else 11.\n",
       {{"list", "FILE", false}, {"max-share", "PERCENT", false}, kNow, kInputFormat, kHelp},
       &RunKnownBadLint},
      {"import osv",
       "import osv --output FILE INPUT...",
       absl::StrCat("Makes a known-bad list of advisories in OSV's JSON: files, directories and\n"
                    ".tar.gz or .zip archives of them.\n\n",
                    kListHelp, kImportHelp),
       {kOutput, kListId, kEpoch, kVerifiedAt, kOverridable, kKeepGoing, kHelp},
       &RunImportOsv},
      {"import csv",
       "import csv --output FILE INPUT...",
       absl::StrCat("Makes a known-bad list of a table of digests, whose first row names the\n"
                    "columns: digest and id, and optionally url, reason, severity, added_at,\n"
                    "effective_from, withdrawn_at and aliases.\n\n",
                    kListHelp, kImportHelp),
       {kOutput, kListId, kEpoch, kVerifiedAt, kOverridable, kKeepGoing, kHelp},
       &RunImportCsv},
      {"import cyclonedx",
       "import cyclonedx --output FILE INPUT...",
       absl::StrCat(
           "Makes an artifact's component list of bills of materials in CycloneDX's JSON,\n"
           "1.2 to 1.6.\n\n",
           kUncheckableHelp, kIncompleteHelp, kImportHelp),
       {kOutput, kLeaveOutUncheckable, kAcceptIncomplete, kKeepGoing, kHelp},
       &RunImportCycloneDx},
      {"import spdx",
       "import spdx --output FILE INPUT...",
       absl::StrCat("Makes an artifact's component list of SPDX 2.3 documents in JSON.\n\n",
                    kUncheckableHelp, kImportHelp),
       {kOutput, kLeaveOutUncheckable, kKeepGoing, kHelp},
       &RunImportSpdx},
      {"import cloudwatch",
       "import cloudwatch --observed-at INSTANT --output FILE INPUT...",
       absl::StrCat("Makes alarm reports of what `aws cloudwatch describe-alarms` printed.\n\n"
                    "  --observed-at INSTANT when CloudWatch was asked\n"
                    "  --cell ID             the one cell that all alarms are about, or\n"
                    "  --region ID           the one region\n"
                    "  --name NAME=ALARM     what a policy calls the alarm NAME; may be repeated\n",
                    kImportHelp),
       {kOutput,
        kObservedAt,
        {"cell", "ID", false},
        {"region", "ID", false},
        {"name", "NAME=ALARM", true},
        kKeepGoing,
        kHelp},
       &RunImportCloudWatch},
      {"import alertmanager",
       "import alertmanager --observed-at INSTANT --output FILE INPUT",
       absl::StrCat(
           "Makes alarm reports of what Alertmanager's /api/v2/alerts answered.\n\n"
           "  --observed-at INSTANT when Alertmanager was asked\n"
           "  --cell-label LABEL    the label that names an alert's cell, or\n"
           "  --region-label LABEL  its region\n"
           "  --expect ALARM        an alarm that is OK if none of its alerts fires; with\n"
           "                        ,cell=ID or ,region=ID of a place; may be repeated\n",
           kImportHelp),
       {kOutput,
        kObservedAt,
        {"cell-label", "LABEL", false},
        {"region-label", "LABEL", false},
        {"expect", "ALARM", true},
        kKeepGoing,
        kHelp},
       &RunImportAlertmanager},
      {"import ics",
       "import ics --from INSTANT --until INSTANT --output FILE INPUT...",
       absl::StrCat("Makes windows, or a calendar of the organisation, of iCalendar files.\n\n"
                    "  --from INSTANT        occurrences are taken from then\n"
                    "  --until INSTANT       up to then\n"
                    "  --zone ZONE           of days and of times without a zone\n"
                    "  --zone-name NAME=ZONE which zone the input calls NAME; may be repeated\n"
                    "  --leave-out-transparent\n"
                    "                        leave out events that do not block time\n"
                    "  --calendar ID         make a calendar, which needs --observed-at too\n"
                    "  --observed-at INSTANT when the calendar was asked for\n",
                    kImportHelp),
       {kOutput,
        {"from", "INSTANT", false},
        {"until", "INSTANT", false},
        {"zone", "ZONE", false},
        {"zone-name", "NAME=ZONE", true},
        {"leave-out-transparent", "", false},
        {"calendar", "ID", false},
        kObservedAt,
        kKeepGoing,
        kHelp},
       &RunImportIcs},
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
  const auto named = [&words](const Command& candidate) {
    const std::vector<std::string> name = absl::StrSplit(candidate.name, ' ');
    return words.size() >= name.size() && std::equal(name.begin(), name.end(), words.begin());
  };
  const auto command = std::find_if(Commands().begin(), Commands().end(), named);
  if (command == Commands().end()) return NoCommand(words, environment);
  const ptrdiff_t name_words = 1 + absl::c_count(command->name, ' ');
  const absl::StatusOr<Arguments> arguments =
      Arguments::Parse({words.begin() + name_words, words.end()}, command->flags);
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
