#pragma once
// /validate and /mutate: bytes -> core -> bytes. From the moment a uid is known the answer is HTTP
// 200 with `allowed`; whatever fails in between is "not allowed" from /validate and "unpatched"
// from /mutate (rulings.md 19).

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/admission/pinning.hpp"
#include "core/admission/response.hpp"
#include "core/policy/plan.hpp"
#include "server/runtime/log.hpp"
#include "server/runtime/metrics.hpp"
#include "server/runtime/sessions.hpp"
#include "server/runtime/snapshot.hpp"
#include "server/web/message.hpp"
#include "server/web/request_id.hpp"
#include "server/web/review_record.hpp"
#include "server/web/time_budget.hpp"

namespace signet {

// What the webhook asks of the verifier. The first two answer by the deadline.
struct Judge {
  using Policies = std::shared_ptr<const PolicySet>;

  std::function<Task<Verdict>(Reference, Workload, Policies, Deadline)> verify;
  std::function<Task<Result<Digest>>(Reference, Workload, Deadline)> resolve;
  // The rest may be empty.
  // Starts what verify() will ask for, and waits for nothing; the work bounds itself.
  std::function<void(Reference, Workload, Policies)> begin;
  // What is remembered and holds at this moment, without a wait; nothing where it must be asked
  // for.
  std::function<std::shared_ptr<const Verdict>(std::string_view, const Workload&, const Policies&)>
      recall;
  std::function<std::optional<Digest>(const Reference&, const Workload&)> recall_digest;
  // Whether an image is judged at all: what no policy covers is denied unseen (policy.md 6).
  std::function<bool(const Reference&, const Workload&, const Policies&)> covers;
  // Those labels of a namespace that the keys name: what is known at this moment, or what must be
  // asked for first and may not be known at all.
  using LabelKeyList = std::vector<std::string>;
  std::function<std::optional<Labels>(std::string_view, const LabelKeyList&)> known_labels;
  std::function<Task<Result<Labels>>(std::string, LabelKeyList, Deadline)> namespace_labels;
  Clock now;  // of verdicts; empty: no end of a certificate is foreseen
};

struct WebhookSettings {
  Unpinned unpinned = Unpinned::deny;
  Reverify reverify = Reverify::none;
  PinSettings pin;
  std::vector<ExtraResource> extra_resources;
  std::map<std::string, Labels> namespace_labels;
  std::chrono::seconds warn_before = std::chrono::days(30);  // the end of a certificate
  TimeSettings time;
  std::size_t reviews = 4096;       // in flight; more are told to try another replica
  std::size_t images_at_once = 16;  // of one review: all connections of one registry
};

class Webhook {
 public:
  // `policies`, `metrics` and `log` outlive the webhook, and so does what `judge` refers to.
  Webhook(Judge judge, const Snapshot<PolicySet>& policies, WebhookSettings settings,
          Metrics& metrics, Log& log);
  Webhook(const Webhook&) = delete;
  Webhook& operator=(const Webhook&) = delete;

  // Who else is told of each review that /validate judged.
  void tell(ReviewLog::Listener listener) { record_.tell(std::move(listener)); }

  const Snapshot<PolicySet>& policies() const { return policies_; }

  Task<WebReply> validate(WebRequest request);
  Task<WebReply> mutate(WebRequest request);

  // Joins the work that reviews left behind at their deadlines, and cancels it at this one. No
  // request may come any more.
  Task<void> stop(Deadline deadline);

 private:
  struct Asked;
  // Reads the review, or gives the answer that ends it.
  std::variant<Asked, WebReply> ask(WebRequest request, Phase phase);
  bool lacks_labels(const Asked& asked) const;
  Task<void> ask_for_labels(Asked* asked);
  Task<WebReply> judged(const Asked* asked);
  Task<std::vector<JudgedImage>> verdicts_for(const Asked* asked);
  struct Question;
  // Answers what needs no wait.
  bool answer_at_once(const Asked& asked, const std::string& image, Question& question) const;
  Task<void> answer_rest(const Asked* asked, std::vector<Question>* questions);
  void apply_settings(const Asked& asked, JudgedImage& image);
  Task<Decision> pinned(const Asked* asked);
  struct Tag;
  std::vector<Tag> tags_of(const Asked& asked, std::vector<PinCandidate> candidates);
  Task<void> resolve(const Asked* asked, std::vector<Tag>* tags);
  Pinning pin_to(const Asked& asked, const Tag& tag);
  void begin(const Asked& asked, const std::string& pinned) const;
  bool is_covered(const Asked& asked, const Reference& reference) const;
  WebReply reply_with(const Asked& asked, const Decision& decision,
                      std::span<const JudgedImage> images);
  Workload workload_of(const Review& review, const PolicySet* policies) const;
  std::optional<Labels> labels_of(const std::string& ns, const PolicySet* policies) const;
  Sessions* errands(const asio::any_io_executor& executor);

  Judge judge_;
  const Snapshot<PolicySet>& policies_;
  WebhookSettings settings_;
  Metrics& metrics_;
  Log& log_;
  ReviewLog record_;
  ReviewScratch scratch_;
  RequestIds ids_;
  std::size_t reviews_ = 0;
  std::optional<Sessions> errands_;  // made with the first
};

}  // namespace signet
