#include "core/sigstore/dsse.hpp"

#include <nlohmann/json.hpp>

#include "core/base/text.hpp"
#include "core/sigstore/fields.hpp"

namespace signet {
namespace {

// The one signature; several would make "who signed" a matter of opinion (verification.md B17).
Result<Blob> only_signature(const Json& envelope) {
  const auto signatures = array_member(envelope, "signatures");
  if (!signatures) return signatures.error();
  if ((*signatures)->size() != 1) {
    return malformed(cat("exactly one DSSE signature is wanted, there are ",
                         std::to_string((*signatures)->size())));
  }
  const Json& signature = (*signatures)->front();
  if (!signature.is_object()) return malformed("the DSSE signature is no object");
  const auto known = only_members(signature, {"sig", "keyid"});
  if (!known) return known.error();
  const Json* const keyid = find_member(signature, "keyid");
  if (keyid != nullptr && !keyid->is_string()) return malformed("keyid is no string");
  const auto text = string_member(signature, "sig");
  if (!text) return text.error();
  auto bytes = decode_base64(*text, Base64::any, kSignatureBytes);
  if (!bytes) return bytes.error().under("sig");
  if (bytes->empty()) return malformed("the signature is empty");
  return bytes;
}

}  // namespace

Result<Envelope> parse_envelope(const Json& json) {
  const auto known = only_members(json, {"payload", "payloadType", "signatures"});
  if (!known) return known.error();
  auto type = string_member(json, "payloadType");
  if (!type) return type.error();
  const auto text = string_member(json, "payload");
  if (!text) return text.error();
  auto payload = decode_base64(*text, Base64::any, kBundleBytes);
  if (!payload) return payload.error().under("payload");
  auto signature = only_signature(json);
  if (!signature) return signature.error();
  return Envelope{std::move(*type), std::move(*payload), std::move(*signature)};
}

Blob pre_authentication_encoding(std::string_view payload_type, Bytes payload) {
  return cat("DSSEv1 ", std::to_string(payload_type.size()), " ", payload_type, " ",
             std::to_string(payload.size()), " ", payload);
}

}  // namespace signet
