#include "server/cli/flag_policy.hpp"

#include "core/base/limits.hpp"
#include "core/base/text.hpp"
#include "core/policy/loader.hpp"
#include "server/runtime/files.hpp"

namespace signet {
namespace {

Result<std::vector<Certificate>> certificates_in(const std::string& file) {
  auto text = read_file(file, kTrustPemBytes);
  if (!text) return text.error();
  auto certificates = parse_certificates(*text, kTrustRootCertificates);
  if (!certificates) return certificates.error().under(file);
  return certificates;
}

Result<CertificateAuthority> authority_from(const TrustFlags& flags) {
  CertificateAuthority authority;
  auto roots = certificates_in(flags.ca_roots.empty() ? flags.certificate_chain : flags.ca_roots);
  if (!roots) return roots.error();
  authority.anchors = std::move(*roots);
  if (flags.ca_roots.empty()) {
    // As cosign reads a chain: the last certificate is the root.
    authority.intermediates.assign(authority.anchors.begin(), authority.anchors.end() - 1);
    authority.anchors.erase(authority.anchors.begin(), authority.anchors.end() - 1);
  }
  if (!flags.ca_intermediates.empty()) {
    auto intermediates = certificates_in(flags.ca_intermediates);
    if (!intermediates) return intermediates.error();
    authority.intermediates = std::move(*intermediates);
  }
  return authority;
}

Result<TextPattern> pattern_from(const std::optional<std::string>& exact,
                                 const std::optional<std::string>& regexp, std::string_view flag) {
  if (exact) {
    if (exact->empty()) return malformed(cat(flag, " is empty"));
    return TextPattern::exact(*exact);
  }
  auto pattern = TextPattern::regexp(*regexp);
  if (!pattern) return pattern.error().under(cat(flag, "-regexp"));
  return pattern;
}

Result<CertificateRule> certificate_rule_from(const TrustFlags& flags) {
  auto subject = pattern_from(flags.identity, flags.identity_regexp, "--certificate-identity");
  if (!subject) return subject.error();
  auto issuer = pattern_from(flags.issuer, flags.issuer_regexp, "--certificate-oidc-issuer");
  if (!issuer) return issuer.error();
  auto authority = authority_from(flags);
  if (!authority) return authority.error();

  Trust trust;
  trust.authorities.push_back(std::move(*authority));
  CertificateRule rule;
  rule.trust = std::make_shared<const Trust>(std::move(trust));
  rule.identities.push_back(
      IdentityRule{std::move(*subject), SubjectType::any, std::move(*issuer), std::nullopt});
  return rule;
}

Result<KeyRule> key_rule_from(const TrustFlags& flags) {
  auto text = read_file(flags.key, kTrustPemBytes);
  if (!text) return text.error();
  auto key = PublicKey::from_pem(*text);
  if (!key) return key.error().under(flags.key);
  KeyRule rule;
  rule.keys.push_back(std::move(*key));
  return rule;
}

}  // namespace

Result<std::shared_ptr<const PolicySet>> policy_from_flags(const TrustFlags& flags) {
  Authority authority;
  authority.name = flags.key.empty() ? "certificate" : "key";
  authority.annotations = flags.annotations;
  if (flags.key.empty()) {
    auto rule = certificate_rule_from(flags);
    if (!rule) return rule.error();
    authority.rule = std::move(*rule);
  } else {
    auto rule = key_rule_from(flags);
    if (!rule) return rule.error();
    authority.rule = std::move(*rule);
  }
  auto everything = ImageGlob::parse("**");
  if (!everything) return everything.error();

  auto policy = std::make_shared<Policy>();
  policy->name = "command-line";
  policy->match.images.push_back(std::move(*everything));
  policy->authorities.push_back(std::move(authority));
  Loaded loaded;
  loaded.policies.push_back(std::move(policy));
  return std::make_shared<const PolicySet>(make_policy_set(std::move(loaded), NoMatch::deny));
}

}  // namespace signet
