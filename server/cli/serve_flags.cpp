#include "server/cli/flags.hpp"
#include "server/runtime/config.hpp"

namespace signet {
namespace {

class ServeFlags final : public CommandFlags {
 public:
  explicit ServeFlags(CLI::App& parent)
      : CommandFlags(parent, "serve", "Answer AdmissionReviews over HTTPS") {
    command_.add_option("--config", serve_.config, "YAML file with the settings below")
        ->type_name("FILE");
    for (const Setting& setting : settings())
      declare(setting);
    describe();
  }

  Command chosen() override { return serve_; }

 private:
  void describe() {
    set_manual(command_,
               {"Serves /validate and /mutate over HTTPS, health and metrics over HTTP, until "
                "SIGTERM or SIGINT; SIGHUP loads settings and policies anew. Each setting of the "
                "file has a flag, and the flag wins.",
                {{"0", "it was told to end, and did"},
                 {"1", "a second signal ended it at once"},
                 {"78", "the file of settings, or what it sets, is wrong, or the clock is"}},
                {{"with settings in a file", "signet serve --config signet.yaml"},
                 {"outside a cluster, with files",
                  "signet serve --policy policies/ --listen 127.0.0.1:8443 --tls-cert tls.crt "
                  "--tls-key tls.key"}}});
  }

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
