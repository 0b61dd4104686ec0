#pragma once
// One review while it is answered by either hook.

#include <functional>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/admission/self_test.hpp"
#include "server/web/webhook.hpp"

namespace signet {

struct Webhook::Asked {
  Asked(Webhook& webhook_, Review review_, Phase phase_)
      : webhook(webhook_),
        review(std::move(review_)),
        self_test(is_self_test(review)),
        phase(phase_),
        hook(hook_of(phase_, review)),
        id(webhook_.ids_.next()),
        policies(webhook_.policies_.get()),
        workload(webhook_.workload_of(review, policies.get())),
        in_flight(std::make_unique<GaugeHold>(webhook_.metrics_.in_flight, hook)) {
    ++webhook.get().reviews_;
  }
  Asked(Asked&& other) noexcept = default;
  ~Asked() {
    if (in_flight) --webhook.get().reviews_;
  }

  ReviewFile file() const { return ReviewFile{review, phase, hook, id, received, granted}; }

  std::reference_wrapper<Webhook> webhook;
  Review review;
  bool self_test;  // nothing is told of it but that a dry run came
  Phase phase;
  std::string_view hook;
  std::string id;
  std::shared_ptr<const PolicySet> policies;
  Workload workload;
  std::string labels_unknown;  // why the labels of its namespace are not known; empty: are
  std::unique_ptr<GaugeHold> in_flight;  // null after a move
  Deadline received{};
  std::chrono::milliseconds granted{};
  Deadline deadline{};   // of the answer
  Deadline work_ends{};  // of what is asked of the judge
};

// For each text the index of the first that is equal to it.
inline std::vector<std::size_t> firsts_among(const std::vector<std::string_view>& texts) {
  std::unordered_map<std::string_view, std::size_t> known;
  std::vector<std::size_t> firsts;
  firsts.reserve(texts.size());
  for (const std::string_view text : texts)
    firsts.push_back(known.try_emplace(text, firsts.size()).first->second);
  return firsts;
}

}  // namespace signet
