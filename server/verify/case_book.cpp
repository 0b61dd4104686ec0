#include "server/verify/case_book.hpp"

#include <algorithm>
#include <iterator>

#include "core/base/text.hpp"
#include "server/verify/registry_memory.hpp"

namespace signet {
namespace {

// What a plan wants of one repository.
struct Stop {
  Repository repository;
  bool own_credentials = true;
  bool bundles = false;
  bool legacy = false;
};

std::vector<Stop> stops_of(const Plan& plan) {
  std::vector<Stop> stops;
  for (const SignaturePlace& place : plan.places) {
    auto stop = std::find_if(stops.begin(), stops.end(), [&](const Stop& known) {
      return known.repository == place.repository && known.own_credentials == place.own_credentials;
    });
    if (stop == stops.end()) {
      stops.push_back(Stop{place.repository, place.own_credentials, false, false});
      stop = std::prev(stops.end());
    }
    (place.format == SignatureFormat::bundle ? stop->bundles : stop->legacy) = true;
  }
  return stops;
}

// Legacy signatures may hang at the image, too.
std::vector<Look> looks_of(const Plan& plan) {
  std::vector<Look> looks;
  for (const Stop& stop : stops_of(plan)) {
    looks.push_back(
        Look{stop.repository, stop.own_credentials, Shelf::referrers, stop.bundles, {}});
    if (!stop.legacy) continue;
    looks.push_back(Look{stop.repository, stop.own_credentials, Shelf::signature_tag, true, {}});
  }
  const auto& digest = plan.image.digest();
  if (!digest) return looks;
  for (Look& look : looks)
    look.key = search_key({look.repository, plan.image.repository(), *digest, {}}, look.shelf);
  return looks;
}

// The length keeps two pairs apart whatever an image's text holds: it was not parsed.
std::string key_of(const PolicySet& policies, const Workload& workload, std::string_view image) {
  return cat(std::to_string(image.size()), ":", image, workload_key(policies, workload));
}

}  // namespace

std::size_t VerdictKey::Hash::operator()(const VerdictKey& key) const {
  constexpr std::uint64_t kSpread = 0x9e3779b97f4a7c15;
  std::uint64_t hash = key.case_id * kSpread;
  for (const std::uint64_t part : key.evidence)
    hash = (hash ^ (hash >> 29) ^ part) * kSpread;
  return static_cast<std::size_t>(hash);
}

CaseBook::CaseBook(std::size_t plans, std::size_t verdicts, Metrics* metrics)
    : plans_(plans),
      verdicts_(verdicts),
      plan_counts_(metrics, "plan"),
      verdict_counts_(metrics, "verification") {}

// By identity, which no other set can have while this one is held.
void CaseBook::follow(const std::shared_ptr<const PolicySet>& policies) {
  if (policies_ == policies) return;
  plans_.clear();
  verdicts_.clear();
  policies_ = policies;
}

std::shared_ptr<const OpenCase> CaseBook::find_open(
    const std::shared_ptr<const PolicySet>& policies, const Workload& workload,
    std::string_view image) {
  follow(policies);
  const auto* const known = plans_.find(key_of(*policies_, workload, image), Deadline::min());
  if (known == nullptr) return nullptr;
  plan_counts_.asked("hit");
  return *known;
}

std::shared_ptr<const OpenCase> CaseBook::open(const std::shared_ptr<const PolicySet>& policies,
                                               const Workload& workload, const Reference& image) {
  if (auto known = find_open(policies, workload, image.original())) return known;
  plan_counts_.asked("miss");
  Plan plan = plan_for(policies_, workload, image);
  std::vector<Look> looks = looks_of(plan);
  auto made =
      std::make_shared<const OpenCase>(OpenCase{std::move(plan), std::move(looks), ++last_id_});
  plans_.put(key_of(*policies_, workload, image.original()), made, Deadline::max());
  plan_counts_.holds(plans_.size(), 0, plans_.evictions());
  return made;
}

std::optional<Judged> CaseBook::find(const VerdictKey& key, TimePoint now) {
  const Kept* const kept = verdicts_.find(key, now);
  if (kept == nullptr || now < kept->since) return std::nullopt;
  return kept->judged;
}

void CaseBook::keep(const VerdictKey& key, const Judged& judged, TimePoint now) {
  const TimePoint until = judged.verdict->stable_until.value_or(TimePoint::max());
  verdicts_.put(key, Kept{judged, now}, until);
  verdict_counts_.holds(verdicts_.size(), 0, verdicts_.evictions());
}

}  // namespace signet
