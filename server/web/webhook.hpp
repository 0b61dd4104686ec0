#pragma once
// /validate and /mutate: bytes -> core -> bytes. From the moment a uid is known the answer is HTTP
// 200 with `allowed`; whatever fails in between is "not allowed" from /validate and "unpatched"
// from /mutate (rulings.md 19).

#include <functional>
#include <memory>
#include <string>

#include "core/admission/response.hpp"
#include "core/policy/plan.hpp"
#include "server/runtime/log.hpp"
#include "server/runtime/metrics.hpp"
#include "server/runtime/snapshot.hpp"
#include "server/web/message.hpp"
#include "server/web/request_id.hpp"
#include "server/web/time_budget.hpp"

namespace signet {

// What the webhook asks of the verifier; both answer by the deadline.
struct Judge {
  std::function<Task<Verdict>(Reference, Workload, std::shared_ptr<const PolicySet>, Deadline)>
      verify;
  std::function<Task<Result<Digest>>(Reference, Deadline)> resolve;
};

struct WebhookSettings {
  Unpinned unpinned = Unpinned::deny;
  std::map<std::string, Labels> namespace_labels;
  TimeSettings time;
  std::size_t reviews = 4096;      // in flight; more are told to try another replica
  std::size_t images_at_once = 8;  // of one review
};

class Webhook {
 public:
  // `policies`, `metrics` and `log` outlive the webhook, and so does what `judge` refers to.
  Webhook(Judge judge, const Snapshot<PolicySet>& policies, WebhookSettings settings,
          Metrics& metrics, Log& log);
  Webhook(const Webhook&) = delete;
  Webhook& operator=(const Webhook&) = delete;

  Task<WebReply> validate(WebRequest request);
  Task<WebReply> mutate(WebRequest request);

 private:
  struct Asked;
  // Reads the review, or gives the answer that ends it.
  std::variant<Asked, WebReply> ask(WebRequest request, std::string_view phase);
  Task<Decision> judged(const Asked* asked);
  Task<std::vector<JudgedImage>> verdicts_for(const Asked* asked);
  Task<Decision> pinned(const Asked* asked);
  Task<std::vector<Pinning>> resolved(const Asked* asked, std::vector<PodImage> images);
  bool is_covered(const Asked& asked, const PodImage& image) const;
  void apply_unpinned_setting(const Asked& asked, std::vector<JudgedImage>& images);
  WebReply reply_with(const Asked& asked, const Decision& decision);
  void count(const Asked& asked, const Decision& decision);
  void count_images(const Asked& asked, const std::vector<JudgedImage>& images);
  Workload workload_of(const Review& review) const;

  Judge judge_;
  const Snapshot<PolicySet>& policies_;
  WebhookSettings settings_;
  Metrics& metrics_;
  Log& log_;
  RequestIds ids_;
  std::size_t reviews_ = 0;
};

}  // namespace signet
