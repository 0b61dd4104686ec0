// The commands with a handful of flags.

#include "server/cli/completion.hpp"
#include "server/cli/flags.hpp"

namespace signet {
namespace {

class InspectFlags final : public CommandFlags {
 public:
  explicit InspectFlags(CLI::App& parent)
      : CommandFlags(parent, "inspect", "Show every signature of an image") {
    command_.add_option("IMAGE", inspect_.image, "A reference, or oci:DIR for an image layout")
        ->required()
        ->type_name("IMAGE");
    add_timeout_flag(command_, inspect_.timeout);
    add_output_flag(command_, inspect_.output);
    add_registry_flags(command_, inspect_.registry);
    set_manual(command_,
               {"Shows what lies beside an image: every signature with its format, subject, "
                "issuer, chain, validity and payload. It trusts nothing: whether a signature "
                "counts is for `signet verify`. JSON is of the form signet.dev/inspect/v1 "
                "(tests/schema/inspect.schema.json).",
                {{"0", "at least one signature was found"},
                 {"1", "there is none"},
                 {"2", "something could not be read"}},
                {{"who signed it", "signet inspect example.com/web:1"},
                 {"with a login and a private CA",
                  "signet inspect --registry-config config.json --registry-ca ca.pem "
                  "example.com/web:1"}}});
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
    set_manual(command_,
               {"Makes a PKI, signs images into a layout, serves the webhook on loopback and asks "
                "it about six Pods, of which one may run. Needs no cluster, no registry and no "
                "network, and leaves nothing behind. JSON is of the form signet.dev/demo/v1 "
                "(tests/schema/demo.schema.json).",
                {{"0", "all six decisions are as they must be"}, {"1", "one is not"}},
                {{"see it work", "signet demo"},
                 {"keep it up and ask it yourself", "signet demo --keep"}}});
  }

  Command chosen() override { return demo_; }

 private:
  DemoCommand demo_;
};

// What completion of a shell needs to know is in the declarations of the whole program.
class CompletionFlags final : public CommandFlags {
 public:
  explicit CompletionFlags(CLI::App& parent)
      : CommandFlags(parent, "completion", "Print a script that completes commands in a shell"),
        program_(parent) {
    command_.add_option("SHELL", shell_, "The shell that the script is for")
        ->required()
        ->check(one_of({"bash", "zsh"}))
        ->type_name("bash|zsh");
    set_manual(command_,
               {"The script completes commands, flags, their words and the files they take. It "
                "needs nothing but the shell.",
                {{"0", "the script was printed"}},
                {{"for this bash", "source <(signet completion bash)"},
                 {"for every bash of a user",
                  "signet completion bash > ~/.local/share/bash-completion/completions/signet"},
                 {"for this zsh, after compinit", "source <(signet completion zsh)"},
                 {"for every zsh", "signet completion zsh > ~/.zfunc/_signet"}}});
  }

  Command chosen() override {
    return Exit{0, shell_ == "bash" ? bash_completion(program_) : zsh_completion(program_)};
  }

 private:
  const CLI::App& program_;
  std::string shell_;
};

}  // namespace

std::unique_ptr<CommandFlags> inspect_flags(CLI::App& parent) {
  return std::make_unique<InspectFlags>(parent);
}

std::unique_ptr<CommandFlags> demo_flags(CLI::App& parent) {
  return std::make_unique<DemoFlags>(parent);
}

std::unique_ptr<CommandFlags> completion_flags(CLI::App& parent) {
  return std::make_unique<CompletionFlags>(parent);
}

}  // namespace signet
