#include <string>

#include "sluice/certificate.h"
#include "sluice/cli/commands.h"
#include "sluice/cli/inputs.h"

namespace sluice {

int RunCertify(const Arguments& arguments, const Environment& environment) {
  const absl::optional<std::string> policy_path = arguments.Value("policy");
  if (!policy_path.has_value()) return BadInput(environment, "certify needs --policy FILE");
  const absl::StatusOr<Policy> policy = CompileFile(*policy_path, arguments, environment.in);
  if (!policy.ok()) return BadInput(environment, policy.status().message());
  DecisionInputs inputs;
  const absl::Status read = inputs.Read(arguments, environment.in);
  if (!read.ok()) return BadInput(environment, read.message());
  // The clock's instant would give a certificate that nobody can compute again.
  if (!arguments.Has("now")) return BadInput(environment, "certify needs --now INSTANT");
  const absl::StatusOr<absl::Time> now = NowOf(arguments, environment);
  if (!now.ok()) return BadInput(environment, now.status().message());
  absl::StatusOr<CertificateInputs> certified = inputs.ToCertify();
  if (!certified.ok()) return BadInput(environment, certified.status().message());
  certified->policy = &*policy;
  certified->now = *now;
  environment.out << Certificate(*certified) << "\n";
  return kExitOk;
}

}  // namespace sluice
