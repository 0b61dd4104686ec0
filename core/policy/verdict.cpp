#include "core/policy/verdict.hpp"

#include <algorithm>
#include <array>

namespace signet {

std::string_view name_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::pass:
      return "pass";
    case Outcome::fail:
      return "fail";
    case Outcome::unknown:
      return "unknown";
  }
  return "unknown";
}

std::string_view name_of(Effect effect) {
  switch (effect) {
    case Effect::none:
      return "none";
    case Effect::warn:
      return "warn";
    case Effect::deny:
      return "deny";
  }
  return "deny";
}

std::optional<TimePoint> earlier(std::optional<TimePoint> a, std::optional<TimePoint> b) {
  if (!a || !b) return a ? a : b;
  return std::min(*a, *b);
}

// In the order of the checks (rulings.md 4). Signatures that nobody looked at come last: then
// nobody knows what else there was.
int how_far(Reason reason) {
  constexpr std::array kOrder = {Reason::static_denied,
                                 Reason::no_signature,
                                 Reason::trust_root_missing,
                                 Reason::no_delegate,
                                 Reason::unsupported_format,
                                 Reason::limit_exceeded,
                                 Reason::key_mismatch,
                                 Reason::chain_untrusted,
                                 Reason::chain_expired,
                                 Reason::cert_profile,
                                 Reason::revoked,
                                 Reason::identity_mismatch,
                                 Reason::issuer_mismatch,
                                 Reason::signature_invalid,
                                 Reason::payload_mismatch,
                                 Reason::signed_identity_mismatch,
                                 Reason::annotation_mismatch,
                                 Reason::too_many_signatures};
  const auto found = std::find(kOrder.begin(), kOrder.end(), reason);
  return found == kOrder.end() ? 0 : static_cast<int>(found - kOrder.begin());
}

const PolicyFinding* decisive(const Verdict& verdict) {
  const auto weight = [](const PolicyFinding& finding) {
    if (finding.outcome == Outcome::pass) return 0;
    const int effect = finding.effect == Effect::deny ? 4 : finding.effect == Effect::warn ? 2 : 0;
    return 1 + effect + (finding.outcome == Outcome::fail ? 1 : 0);
  };
  const auto first = std::max_element(
      verdict.policies.begin(), verdict.policies.end(),
      [&](const PolicyFinding& a, const PolicyFinding& b) { return weight(a) < weight(b); });
  return first == verdict.policies.end() || weight(*first) == 0 ? nullptr : &*first;
}

Verdict failed_verdict(std::string image, Error error) {
  Verdict verdict;
  const bool refused = standing_of(error.reason()) == Standing::refused;
  verdict.outcome = refused ? Outcome::fail : Outcome::unknown;
  // An error never trusts anything.
  verdict.reason =
      standing_of(error.reason()) == Standing::trusted ? Reason::internal : error.reason();
  verdict.detail = error.what();
  verdict.image = std::move(image);
  return verdict;
}

}  // namespace signet
