#include <exception>
#include <iostream>

#include "server/app/app.hpp"

int main(int argc, char** argv) {
  try {
    return signet::run_program(argc, argv, signet::Output{std::cout, std::cerr});
  } catch (const std::exception& failure) {
    std::cerr << "signet: internal error: " << failure.what() << '\n';
  } catch (...) {
    std::cerr << "signet: internal error\n";
  }
  return 70;  // EX_SOFTWARE: never a verdict
}
