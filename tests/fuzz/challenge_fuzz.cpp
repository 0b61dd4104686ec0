// Feeds WWW-Authenticate fields, one a line, to the challenge parser and its scopes to the scope
// rule.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "core/base/text.hpp"
#include "core/oci/challenge.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace signet;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (size > 64 * 1024) return 0;

  const auto challenges = parse_challenges(split(text, '\n'));
  if (challenges.size() > 8) std::abort();
  for (const Challenge& challenge : challenges) {
    if (challenge.scheme.empty() || challenge.parameters.size() > 16) std::abort();
    if (to_lower(challenge.scheme) != challenge.scheme) std::abort();
  }
  const AuthOffer offer = offer_of(challenges);
  for (const BearerChallenge& bearer : offer.bearer) {
    if (bearer.realm.empty()) std::abort();
    for (const std::string& scope : pull_scopes(bearer.scope, "a/b")) {
      // Never more than reading is asked for.
      const bool reads = scope.ends_with(":pull") || scope.find(':') == std::string::npos;
      if (!reads || scope.find(' ') != std::string::npos) std::abort();
    }
  }
  return 0;
}
