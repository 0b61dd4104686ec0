#include "server/cli/verify.hpp"

#include <nlohmann/json.hpp>

#include "core/policy/explain.hpp"

namespace signet {
namespace {

int exit_code_of(const Verdict& verdict) {
  if (verdict.allowed()) return kExitTrusted;
  return standing_of(verdict.reason) == Standing::unchecked ? kExitUnchecked : kExitNotTrusted;
}

// Not trusted outweighs could not check, which outweighs trusted.
int worse(int a, int b) {
  if (a == kExitNotTrusted || b == kExitNotTrusted) return kExitNotTrusted;
  return std::max(a, b);
}

void print(const Verdict& verdict, Output output) {
  std::ostream& to = verdict.allowed() ? output.out : output.err;
  to << first_line(verdict) << '\n' << explanation(verdict, "");
  for (const std::string& warning : verdict.warnings)
    output.err << "warning: " << warning << '\n';
  to.flush();
}

}  // namespace

Task<int> verify_images(std::vector<Reference> images, const VerifyCommand& command,
                        std::shared_ptr<const PolicySet> policies, Verifier& verifier,
                        Output output) {
  Json verdicts = Json::array();
  int code = kExitTrusted;
  for (const Reference& image : images) {
    Workload workload;
    workload.ns = command.ns;
    const Deadline deadline = deadline_in(command.timeout);
    const Verdict verdict = co_await verifier.verify(image, workload, policies, deadline);
    code = worse(code, exit_code_of(verdict));
    if (command.output == OutputForm::json) {
      verdicts.push_back(verdict_json(verdict));
    } else {
      print(verdict, output);
    }
  }
  if (command.output == OutputForm::json) output.out << verdicts.dump(2) << '\n';
  co_return code;
}

}  // namespace signet
