#include "server/cli/flags.hpp"
#include "server/runtime/config.hpp"

namespace signet {
namespace {

class ServeFlags final : public CommandFlags {
 public:
  explicit ServeFlags(CLI::App& parent)
      : CommandFlags(parent, "serve", "Answer AdmissionReviews over HTTPS") {
    command_.add_option("--config", serve_.config, "YAML file with the settings below");
    for (const Setting& setting : settings())
      declare(setting);
  }

  Command chosen() override { return serve_; }

 private:
  void declare(const Setting& setting) {
    CLI::Option& option = *command_.add_option_function<std::vector<std::string>>(
        std::string(setting.flag),
        [this, name = setting.name](const std::vector<std::string>& values) {
          for (const std::string& value : values)
            serve_.settings.emplace_back(name, value);
        },
        std::string(setting.help));
    option.type_name(std::string(setting.value));
    // A list may be given in several flags; anything else once.
    if (setting.clear == nullptr) option.expected(1);
  }

  ServeCommand serve_;
};

}  // namespace

std::unique_ptr<CommandFlags> serve_flags(CLI::App& parent) {
  return std::make_unique<ServeFlags>(parent);
}

}  // namespace signet
