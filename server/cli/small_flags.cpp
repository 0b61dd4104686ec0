// The commands with a handful of flags.

#include "server/cli/flags.hpp"

namespace signet {
namespace {

class InspectFlags final : public CommandFlags {
 public:
  explicit InspectFlags(CLI::App& parent)
      : CommandFlags(parent, "inspect", "Show every signature of an image") {
    command_.add_option("IMAGE", inspect_.image, "A reference, or oci:DIR")->required();
    add_registry_flags(command_, inspect_.registry);
    add_timeout_flag(command_, inspect_.timeout);
    add_output_flag(command_, inspect_.output);
  }

  Command chosen() override { return inspect_; }

 private:
  InspectCommand inspect_;
};

class DemoFlags final : public CommandFlags {
 public:
  explicit DemoFlags(CLI::App& parent)
      : CommandFlags(parent, "demo", "The whole service on loopback with a PKI of its own") {
    command_.add_flag("--keep", demo_.keep, "Stay up and print a line to try");
    add_output_flag(command_, demo_.output);
  }

  Command chosen() override { return demo_; }

 private:
  DemoCommand demo_;
};

}  // namespace

std::unique_ptr<CommandFlags> inspect_flags(CLI::App& parent) {
  return std::make_unique<InspectFlags>(parent);
}

std::unique_ptr<CommandFlags> demo_flags(CLI::App& parent) {
  return std::make_unique<DemoFlags>(parent);
}

}  // namespace signet
