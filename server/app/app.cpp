#include "server/app/app.hpp"

#include "server/app/check.hpp"
#include "server/app/commands.hpp"
#include "server/app/demo.hpp"
#include "server/app/policy_import.hpp"
#include "server/app/policy_lint.hpp"
#include "server/app/policy_test.hpp"
#include "server/app/review.hpp"
#include "server/app/serve.hpp"
#include "server/cli/arguments.hpp"

namespace signet {
namespace {

int run(const Exit& exit, Output output) {
  (exit.code == 0 ? output.out : output.err) << exit.text;
  return exit.code;
}

}  // namespace

int run_program(int argc, const char* const* argv, Output output) {
  return std::visit([&](auto&& command) { return run(std::move(command), output); },
                    parse_arguments(argc, argv));
}

}  // namespace signet
