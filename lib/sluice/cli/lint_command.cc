#include <algorithm>
#include <cstddef>
#include <deque>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "google/protobuf/struct.pb.h"
#include "sluice/cli/commands.h"
#include "sluice/cli/inputs.h"
#include "sluice/cli/known_bad_corpus.h"
#include "sluice/cli/known_bad_input.h"
#include "sluice/cli/read_input.h"
#include "sluice/cli/render_text.h"
#include "sluice/internal/strict_json.h"
#include "sluice/lint/known_bad_shares.h"
#include "sluice/lint/lint.h"
#include "sluice/organisation.h"
#include "sluice/snapshot.h"
#include "sluice/v1/state.pb.h"

namespace sluice {
namespace {

// What a policy is linted with, kept together as long as the options are used.
class LintInputs {
 public:
  absl::Status Read(const Policy& policy, absl::Time now, const Arguments& arguments,
                    const Environment& environment) {
    options_.disabled = arguments.Values("disable");
    for (const std::string& id : options_.disabled) {
      const auto is_it = [&](const LintRule& rule) { return rule.id == id; };
      if (std::any_of(LintRules().begin(), LintRules().end(), is_it)) continue;
      return absl::InvalidArgumentError(
          absl::StrCat("no rule `", id, "`; `sluice lint --rules` describes them"));
    }
    const absl::Status read = ReadState(policy, arguments, environment);
    if (!read.ok()) return read;
    return ReadKnownBad(now, arguments, environment);
  }

  const LintOptions& options() const { return options_; }

 private:
  absl::Status ReadState(const Policy& policy, const Arguments& arguments,
                         const Environment& environment) {
    const absl::optional<std::string> path = arguments.Value("state");
    if (!path.has_value()) return absl::OkStatus();
    const absl::Status read = ReadInput(*path, arguments, environment.in, &state_);
    if (!read.ok()) return read;
    if (state_.pipeline() != policy.effective().id()) {
      return absl::InvalidArgumentError(absl::StrCat(*path, " is a state of pipeline `",
                                                     state_.pipeline(), "`, the policy one of `",
                                                     policy.effective().id(), "`"));
    }
    snapshot_.emplace(Snapshot::Load(state_, organisation_));
    options_.snapshot = &*snapshot_;
    return absl::OkStatus();
  }

  absl::Status ReadKnownBad(absl::Time now, const Arguments& arguments,
                            const Environment& environment) {
    const std::vector<std::string> corpus = arguments.Values("sbom");
    if (corpus.empty() != !arguments.Has("max-share")) {
      return absl::InvalidArgumentError("--sbom FILE and --max-share PERCENT need each other");
    }
    if (!corpus.empty()) {
      const absl::optional<double> most = ReadPercent(*arguments.Value("max-share"));
      if (!most.has_value()) {
        return absl::InvalidArgumentError("--max-share is from 0 to below 100 percent");
      }
      if (!arguments.Has("known-bad")) {
        return absl::InvalidArgumentError("--sbom FILE needs --known-bad FILE");
      }
      options_.max_share_percent = *most;
    }
    for (const std::string& path : arguments.Values("known-bad")) {
      absl::StatusOr<KnownBadInput> list = KnownBadInput::Read(path, arguments, environment.in);
      if (!list.ok()) return list.status();
      lists_.push_back(*std::move(list));
      LintedList linted;
      linted.list = &lists_.back().list();
      if (!corpus.empty()) {
        const absl::Status asked =
            AskCorpus(*linted.list, corpus, now, environment, shares_.emplace_back());
        if (!asked.ok()) return asked;
        linted.shares = &shares_.back();
      }
      options_.known_bad.push_back(linted);
    }
    return absl::OkStatus();
  }

  LintOptions options_;
  v1::PipelineState state_;
  Organisation organisation_;
  absl::optional<Snapshot> snapshot_;
  std::deque<KnownBadInput> lists_;
  std::deque<KnownBadShares> shares_;
};

void PrintText(const std::vector<LintFinding>& findings, const Environment& environment) {
  for (const LintFinding& finding : findings) {
    environment.out << Wrap(
        absl::StrCat(finding.path, ": ", finding.message, " [", finding.rule, "]"), "", "  ");
  }
}

int PrintJson(const std::vector<LintFinding>& findings, const Environment& environment) {
  google::protobuf::ListValue all;
  for (const LintFinding& finding : findings) {
    auto& fields = *all.add_values()->mutable_struct_value()->mutable_fields();
    fields["rule"].set_string_value(std::string(finding.rule));
    fields["path"].set_string_value(finding.path);
    fields["message"].set_string_value(finding.message);
  }
  const absl::StatusOr<std::string> text = WriteJson(all, JsonStyle::kIndented);
  if (!text.ok()) {
    environment.err << "sluice: " << text.status().message() << "\n";
    return kExitInternal;
  }
  environment.out << *text;
  return kExitOk;
}

}  // namespace

int RunLint(const Arguments& arguments, const Environment& environment) {
  if (arguments.Has("rules")) {
    environment.out << LintPage();
    return kExitOk;
  }
  if (arguments.positional().size() != 1) return BadInput(environment, "lint takes one POLICY");
  const absl::StatusOr<std::string> format = FormatOf(arguments, {"text", "json"});
  if (!format.ok()) return BadInput(environment, format.status().message());
  const absl::StatusOr<absl::Time> now = NowOf(arguments, environment);
  if (!now.ok()) return BadInput(environment, now.status().message());
  const absl::StatusOr<Policy> policy =
      CompileFile(arguments.positional()[0], arguments, environment.in);
  if (!policy.ok()) {
    environment.err << policy.status().message() << "\n";
    return kExitBadInput;
  }
  LintInputs inputs;
  const absl::Status read = inputs.Read(*policy, *now, arguments, environment);
  if (!read.ok()) return BadInput(environment, read.message());
  const std::vector<LintFinding> findings = Lint(*policy, inputs.options(), *now);
  if (*format == "json") {
    const int printed = PrintJson(findings, environment);
    if (printed != kExitOk) return printed;
  } else {
    PrintText(findings, environment);
  }
  return findings.empty() ? kExitOk : kExitHold;
}

}  // namespace sluice
