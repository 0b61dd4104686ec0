#include "server/cli/flags.hpp"

namespace signet {
namespace {

class PolicyImportFlags final : public CommandFlags {
 public:
  explicit PolicyImportFlags(CLI::App& parent)
      : CommandFlags(parent, "import", "Policies of other systems as Signet's") {
    command_
        .add_option("FILE", import_.input, "Their YAML, several documents or a list; - is stdin")
        ->required()
        ->type_name("FILE|-");
    command_.add_option("--output,-o", import_.output, "Write there instead of to stdout")
        ->type_name("FILE");
    command_.add_flag("--without-logs", import_.without_logs,
                      "Drop demands for transparency logs and SCTs instead of leaving out what has "
                      "one");
    set_manual(
        command_,
        {"Reads ClusterImagePolicy and TrustRoot of sigstore's policy-controller, verifyImages and "
         "ImageValidatingPolicy of Kyverno, ClusterImagePolicy and ImagePolicy of OpenShift. What "
         "a "
         "converted policy admits, the original would not have refused. What cannot be carried "
         "over "
         "stands in a comment beside its place and on stderr; a policy that would lose a demand is "
         "a comment from its first line to its last. The result loads without errors.",
         {{"0", "everything was carried over"},
          {"1", "something was not; stderr and the comments say what"}},
         {{"a file of theirs", "signet policy import theirs.yaml -o policies.yaml"},
          {"see what is risky in them", "signet policy lint policies.yaml"}}});
  }

  Command chosen() override { return import_; }

 private:
  PolicyImportCommand import_;
};

}  // namespace

std::unique_ptr<CommandFlags> policy_import_flags(CLI::App& parent) {
  return std::make_unique<PolicyImportFlags>(parent);
}

}  // namespace signet
