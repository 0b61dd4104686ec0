// Feeds DSSE envelopes: what is parsed is within its bounds, and its encoding ends in the payload.
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "core/base/limits.hpp"
#include "core/sigstore/dsse.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto json = signet::parse_json({reinterpret_cast<const char*>(data), size});
  if (!json || !json->is_object()) return 0;
  const auto envelope = signet::parse_envelope(*json);
  if (!envelope) return 0;

  const signet::Blob encoding =
      signet::pre_authentication_encoding(envelope->payload_type, envelope->payload);

  const std::size_t signature = envelope->signature.size();
  if (signature == 0 || signature > signet::kSignatureBytes) std::abort();
  if (!encoding.starts_with("DSSEv1 ") || !encoding.ends_with(envelope->payload)) std::abort();
  return 0;
}
