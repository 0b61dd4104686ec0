#include "core/base/text.hpp"
#include "server/cli/flags.hpp"

namespace signet {
namespace {

std::string is_annotation(const std::string& text) {
  const auto at = text.find('=');
  const bool good = at != std::string::npos && at > 0;
  return good ? std::string() : cat(signet::quoted(text), " is not of the form KEY=VALUE");
}

void add_trust_flags(CLI::App& command, TrustFlags& trust, bool& ignored) {
  command.add_option("--ca-roots", trust.ca_roots, "PEM file of the Root CAs to trust");
  command.add_option("--ca-intermediates", trust.ca_intermediates,
                     "PEM file of intermediates that signatures do not carry");
  command.add_option("--certificate-chain", trust.certificate_chain,
                     "PEM file: the last certificate is the root, the others are intermediates");
  command.add_option("--key", trust.key, "PEM file of a public key, instead of certificates");
  command.add_option("--certificate-identity", trust.identity, "The subject that must have signed");
  command.add_option("--certificate-identity-regexp", trust.identity_regexp,
                     "The same as a regular expression over the whole value");
  command.add_option("--certificate-oidc-issuer", trust.issuer, "The issuer the leaf must name");
  command.add_option("--certificate-oidc-issuer-regexp", trust.issuer_regexp,
                     "The same as a regular expression over the whole value");
  command
      .add_option_function<std::vector<std::string>>(
          "--annotations,-a",
          [&trust](const std::vector<std::string>& pairs) {
            for (const std::string& pair : pairs)
              trust.annotations.insert(halves(pair));
          },
          "KEY=VALUE that the signed payload must hold (repeatable)")
      ->check(CLI::Validator(is_annotation, ""));
  // What cosign needs to leave its public logs alone; Signet asks for neither.
  command.add_flag("--insecure-ignore-tlog,--insecure-ignore-sct,--private-infrastructure", ignored,
                   "Accepted as cosign's lines have it; no log is asked for anyway");
}

std::string conflict_in(const VerifyCommand& command) {
  const TrustFlags& trust = command.trust;
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
    command_.add_option("IMAGE", verify_.images, "References, or oci:DIR")->required();
    command_.add_option("--policy", verify_.policies, "Policy file or directory (repeatable)");
    command_.add_option("--namespace,-n", verify_.ns, "The namespace of the workload");
    add_trust_flags(command_, verify_.trust, ignored_);
    add_registry_flags(command_, verify_.registry);
    add_at_flag(command_, verify_.at);
    add_timeout_flag(command_, verify_.timeout);
    add_output_flag(command_, verify_.output);
  }

  Command chosen() override {
    const std::string conflict = conflict_in(verify_);
    if (!conflict.empty()) return Exit{kExitUsage, cat("signet verify: ", conflict, "\n")};
    return verify_;
  }

 private:
  VerifyCommand verify_;
  bool ignored_ = false;
};

}  // namespace

std::unique_ptr<CommandFlags> verify_flags(CLI::App& parent) {
  return std::make_unique<VerifyFlags>(parent);
}

}  // namespace signet
