#include "server/cli/verify.hpp"

#include <unistd.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "core/policy/explain.hpp"
#include "server/cli/progress.hpp"
#include "server/cli/terminal.hpp"

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

void print(const Verdict& verdict, const VerifyCommand& command, Output output) {
  std::ostream& to = verdict.allowed() ? output.out : output.err;
  if (command.explain) {
    const auto environment = [](const char* name) -> const char* { return std::getenv(name); };
    const Screen screen =
        screen_for(terminal_at(STDOUT_FILENO), command.colour, command.verbose, environment);
    output.out << explanation_on(screen, verdict);
  } else {
    to << first_line(verdict) << '\n' << explanation(verdict, "");
  }
  for (const std::string& warning : verdict.warnings)
    output.err << "warning: " << warning << '\n';
  output.out.flush();
  output.err.flush();
}

}  // namespace

Task<int> verify_images(std::vector<Reference> images, const VerifyCommand& command,
                        std::shared_ptr<const PolicySet> policies, Verifier& verifier,
                        Output output) {
  Json verdicts = Json::array();
  int code = kExitTrusted;
  std::size_t done = 0;
  // A line that comes and goes is for many images.
  const bool told = images.size() > 1 && terminal_at(STDERR_FILENO).there;
  Progress progress(output.err, told, "judged", images.size(), "images");
  for (const Reference& image : images) {
    progress.show(done++);
    Workload workload;
    workload.ns = command.ns;
    const Deadline deadline = deadline_in(command.timeout);
    const Verdict verdict = co_await verifier.verify(image, workload, policies, deadline);
    code = worse(code, exit_code_of(verdict));
    if (command.output == OutputForm::json) {
      verdicts.push_back(verdict_json(verdict));
      continue;
    }
    progress.hide();
    if (command.explain && done > 1) output.out << '\n';
    print(verdict, command, output);
  }
  progress.hide();
  if (command.output == OutputForm::json) {
    const Json report = {{"version", "signet.dev/verify/v1"}, {"images", std::move(verdicts)}};
    output.out << report.dump(2) << '\n';
  }
  co_return code;
}

}  // namespace signet
