#include "core/base/text.hpp"
#include "server/cli/flags.hpp"

namespace signet {
namespace {

std::string is_annotation(const std::string& text) {
  const auto at = text.find('=');
  const bool good = at != std::string::npos && at > 0;
  return good ? std::string() : cat(signet::quoted(text), " is not of the form KEY=VALUE");
}

void add_roots(CLI::App& command, TrustFlags& trust) {
  const FlagGroup group(command, "Whom to trust, without a policy file");
  const auto file = [&](const std::string& name, std::string& value, const std::string& about) {
    command.add_option(name, value, about)->type_name("FILE");
  };
  file("--ca-roots", trust.ca_roots, "PEM file of the Root CAs to trust");
  file("--ca-intermediates", trust.ca_intermediates,
       "PEM file of intermediates that signatures do not carry");
  file("--certificate-chain", trust.certificate_chain,
       "PEM file: the last certificate is the root, the others are intermediates");
  file("--key", trust.key, "PEM file of a public key, instead of certificates");
}

void add_identities(CLI::App& command, TrustFlags& trust, bool& ignored) {
  const FlagGroup group(command, "Who must have signed, without a policy file");
  command.add_option("--certificate-identity", trust.identity, "The subject that must have signed")
      ->type_name("SUBJECT");
  command
      .add_option("--certificate-identity-regexp", trust.identity_regexp,
                  "The same as a regular expression over the whole value")
      ->type_name("REGEXP");
  command
      .add_option("--certificate-oidc-issuer", trust.issuer,
                  "The issuer that the certificate must name")
      ->type_name("ISSUER");
  command
      .add_option("--certificate-oidc-issuer-regexp", trust.issuer_regexp,
                  "The same as a regular expression over the whole value")
      ->type_name("REGEXP");
  command
      .add_option_function<std::vector<std::string>>(
          "--annotations,-a",
          [&trust](const std::vector<std::string>& pairs) {
            for (const std::string& pair : pairs)
              trust.annotations.insert(halves(pair));
          },
          "What the signed payload must hold (repeatable)")
      ->check(CLI::Validator(is_annotation, ""))
      ->type_name("KEY=VALUE");
  // What cosign needs to leave its public logs alone; Signet asks for neither.
  command.add_flag("--insecure-ignore-tlog,--insecure-ignore-sct,--private-infrastructure", ignored,
                   "Accepted as cosign's lines have it; no log is asked for anyway");
}

void add_screen_flags(CLI::App& command, VerifyCommand& verify) {
  command.add_flag("--explain", verify.explain,
                   "Show everything that was looked at, and what to do; at most a screen an image");
  command.add_flag("--verbose", verify.verbose, "With --explain: all of it, however long");
  add_choice<ColourChoice>(
      command, "--color", verify.colour,
      {{"auto", ColourChoice::automatic},
       {"always", ColourChoice::always},
       {"never", ColourChoice::never}},
      "With --explain: colours; auto is on a terminal, unless NO_COLOR is set");
}

std::string conflict_in(const VerifyCommand& command) {
  const TrustFlags& trust = command.trust;
  if (command.verbose && !command.explain) return "--verbose needs --explain";
  if (command.explain && command.output == OutputForm::json) {
    return "--explain and --output json exclude each other: JSON always holds the whole tree";
  }
  if (!command.policies.empty() && trust.given()) {
    return "--policy and the flags for roots, keys, identities and annotations exclude each other";
  }
  if (!command.policies.empty()) return "";
  const bool roots = !trust.ca_roots.empty();
  const bool chain = !trust.certificate_chain.empty();
  const bool key = !trust.key.empty();
  const bool identities =
      trust.identity || trust.identity_regexp || trust.issuer || trust.issuer_regexp;
  if (!roots && !chain && !key) {
    return "nothing to trust: give --policy, --ca-roots, --certificate-chain or --key";
  }
  if (roots && chain) return "--ca-roots and --certificate-chain exclude each other";
  if (key && (roots || chain || !trust.ca_intermediates.empty() || identities)) {
    return "--key excludes roots, intermediates and identities: a bare key proves none of them";
  }
  if (key) return "";
  if (!trust.ca_intermediates.empty() && !roots) return "--ca-intermediates needs --ca-roots";
  if (trust.identity && trust.identity_regexp) {
    return "--certificate-identity and --certificate-identity-regexp exclude each other";
  }
  if (trust.issuer && trust.issuer_regexp) {
    return "--certificate-oidc-issuer and --certificate-oidc-issuer-regexp exclude each other";
  }
  if (!trust.identity && !trust.identity_regexp) {
    return "who must have signed? give --certificate-identity or --certificate-identity-regexp "
           "('.*' accepts anybody under the root)";
  }
  if (!trust.issuer && !trust.issuer_regexp) {
    return "give --certificate-oidc-issuer or --certificate-oidc-issuer-regexp ('.*' accepts any)";
  }
  return "";
}

class VerifyFlags final : public CommandFlags {
 public:
  explicit VerifyFlags(CLI::App& parent)
      : CommandFlags(parent, "verify", "Judge images and explain the verdict") {
    command_.add_option("IMAGE", verify_.images, "References, or oci:DIR for an image layout")
        ->required()
        ->type_name("IMAGE");
    command_.add_option("--policy", verify_.policies, "Policy file or directory (repeatable)")
        ->type_name("PATH");
    command_
        .add_option("--namespace,-n", verify_.ns,
                    "The namespace of the workload, \"default\" unless told")
        ->type_name("NAMESPACE");
    add_at_flag(command_, verify_.at);
    add_timeout_flag(command_, verify_.timeout);
    add_output_flag(command_, verify_.output);
    add_screen_flags(command_, verify_);
    add_roots(command_, verify_.trust);
    add_identities(command_, verify_.trust, ignored_);
    add_registry_flags(command_, verify_.registry);
    describe();
  }

  Command chosen() override {
    const std::string conflict = conflict_in(verify_);
    if (!conflict.empty()) return Exit{kExitUsage, cat("signet verify: ", conflict, "\n")};
    return verify_;
  }

 private:
  void describe() {
    set_manual(
        command_,
        {"Judges each image by policy files, or by roots and identities given as flags with the "
         "names that cosign has for them, and says why. A trusted image is told on standard "
         "output, any other on standard error; with --explain the whole tree of policies, "
         "authorities, signatures and steps goes to standard output. The worst image decides the "
         "exit code. JSON is of the form signet.dev/verify/v1 "
         "(tests/schema/verify.schema.json).",
         {{"0", "every image is trusted"},
          {"1", "an image is not trusted"},
          {"2", "an image could not be checked"},
          {"78", "the clock is behind the program; set it, or give --at"}},
         {{"by the policies of a directory", "signet verify --policy policies/ example.com/web:1"},
          {"why exactly, on one screen",
           "signet verify --explain --policy policy.yaml example.com/web:1"},
          {"as cosign is called, under your own root",
           "signet verify --ca-roots root.pem --certificate-identity team-a@example.com "
           "--certificate-oidc-issuer https://example.com example.com/web:1"},
          {"with a key, from a layout on disk", "signet verify --key cosign.pub oci:web-layout"},
          {"for a program, as of a later day",
           "signet verify --policy policy.yaml --at 2027-06-01T00:00:00Z -o json "
           "example.com/web:1"}}});
  }

  VerifyCommand verify_;
  bool ignored_ = false;
};

}  // namespace

std::unique_ptr<CommandFlags> verify_flags(CLI::App& parent) {
  return std::make_unique<VerifyFlags>(parent);
}

}  // namespace signet
