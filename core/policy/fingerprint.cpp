#include "core/policy/fingerprint.hpp"

#include "core/base/text.hpp"

namespace signet {
namespace {

// Every value is written with its length before it, every list with its count, so that no two
// values have one text.
class Serial {
 public:
  void add(std::string_view value) { text_ += cat(std::to_string(value.size()), ":", value); }
  void add_number(std::size_t number) { add(std::to_string(number)); }
  template <class E>
  void add_enum(E value) {
    add_number(static_cast<std::size_t>(value));
  }
  void add_time(const std::optional<TimePoint>& at) { add(at ? format_time(*at) : ""); }
  void add_list(const std::vector<std::string>& list) {
    add_number(list.size());
    for (const std::string& entry : list)
      add(entry);
  }
  void add_map(const std::map<std::string, std::string>& map) {
    add_number(map.size());
    for (const auto& [key, value] : map) {
      add(key);
      add(value);
    }
  }
  std::string hash() const { return Digest::of(text_).hex_part(); }

 private:
  std::string text_;
};

void add(Serial& serial, const std::vector<Issue>& issues) {
  serial.add_number(issues.size());
  for (const Issue& issue : issues)
    serial.add(issue.str());
}

void add(Serial& serial, const std::vector<Certificate>& certificates) {
  serial.add_number(certificates.size());
  for (const Certificate& certificate : certificates)
    serial.add(certificate.der());
}

void add(Serial& serial, const Trust& trust) {
  serial.add_number(trust.authorities.size());
  for (const CertificateAuthority& authority : trust.authorities) {
    add(serial, authority.anchors);
    add(serial, authority.intermediates);
    serial.add_time(authority.valid_for.start);
    serial.add_time(authority.valid_for.end);
    serial.add_number(authority.crls.size());
    for (const Crl& crl : authority.crls)
      serial.add(crl.der());
    serial.add_list(authority.crl_urls);
  }
  serial.add_enum(trust.revocation);
  serial.add_number(trust.carried_intermediates ? 1 : 0);
  serial.add_number(trust.max_intermediates);
}

void add(Serial& serial, const std::optional<TextPattern>& pattern) {
  serial.add(!pattern ? "none" : pattern->is_regexp() ? "regexp" : "exact");
  serial.add(pattern ? pattern->text() : "");
}

void add(Serial& serial, const std::vector<IdentityRule>& rules) {
  serial.add_number(rules.size());
  for (const IdentityRule& rule : rules) {
    add(serial, std::optional(rule.subject));
    serial.add_enum(rule.subject_type);
    add(serial, rule.issuer);
    add(serial, rule.issuer_dn);
  }
}

// One overload for each kind of authority.
class RuleWriter {
 public:
  explicit RuleWriter(Serial& serial) : serial_(serial) {}

  void operator()(const CertificateRule& rule) const {
    serial_.add("certificate");
    serial_.add(rule.trust_root);
    serial_.add_number(rule.trust ? 1 : 0);
    if (rule.trust) add(serial_, *rule.trust);
    add(serial_, rule.identities);
    serial_.add_enum(rule.code_signing);
  }
  void operator()(const KeyRule& rule) const {
    serial_.add("key");
    serial_.add_number(rule.keys.size());
    for (const PublicKey& key : rule.keys)
      serial_.add(key.spki());
  }
  void operator()(const StaticRule& rule) const {
    serial_.add("static");
    serial_.add_enum(rule.action);
    serial_.add_number(rule.digests.size());
    for (const Digest& digest : rule.digests)
      serial_.add(digest.str());
    serial_.add(rule.message);
    serial_.add_time(rule.expires);
  }
  void operator()(const DelegateRule& rule) const {
    serial_.add("delegate");
    serial_.add_list(rule.trust_roots);
    add(serial_, rule.identities);
    serial_.add_enum(rule.code_signing);
  }

 private:
  Serial& serial_;
};

void add(Serial& serial, const Authority& authority) {
  serial.add(authority.name);
  std::visit(RuleWriter(serial), authority.rule);
  serial.add_map(authority.annotations);
  serial.add(authority.signature_repository ? authority.signature_repository->str() : "");
  serial.add_number(authority.formats.size());
  for (const SignatureFormat format : authority.formats)
    serial.add_enum(format);
  serial.add_enum(authority.signed_identity.match);
  serial.add(authority.signed_identity.prefix);
  serial.add(authority.signed_identity.signed_prefix);
}

void add(Serial& serial, const std::vector<ImageGlob>& globs) {
  serial.add_number(globs.size());
  for (const ImageGlob& glob : globs)
    serial.add(glob.text());
}

void add(Serial& serial, const std::optional<Selector>& selector) {
  serial.add_number(selector ? 1 : 0);
  if (!selector) return;
  serial.add_number(selector->expressions.size());
  for (const Selector::Expression& expression : selector->expressions) {
    serial.add(expression.key);
    serial.add_enum(expression.op);
    serial.add_list(expression.values);
  }
}

void add(Serial& serial, const Match& match) {
  add(serial, match.images);
  add(serial, match.exclude);
  serial.add_list(match.namespaces);
  add(serial, match.namespace_selector);
  add(serial, match.object_selector);
}

}  // namespace

std::string fingerprint_of(const TrustRoot& root) {
  Serial serial;
  serial.add("TrustRoot");
  serial.add(root.name);
  add(serial, root.trust);
  add(serial, root.issues);
  return serial.hash();
}

std::string fingerprint_of(const Policy& policy) {
  Serial serial;
  serial.add(policy.display_name());
  serial.add_enum(policy.mode);
  add(serial, policy.match);
  serial.add_number(policy.authorities.size());
  for (const Authority& authority : policy.authorities)
    add(serial, authority);
  serial.add_number(policy.threshold);
  serial.add_enum(policy.on_error);
  serial.add_number(policy.require_digest ? 1 : 0);
  serial.add(policy.message);
  add(serial, policy.issues);
  return serial.hash();
}

std::string fingerprint_of(const PolicySet& set) {
  Serial serial;
  serial.add("PolicySet");
  serial.add_enum(set.no_match);
  serial.add_number(set.dry_run ? 1 : 0);
  serial.add_number(set.policies.size());
  for (const auto& policy : set.policies)
    serial.add(policy->fingerprint);
  serial.add_number(set.trust_roots.size());
  for (const auto& [name, root] : set.trust_roots)
    serial.add(root->fingerprint);
  return serial.hash();
}

}  // namespace signet
