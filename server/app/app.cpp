#include "server/app/app.hpp"

#include "server/app/commands.hpp"
#include "server/app/demo.hpp"
#include "server/app/serve.hpp"
#include "server/cli/arguments.hpp"

namespace signet {

int run_program(int argc, const char* const* argv, Output output) {
  Command command = parse_arguments(argc, argv);
  if (auto* const verify = std::get_if<VerifyCommand>(&command)) {
    return run_verify(std::move(*verify), output);
  }
  if (auto* const inspect = std::get_if<InspectCommand>(&command)) {
    return run_inspect(std::move(*inspect), output);
  }
  if (auto* const serve = std::get_if<ServeCommand>(&command)) return run_serve(*serve, output);
  if (auto* const demo = std::get_if<DemoCommand>(&command)) return run_demo(*demo, output);
  const Exit& exit = std::get<Exit>(command);
  (exit.code == 0 ? output.out : output.err) << exit.text;
  return exit.code;
}

}  // namespace signet
