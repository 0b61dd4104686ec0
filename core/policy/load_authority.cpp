#include <algorithm>
#include <set>

#include "core/base/limits.hpp"
#include "core/base/text.hpp"
#include "core/policy/load_parts.hpp"

namespace signet {
namespace {

constexpr std::size_t kAuthorityNameBytes = 63;

CodeSigning load_code_signing(const Field& field) {
  return field.boolean().value_or(false) ? CodeSigning::required : CodeSigning::optional;
}

// The name of a TrustRoot; whether there is one is asked when every file was read.
std::string load_trust_root_ref(const Field& ref) {
  if (!ref.is_map_of({"name"})) return "";
  const Field name = ref["name"];
  if (!name.required("name a TrustRoot")) return "";
  auto text = name.text();
  if (!text) return "";
  Document& document = ref.document();
  const Issue place{document.file, name.place().line, name.place().column, name.path(), ""};
  document.uses.push_back({*text, place});
  return std::move(*text);
}

CertificateRule load_certificate(const Field& field) {
  CertificateRule rule;
  if (!field.is_map_of({"trustRootRef", "roots", "intermediates", "validFor", "crls", "revocation",
                        "chain", "identities", "requireCodeSigning"})) {
    return rule;
  }
  const Field ref = field["trustRootRef"];
  if (ref) {
    rule.trust_root = load_trust_root_ref(ref);
    for (const std::string_view name :
         {"roots", "intermediates", "validFor", "crls", "revocation", "chain"}) {
      if (field[name]) field[name].issue("belongs into the TrustRoot, for there is a trustRootRef");
    }
  } else if (field["roots"]) {
    rule.trust = load_inline_trust(field);
  } else {
    field.issue("needs trustRootRef or roots: whose certificates are trusted?");
  }
  if (field["identities"].required("say who may sign: a list of subject and issuer")) {
    rule.identities = load_identities(field["identities"]);
  }
  rule.code_signing = load_code_signing(field["requireCodeSigning"]);
  return rule;
}

KeyRule load_key(const Field& field) {
  KeyRule rule;
  const auto pem = load_contents(field, kPemBytes);
  if (!pem) return rule;
  auto key = PublicKey::from_pem(*pem);
  if (key) {
    rule.keys.push_back(std::move(*key));
  } else {
    field.issue(cat(key.error().what(), cure_of_pem(key.error(), *pem, "PUBLIC KEY")));
  }
  return rule;
}

std::vector<Digest> load_digests(const Field& field) {
  std::vector<Digest> digests;
  for (const Field& item : field.items(kStaticDigests)) {
    const auto text = item.text();
    if (!text) continue;
    const auto digest = Digest::parse(*text);
    if (digest) {
      digests.push_back(*digest);
    } else {
      item.issue(digest.error().what());
    }
  }
  return digests;
}

StaticRule load_static(const Field& field) {
  StaticRule rule;
  if (!field.is_map_of({"action", "digests", "message", "expires"})) return rule;
  if (field["action"].required("write allow or deny")) {
    const bool denies = field["action"].one_of({"allow", "deny"}) == 1;
    rule.action = denies ? StaticRule::Action::deny : StaticRule::Action::allow;
  }
  rule.digests = load_digests(field["digests"]);
  rule.message = load_message(field["message"]);
  rule.expires = field["expires"].time();
  if (rule.action == StaticRule::Action::deny && field["expires"]) {
    field["expires"].issue("ends an `allow` only; a `deny` stays until it is taken out");
  }
  return rule;
}

DelegateRule load_delegate(const Field& field, PolicyKind kind) {
  DelegateRule rule;
  if (kind != PolicyKind::cluster) {
    field.issue("stands in a ClusterTrustPolicy only; write `certificate` with the TrustRoot");
  }
  if (!field.is_map_of({"trustRootRefs", "identities", "requireCodeSigning"})) return rule;
  if (field["trustRootRefs"].required("name the TrustRoots that teams may use")) {
    for (const Field& ref : field["trustRootRefs"].items(kPatterns)) {
      rule.trust_roots.push_back(load_trust_root_ref(ref));
    }
  }
  if (field["identities"]) rule.identities = load_identities(field["identities"]);
  rule.code_signing = load_code_signing(field["requireCodeSigning"]);
  return rule;
}

void load_rule(const Field& field, PolicyKind kind, Authority& authority) {
  if (field["certificate"]) authority.rule = load_certificate(field["certificate"]);
  if (field["key"]) authority.rule = load_key(field["key"]);
  if (field["static"]) authority.rule = load_static(field["static"]);
  if (field["delegate"]) authority.rule = load_delegate(field["delegate"], kind);
  if (field["certificate"] || field["key"]) {
    load_signature_rules(field, authority);
  } else {
    refuse_signature_rules(field);
  }
}

std::string load_name(const Field& field, std::size_t index) {
  auto name = field.text();
  if (!name) return cat("authority-", std::to_string(index));
  const bool good =
      name->size() <= kAuthorityNameBytes && std::all_of(name->begin(), name->end(), [](char c) {
        return is_alnum(c) || c == '-' || c == '_' || c == '.';
      });
  if (!good) {
    field.issue(cat(quoted(*name, 80), " is not a name: at most ",
                    std::to_string(kAuthorityNameBytes), " letters, digits, `-`, `_` and `.`"));
  }
  return std::move(*name);
}

std::optional<Authority> load_authority(const Field& field, PolicyKind kind, std::size_t index) {
  if (!field.is_map_of({"name", "certificate", "key", "static", "delegate", "annotations",
                        "signatureRepository", "formats", "signedIdentity"})) {
    return std::nullopt;
  }
  Authority authority;
  authority.name = load_name(field["name"], index);
  const int rules = field["certificate"].present() + field["key"].present() +
                    field["static"].present() + field["delegate"].present();
  if (rules != 1) {
    field.issue(rules == 0 ? "needs one of certificate, key, static, delegate"
                           : "has more than one of certificate, key, static, delegate; make two "
                             "authorities of it");
  }
  load_rule(field, kind, authority);
  return authority;
}

}  // namespace

std::vector<Authority> load_authorities(const Field& field, PolicyKind kind) {
  std::vector<Authority> authorities;
  std::set<std::string> names;
  if (!field.required("name at least one authority")) return authorities;
  const std::vector<Field> items = field.items(kPatterns);
  for (std::size_t i = 0; i < items.size(); ++i) {
    auto authority = load_authority(items[i], kind, i);
    if (!authority) continue;
    if (!names.insert(authority->name).second) {
      items[i]["name"].issue(cat(quoted(authority->name), " is the name of another authority too"));
    }
    authorities.push_back(std::move(*authority));
  }
  return authorities;
}

}  // namespace signet
