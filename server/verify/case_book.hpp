#pragma once
// Plans and verdicts that were made already. Both are pure functions, and each is kept under all of
// its inputs, so that a memo never decides anything; what is kept of one policy set ends with it.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/policy/plan.hpp"
#include "core/policy/verdict.hpp"
#include "server/runtime/cache.hpp"
#include "server/runtime/cache_counts.hpp"
#include "server/verify/gatherer.hpp"

namespace signet {

// One look at a repository.
struct Look {
  Repository repository;
  bool own_credentials = true;
  Shelf shelf = Shelf::referrers;
  bool judges = true;  // its signatures count by themselves; else with those of the next look
  std::string key;     // of what is remembered of it; empty where the image is named by a tag
};

// One image of one kind of workload under one policy set, and the looks from evidence to evidence:
// by repository, bundles before legacy signatures.
struct OpenCase {
  Plan plan;
  std::vector<Look> looks;
  std::uint64_t id;
};

// What a verdict was made of: the evidence by the identity of its parts, in the order of the plan.
struct VerdictKey {
  std::uint64_t case_id = 0;
  std::optional<Digest> digest;
  std::vector<std::uint64_t> evidence;

  friend bool operator==(const VerdictKey&, const VerdictKey&) = default;
  struct Hash {
    std::size_t operator()(const VerdictKey& key) const;
  };
};

struct Judged {
  std::shared_ptr<const Verdict> verdict;
  bool wants_more = false;  // a place that was not searched could change it
};

class CaseBook {
 public:
  CaseBook(std::size_t plans, std::size_t verdicts, Metrics* metrics);

  std::shared_ptr<const OpenCase> open(const std::shared_ptr<const PolicySet>& policies,
                                       const Workload& workload, const Reference& image);
  // The same where it is open already, by the image as the user spells it; nullptr otherwise.
  std::shared_ptr<const OpenCase> find_open(const std::shared_ptr<const PolicySet>& policies,
                                            const Workload& workload, std::string_view image);

  // Nothing where it was not judged yet, or not for this moment.
  std::optional<Judged> find(const VerdictKey& key, TimePoint now);
  void keep(const VerdictKey& key, const Judged& judged, TimePoint now);

 private:
  struct Kept {
    Judged judged;
    TimePoint since;  // a clock that was put back is another moment
  };

  void follow(const std::shared_ptr<const PolicySet>& policies);

  std::shared_ptr<const PolicySet> policies_;  // what everything here was made of
  Cache<std::string, std::shared_ptr<const OpenCase>> plans_;
  Cache<VerdictKey, Kept, TimePoint, VerdictKey::Hash> verdicts_;
  CacheCounts plan_counts_;
  CacheCounts verdict_counts_;
  std::uint64_t last_id_ = 0;
};

}  // namespace signet
