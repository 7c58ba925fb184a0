#ifndef SLUICE_CLI_COMMANDS_H_
#define SLUICE_CLI_COMMANDS_H_

#include <string>
#include <vector>

#include "sluice/cli/arguments.h"
#include "sluice/cli/environment.h"

namespace sluice {

// One command: the flags it takes, what its help says, and what it does. `run` returns the exit
// code; what goes wrong is on `err`, one line each.
struct Command {
  absl::string_view name;  // One word or two.
  absl::string_view usage;
  std::string help;
  std::vector<Flag> flags;
  int (*run)(const Arguments& arguments, const Environment& environment);
};

// All commands, in the order of the help.
const std::vector<Command>& Commands();

int RunInit(const Arguments& arguments, const Environment& environment);
int RunCheck(const Arguments& arguments, const Environment& environment);
int RunLint(const Arguments& arguments, const Environment& environment);
int RunDecide(const Arguments& arguments, const Environment& environment);
int RunStream(const Arguments& arguments, const Environment& environment);
int RunApply(const Arguments& arguments, const Environment& environment);
int RunAdmit(const Arguments& arguments, const Environment& environment);
int RunCompact(const Arguments& arguments, const Environment& environment);
int RunCertify(const Arguments& arguments, const Environment& environment);
int RunTest(const Arguments& arguments, const Environment& environment);
int RunExplain(const Arguments& arguments, const Environment& environment);
int RunPlan(const Arguments& arguments, const Environment& environment);
int RunKnownBadBuild(const Arguments& arguments, const Environment& environment);
int RunKnownBadInfo(const Arguments& arguments, const Environment& environment);
int RunKnownBadQuery(const Arguments& arguments, const Environment& environment);
int RunKnownBadDiff(const Arguments& arguments, const Environment& environment);
int RunKnownBadLint(const Arguments& arguments, const Environment& environment);
int RunImportOsv(const Arguments& arguments, const Environment& environment);
int RunImportCsv(const Arguments& arguments, const Environment& environment);
int RunImportCycloneDx(const Arguments& arguments, const Environment& environment);
int RunImportSpdx(const Arguments& arguments, const Environment& environment);
int RunImportCloudWatch(const Arguments& arguments, const Environment& environment);
int RunImportAlertmanager(const Arguments& arguments, const Environment& environment);
int RunImportIcs(const Arguments& arguments, const Environment& environment);

// Says what is wrong, and returns kExitBadInput.
int BadInput(const Environment& environment, absl::string_view what);

// The whole program: `words` without its own name.
int RunCli(const std::vector<std::string>& words, const Environment& environment);

}  // namespace sluice

#endif  // SLUICE_CLI_COMMANDS_H_
