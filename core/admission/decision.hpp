#pragma once
// Verdicts -> one answer to one review. The strictest verdict wins; a definite refusal is said
// before a "could not check", so that a retry is only suggested where it can help.

#include <map>
#include <span>
#include <string>
#include <vector>

#include "core/admission/review.hpp"
#include "core/policy/verdict.hpp"

namespace signet {

struct JudgedImage {
  PodImage image;
  Verdict verdict;
};

// One word for the audit annotation and the metric.
enum class DecisionWord { allow, deny, warn, audit, skip, error };
std::string_view name_of(DecisionWord word);

struct Cause {
  std::string field;
  std::string message;
};

struct Decision {
  DecisionWord word = DecisionWord::error;
  bool allowed = false;
  Reason reason = Reason::internal;
  std::string message;        // of a denial
  std::vector<Cause> causes;  // of a denial
  std::vector<std::string> warnings;
  std::map<std::string, std::string> audit;
  std::string patch;  // JSON Patch text; only ever set by pin()
};

// The answer of /validate. A review with a problem is denied whatever `images` says.
Decision decide(const Review& review, std::span<const JudgedImage> images,
                const std::string& request_id);

// What becomes of an image of a Pod that was judged by its tag (rulings.md 20).
enum class Unpinned { deny, warn, allow };
// Whether the setting speaks about this image: of a Pod, without digest, its tag resolved, covered
// by an enforcing policy with an authority that is not static.
bool is_unpinned(const Review& review, const JudgedImage& judged);
void apply_unpinned(Unpinned setting, JudgedImage& judged);

// What /mutate learned about one image that it may pin.
struct Pinning {
  PodImage image;
  std::string pinned;  // empty: could not be resolved
  std::string why;     // then: one sentence
};
// Images of this review that the mutating hook may touch (webhook.md B.6): of Pods, new or changed,
// without digest; on the ephemeralcontainers subresource only those that are new.
std::vector<PodImage> pinnable(const Review& review);
// The answer of /mutate: never a denial, for it gives no verdict.
Decision pin(std::span<const Pinning> pinnings);

}  // namespace signet
