// Feeds a leaf and carried certificates (each with a length of two octets) to find_path() under an
// anchor that has signed none of them: no path may be found, whatever they say.
#include <cstdint>
#include <cstdlib>

#include "core/crypto/chain.hpp"
#include "core/crypto/issuer.hpp"

using namespace signet;

namespace {

constexpr TimePoint kAt{std::chrono::sys_days{std::chrono::year{2027} / 6 / 1}};

// A root whose private key is gone as soon as it is made.
Trust unreachable_trust() {
  const auto key = PrivateKey::generate();
  if (!key) std::abort();
  CertificateTemplate content;
  content.common_name = "Root";
  content.ca = true;
  content.not_before = kAt - std::chrono::days(1);
  content.not_after = kAt + std::chrono::days(1);
  auto root = issue(content, *key, {});
  if (!root) std::abort();
  Trust trust;
  trust.authorities.push_back({{std::move(*root)}, {}, {}, {}});
  return trust;
}

std::vector<Certificate> certificates_in(Bytes input) {
  std::vector<Certificate> all;
  while (input.size() > 2) {
    const std::size_t size =
        static_cast<unsigned char>(input[0]) * 256U + static_cast<unsigned char>(input[1]);
    auto certificate = Certificate::from_der(input.substr(2, size));
    if (certificate) all.push_back(std::move(*certificate));
    input.remove_prefix(std::min(input.size(), 2 + size));
  }
  return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const Trust trust = unreachable_trust();
  const auto all = certificates_in({reinterpret_cast<const char*>(data), size});
  if (all.empty()) return 0;
  const std::span<const Certificate> carried = std::span(all).subspan(1);
  const auto path = find_path(trust, all.front(), carried, CodeSigning::optional, kAt);
  if (path) std::abort();
  return 0;
}
