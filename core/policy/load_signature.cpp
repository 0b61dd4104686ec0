#include <algorithm>

#include "core/base/limits.hpp"
#include "core/base/text.hpp"
#include "core/oci/domain.hpp"
#include "core/policy/load_parts.hpp"

namespace signet {
namespace {

// `host` or `host/path` as canonical names spell it.
Result<std::string> canonical_prefix(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::string_view host = text.substr(0, slash);
  if (host != "localhost" && host.find_first_of(".:") == std::string_view::npos) {
    return malformed(cat(quoted(text, 120), " does not begin with a registry, such as quay.io"));
  }
  const auto domain = Domain::parse(host);
  if (!domain) return domain.error();
  if (slash == std::string_view::npos) return domain->canonical();
  const std::string_view path = text.substr(slash + 1);
  const auto checked = Repository::parse(cat("host.example/", path));
  if (!checked) return checked.error();
  return cat(domain->canonical(), "/", path);
}

// The repository prefix of `remap`, as canonical names spell it.
std::string load_prefix(const Field& field) {
  if (!field.required("remap needs prefix and signedPrefix")) return "";
  const auto text = field.text();
  if (!text) return "";
  const auto prefix = canonical_prefix(*text);
  if (prefix) return *prefix;
  field.issue(prefix.error().what());
  return "";
}

SignedIdentityRule load_signed_identity(const Field& field) {
  SignedIdentityRule rule;
  if (!field || !field.is_map_of({"match", "prefix", "signedPrefix"})) return rule;
  if (!field["match"].required("write any, repository, exact or remap")) return rule;
  const auto word = field["match"].one_of({"any", "repository", "exact", "remap"});
  if (!word) return rule;
  rule.match = static_cast<SignedIdentity>(*word);
  if (rule.match == SignedIdentity::remap) {
    rule.prefix = load_prefix(field["prefix"]);
    rule.signed_prefix = load_prefix(field["signedPrefix"]);
    return rule;
  }
  for (const std::string_view name : {"prefix", "signedPrefix"}) {
    if (field[name]) field[name].issue("belongs to `match: remap` only");
  }
  return rule;
}

std::vector<SignatureFormat> load_formats(const Field& field) {
  std::vector<SignatureFormat> formats;
  for (const Field& item : field.items(2)) {
    const auto word = item.one_of({"bundle", "legacy"});
    if (!word) continue;
    const auto format = static_cast<SignatureFormat>(*word);
    if (std::find(formats.begin(), formats.end(), format) != formats.end()) {
      item.issue("stands here twice; keep one");
    }
    formats.push_back(format);
  }
  return formats;
}

}  // namespace

void load_signature_rules(const Field& field, Authority& authority) {
  for (auto& [key, value] : field["annotations"].texts(kPatterns)) {
    authority.annotations.emplace(key, value);
  }
  if (const auto text = field["signatureRepository"].text()) {
    auto repository = Repository::parse(*text);
    if (repository) {
      authority.signature_repository = std::move(*repository);
    } else {
      field["signatureRepository"].issue(repository.error().what());
    }
  }
  if (field["formats"]) authority.formats = load_formats(field["formats"]);
  authority.signed_identity = load_signed_identity(field["signedIdentity"]);
}

void refuse_signature_rules(const Field& field) {
  for (const std::string_view name :
       {"annotations", "signatureRepository", "formats", "signedIdentity"}) {
    if (field[name]) field[name].issue("means nothing here: static and delegate read no signature");
  }
}

}  // namespace signet
