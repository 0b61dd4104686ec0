#include "core/sigstore/bundle.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "core/sigstore/fields.hpp"

namespace signet {
namespace {

bool is_readable_version(char minor) {
  return minor >= '1' && minor <= '3';
}

// Spellings (verification.md G.2): "...bundle+json;version=0.3", "...bundle.v0.3+json" and the
// latter with a patch number.
bool is_bundle_type(std::string_view type) {
  constexpr std::string_view kOld = "application/vnd.dev.sigstore.bundle+json;version=0.";
  constexpr std::string_view kNew = "application/vnd.dev.sigstore.bundle.v0.";
  constexpr std::string_view kEnd = "+json";
  if (type.starts_with(kOld)) {
    return type.size() == kOld.size() + 1 && is_readable_version(type.back());
  }
  if (!type.starts_with(kNew) || !type.ends_with(kEnd)) return false;
  if (type.size() < kNew.size() + 1 + kEnd.size()) return false;
  std::string_view version = type.substr(kNew.size());
  version.remove_suffix(kEnd.size());
  if (!is_readable_version(version.front())) return false;
  version.remove_prefix(1);
  return version.empty() || (version.front() == '.' && parse_number(version.substr(1)));
}

Result<std::string> raw_bytes(const Json& certificate) {
  if (!certificate.is_object()) return malformed("a certificate is no object");
  const auto known = only_members(certificate, {"rawBytes"});
  if (!known) return known.error();
  return string_member(certificate, "rawBytes");
}

Result<std::vector<std::string>> chain_of(const Json& chain) {
  const auto known = only_members(chain, {"certificates"});
  if (!known) return known.error();
  const auto list = array_member(chain, "certificates");
  if (!list) return list.error();
  if ((*list)->empty()) return malformed("x509CertificateChain is empty");
  if ((*list)->size() > kCertificates) {
    return too_large(cat("more than ", std::to_string(kCertificates), " certificates"));
  }
  std::vector<std::string> certificates;
  for (const Json& certificate : **list) {
    auto bytes = raw_bytes(certificate);
    if (!bytes) return bytes.error();
    certificates.push_back(std::move(*bytes));
  }
  return certificates;
}

// The hint names a key for those who hold several; it is not signed and proves nothing.
Result<void> check_public_key(const Json& key) {
  if (!key.is_object()) return malformed("publicKey is no object");
  const auto known = only_members(key, {"hint"});
  if (!known) return known.error();
  const Json* const hint = find_member(key, "hint");
  if (hint != nullptr && !hint->is_string()) return malformed("hint is no string");
  return {};
}

Result<std::vector<std::string>> certificates_of(const Json& material) {
  const auto known = only_members(material, {"certificate", "x509CertificateChain", "publicKey",
                                             "tlogEntries", "timestampVerificationData"});
  if (!known) return known.error();
  const Json* const certificate = find_member(material, "certificate");
  const Json* const chain = find_member(material, "x509CertificateChain");
  const Json* const key = find_member(material, "publicKey");
  if ((certificate != nullptr) + (chain != nullptr) + (key != nullptr) != 1) {
    return malformed("exactly one of certificate, x509CertificateChain and publicKey is wanted");
  }
  if (chain != nullptr) {
    if (!chain->is_object()) return malformed("x509CertificateChain is no object");
    return chain_of(*chain);
  }
  if (key != nullptr) {
    const auto sound = check_public_key(*key);
    if (!sound) return sound.error();
    return std::vector<std::string>();
  }
  auto leaf = raw_bytes(*certificate);
  if (!leaf) return leaf.error();
  return std::vector<std::string>{std::move(*leaf)};
}

Result<Envelope> envelope_of(const Json& bundle) {
  const Json* const message = find_member(bundle, "messageSignature");
  const Json* const envelope = find_member(bundle, "dsseEnvelope");
  if ((message != nullptr) + (envelope != nullptr) != 1) {
    return malformed("exactly one of dsseEnvelope and messageSignature is wanted");
  }
  if (message != nullptr) {
    return Error(Reason::unsupported_format,
                 "a message signature, not the DSSE envelope that `cosign sign` writes");
  }
  if (!envelope->is_object()) return malformed("dsseEnvelope is no object");
  return parse_envelope(*envelope);
}

}  // namespace

Result<Bundle> parse_bundle(Bytes content) {
  const auto json = parse_json(content, {kBundleBytes, kJsonDepth});
  if (!json) return json.error();
  if (!json->is_object()) return malformed("the bundle is no JSON object");
  const auto type = string_member(*json, "mediaType");
  if (!type) return type.error();
  if (!is_bundle_type(*type)) {
    return Error(Reason::unsupported_format, cat("media type ", signet::quoted(*type, 80),
                                                 ", not a bundle of version 0.1 to 0.3"));
  }
  const auto known = only_members(
      *json, {"mediaType", "verificationMaterial", "messageSignature", "dsseEnvelope"});
  if (!known) return known.error();
  const auto material = object_member(*json, "verificationMaterial");
  if (!material) return material.error();
  auto certificates = certificates_of(**material);
  if (!certificates) return certificates.error();
  auto envelope = envelope_of(*json);
  if (!envelope) return envelope.error();
  return Bundle{std::move(*certificates), std::move(*envelope)};
}

}  // namespace signet
