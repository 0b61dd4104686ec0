// The rotation of the self-managed CA: which step comes next, and what each of them changes.

#include <algorithm>

#include "server/kube/ca_secret.hpp"

namespace signet {
namespace {

constexpr std::chrono::hours kAfterLastLeaf{24};

bool is_two_thirds_over(const Certificate& certificate, TimePoint now) {
  const TimePoint made = certificate.not_before() + kServingBackdated;
  return now >= made + (certificate.not_after() - made) * 2 / 3;
}

CaStep step_with_next(const CaSecret& secret, const ServiceNames& names, const CaTimes& times,
                      TimePoint now) {
  if (!is_usable(*secret.next, names, now)) return CaStep::add_next;
  // A moment to come was written by a clock that was wrong.
  if (!secret.published || *secret.published > now) return CaStep::mark_published;
  // Where nothing can be signed any more there is nothing to wait for.
  if (!is_usable(secret.current, names, now)) return CaStep::promote;
  return now >= *secret.published + times.propagation_delay ? CaStep::promote : CaStep::none;
}

void keep_what_serves(std::vector<Certificate>& bundle, TimePoint now) {
  const auto ended = [now](const Certificate& one) { return one.not_after() < now; };
  bundle.erase(std::remove_if(bundle.begin(), bundle.end(), ended), bundle.end());
}

// First, so that it is not what a full bundle leaves out.
void trust_first(std::vector<Certificate>& bundle, const Certificate& certificate) {
  std::erase(bundle, certificate);
  bundle.insert(bundle.begin(), certificate);
}

}  // namespace

bool is_usable(const ServingAuthority& authority, const ServiceNames& names, TimePoint now) {
  return now < authority.certificate.not_after() && is_authority_for(authority.certificate, names);
}

CaStep next_step(const CaView& view, const ServiceNames& names, const CaTimes& times,
                 TimePoint now) {
  const CaSecret& secret = view.secret;
  if (!view.in_sync) return CaStep::publish;
  if (secret.next) return step_with_next(secret, names, times, now);
  if (secret.asked || is_two_thirds_over(secret.current.certificate, now) ||
      !is_usable(secret.current, names, now)) {
    return CaStep::add_next;
  }
  if (secret.bundle.size() < 2) return CaStep::none;
  if (!secret.promoted || *secret.promoted > now) return CaStep::mark_promoted;
  return now >= *secret.promoted + times.leaf_validity + kAfterLastLeaf ? CaStep::drop_old
                                                                        : CaStep::none;
}

CaSecret after_step(CaStep step, CaSecret secret, std::optional<ServingAuthority> fresh,
                    TimePoint now) {
  switch (step) {
    case CaStep::none:
    case CaStep::publish:
      break;
    case CaStep::add_next:
      if (secret.next) std::erase(secret.bundle, secret.next->certificate);
      secret.next = std::move(fresh);
      secret.published.reset();
      secret.asked = false;
      trust_first(secret.bundle, secret.next->certificate);
      trust_first(secret.bundle, secret.current.certificate);
      break;
    case CaStep::mark_published:
      secret.published = now;
      break;
    case CaStep::promote:
      secret.current = std::move(*secret.next);
      secret.next.reset();
      secret.published.reset();
      secret.promoted = now;
      keep_what_serves(secret.bundle, now);
      trust_first(secret.bundle, secret.current.certificate);
      break;
    case CaStep::mark_promoted:
      secret.promoted = now;
      break;
    case CaStep::drop_old:
      secret.bundle = {secret.current.certificate};
      secret.promoted.reset();
      break;
  }
  return secret;
}

}  // namespace signet
