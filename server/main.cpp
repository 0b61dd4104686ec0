#include <unistd.h>

#include <exception>
#include <iostream>
#include <system_error>

#include "server/app/app.hpp"
#include "server/cli/arguments.hpp"
#include "server/runtime/standard_output.hpp"

namespace {

// An answer that did not arrive whole is none, whatever it was.
int finished(signet::StandardOutput& printed, int code) {
  const int failure = printed.finish();
  if (failure == 0) return code;
  std::cerr << "signet: standard output could not be written ("
            << std::generic_category().message(failure) << "), so what it shows is not all\n";
  return signet::kExitOutput;
}

}  // namespace

int main(int argc, char** argv) {
  signet::secure_standard_descriptors();
  try {
    signet::StandardOutput printed(STDOUT_FILENO);
    std::ostream out(&printed);
    return finished(printed, signet::run_program(argc, argv, signet::Output{out, std::cerr}));
  } catch (const std::exception& failure) {
    std::cerr << "signet: internal error: " << failure.what() << '\n';
  } catch (...) {
    std::cerr << "signet: internal error\n";
  }
  return 70;  // EX_SOFTWARE: never a verdict
}
