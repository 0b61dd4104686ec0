#pragma once
// Verdicts -> one answer to one review. The strictest verdict wins; a definite refusal is said
// before a "could not check", so that a retry is only suggested where it can help.

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/admission/review.hpp"
#include "core/policy/verdict.hpp"

namespace signet {

// A verdict that others may hold, too: it is changed in a copy.
class SharedVerdict {
 public:
  SharedVerdict() : verdict_(std::make_shared<const Verdict>()) {}
  SharedVerdict(Verdict verdict) : verdict_(std::make_shared<const Verdict>(std::move(verdict))) {}
  // Not null.
  SharedVerdict(std::shared_ptr<const Verdict> verdict) : verdict_(std::move(verdict)) {}

  const Verdict& operator*() const { return *verdict_; }
  const Verdict* operator->() const { return verdict_.get(); }
  Verdict& edit() {
    auto copy = std::make_shared<Verdict>(*verdict_);
    verdict_ = copy;
    return *copy;
  }

 private:
  std::shared_ptr<const Verdict> verdict_;
};

struct JudgedImage {
  PodImage image;
  SharedVerdict verdict;
  bool remembered = false;             // the verdict was there before the review
  std::optional<TimePoint> ends_soon;  // of the certificates that let it in
};

// Marks an admitted image whose certificates end within `warn_before` from `now`, so that the day
// they end surprises nobody.
void foresee_end(JudgedImage& judged, TimePoint now, std::chrono::seconds warn_before);

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
  std::string patch;  // JSON Patch text; only ever set for /mutate
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

}  // namespace signet
