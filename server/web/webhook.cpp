#include "server/web/webhook.hpp"

#include "core/base/text.hpp"
#include "server/web/asked.hpp"
#include "server/web/fan_out.hpp"

namespace signet {

// One distinct reference of a review.
struct Webhook::Question {
  std::shared_ptr<const Verdict> known;  // remembered
  std::optional<Reference> reference;    // to be verified
  std::optional<Verdict> verdict;
};

namespace {

// The verifier answers by its deadline and says what it was waiting for; this is for its answer to
// arrive.
constexpr std::chrono::milliseconds kGrace{50};
constexpr std::size_t kErrands = 65536;  // 16 images of each of 4,096 reviews

Decision failed_decision(const Review& review, const std::string& id, const std::string& what) {
  Review broken = review;
  broken.problem = Error(Reason::internal, what);
  return decide(broken, {}, id);
}

Decision unpatched(const std::string& id) {
  Decision decision;
  decision.allowed = true;
  decision.reason = Reason::internal;
  decision.warnings = {"images were not pinned to digests: internal error, request id " + id};
  return decision;
}

Error late() {
  return {Reason::deadline,
          "the time that the API server grants ended before the image was checked; try again"};
}

Error broken() {
  return {Reason::internal, "an internal error"};
}

}  // namespace

Webhook::Webhook(Judge judge, const Snapshot<PolicySet>& policies, WebhookSettings settings,
                 Metrics& metrics, Log& log)
    : judge_(std::move(judge)),
      policies_(policies),
      settings_(std::move(settings)),
      metrics_(metrics),
      log_(log),
      record_(log, settings_.pin.format) {}

std::variant<Webhook::Asked, WebReply> Webhook::ask(WebRequest request, Phase phase) {
  if (reviews_ >= settings_.reviews) {
    metrics_.shed.add({"queue_full"});
    WebReply reply = WebReply::text(503, "too many reviews in progress\n");
    reply.retry_after = true;
    reply.close = true;
    return reply;
  }
  const auto policies = policies_.get();
  ReviewRules rules;
  // An unchanged image is never pinned, so the mutating hook never looks at one.
  if (phase == Phase::validate) rules.reverify = settings_.reverify;
  rules.extra = settings_.extra_resources;
  if (policies) rules.labels = &policies->label_keys.of_object;
  // `request` ends here, and with it the body and its part of the budget.
  auto review = parse_review(request.body, rules, &scratch_);
  if (!review) {
    metrics_.malformed.add({fault_of(review.error())});
    record_.unreadable(phase, review.error());
    return WebReply::text(400, printable(review.error().what()) + "\n");
  }
  Asked asked(*this, std::move(*review), phase);
  if (!asked.self_test) {
    metrics_.request_body_bytes.observe({asked.hook}, static_cast<double>(request.body.size()));
  }
  asked.received = request.received;
  asked.granted = granted_time(request.query, settings_.time);
  asked.deadline = request.received + work_time(asked.granted, settings_.time);
  asked.work_ends = asked.deadline - kGrace;
  return asked;
}

Task<WebReply> Webhook::validate(WebRequest request) {
  auto question = ask(std::move(request), Phase::validate);
  if (auto* reply = std::get_if<WebReply>(&question)) co_return std::move(*reply);
  Asked& asked = std::get<Asked>(question);
  std::string thrown = "unknown exception";
  try {
    if (lacks_labels(asked)) co_await ask_for_labels(&asked);
    WebReply reply = co_await judged(&asked);
    co_return reply;
  } catch (const std::exception& failure) {
    thrown = failure.what();
  } catch (...) {
  }
  record_.threw(asked.id, thrown);
  co_return reply_with(asked, failed_decision(asked.review, asked.id, "an internal error"), {});
}

Task<WebReply> Webhook::mutate(WebRequest request) {
  auto question = ask(std::move(request), Phase::mutate);
  if (auto* reply = std::get_if<WebReply>(&question)) co_return std::move(*reply);
  Asked& asked = std::get<Asked>(question);
  std::string thrown = "unknown exception";
  try {
    if (lacks_labels(asked)) co_await ask_for_labels(&asked);
    const Decision decision = co_await pinned(&asked);
    co_return reply_with(asked, decision, {});
  } catch (const std::exception& failure) {
    thrown = failure.what();
  } catch (...) {
  }
  record_.threw(asked.id, thrown);
  co_return reply_with(asked, unpatched(asked.id), {});
}

// Whether the API server must be asked for the labels of the namespace.
bool Webhook::lacks_labels(const Asked& asked) const {
  const Review& review = asked.review;
  const bool is_judged = !review.problem && review.exemption == Exemption::none &&
                         !review.object.images.empty() && asked.policies;
  return is_judged && !asked.workload.namespace_labels && judge_.namespace_labels &&
         !asked.policies->label_keys.of_namespace.empty();
}

Task<void> Webhook::ask_for_labels(Asked* asked) {
  std::vector<std::string> keys = asked->policies->label_keys.of_namespace;
  auto labels =
      co_await judge_.namespace_labels(asked->review.ns, std::move(keys), asked->work_ends);
  if (labels) {
    asked->workload.namespace_labels = *std::move(labels);
  } else {
    asked->labels_unknown = labels.error().what();
  }
}

// ---- /validate

Task<WebReply> Webhook::judged(const Asked* asked) {
  const Review& review = asked->review;
  std::vector<JudgedImage> images;
  if (!review.problem && review.exemption == Exemption::none) {
    images = co_await verdicts_for(asked);
  }
  for (JudgedImage& image : images)
    apply_settings(*asked, image);
  const Decision decision = decide(review, images, asked->id);
  if (!asked->self_test) {
    count_images(metrics_, review, images);
    record_.decided(asked->file(), images, decision);
  }
  co_return reply_with(*asked, decision, images);
}

Task<std::vector<JudgedImage>> Webhook::verdicts_for(const Asked* asked) {
  const std::vector<PodImage>& images = asked->review.object.images;
  std::vector<std::string_view> texts;
  for (const PodImage& image : images)
    texts.push_back(image.reference);
  const std::vector<std::size_t> firsts = firsts_among(texts);
  std::vector<Question> questions(images.size());
  bool all_known = true;
  for (std::size_t i = 0; i < images.size(); ++i) {
    if (firsts[i] != i) continue;
    if (!answer_at_once(*asked, images[i].reference, questions[i])) all_known = false;
  }
  if (!all_known) co_await answer_rest(asked, &questions);

  std::vector<JudgedImage> judged;
  judged.reserve(images.size());
  for (std::size_t i = 0; i < images.size(); ++i) {
    const Question& question = questions[firsts[i]];
    SharedVerdict verdict =
        question.known ? SharedVerdict(question.known) : SharedVerdict(*question.verdict);
    judged.push_back(JudgedImage{images[i], std::move(verdict), question.known != nullptr, {}});
  }
  co_return judged;
}

bool Webhook::answer_at_once(const Asked& asked, const std::string& image,
                             Question& question) const {
  if (judge_.recall && asked.policies) {
    question.known = judge_.recall(image, asked.workload, asked.policies);
    if (question.known) return true;
  }
  auto reference = Reference::parse(image);
  if (!reference) {
    question.verdict = failed_verdict(image, reference.error());
  } else if (!asked.policies) {
    question.verdict =
        failed_verdict(image, Error(Reason::config_not_ready, "no policies are loaded yet"));
  } else {
    question.reference = std::move(*reference);
  }
  return question.verdict.has_value();
}

Task<void> Webhook::answer_rest(const Asked* asked, std::vector<Question>* questions) {
  std::vector<Question*> open;
  for (Question& question : *questions) {
    if (question.reference && !question.verdict) open.push_back(&question);
  }
  const auto verify_one = [this, asked, &open](std::size_t index) -> Task<Verdict> {
    return judge_.verify(*open[index]->reference, asked->workload, asked->policies,
                         asked->work_ends);
  };
  FanOut<Verdict> fan_out(open.size(), settings_.images_at_once, verify_one);
  Sessions* const errands_here = errands(co_await asio::this_coro::executor);
  auto results = co_await fan_out.run(asked->deadline, errands_here);
  for (std::size_t i = 0; i < open.size(); ++i) {
    const std::string& thrown = results.failures[i];
    if (!thrown.empty()) record_.threw(asked->id, thrown);
    const Error missing = thrown.empty() ? late() : broken();
    open[i]->verdict = results.values[i] ? std::move(*results.values[i])
                                         : failed_verdict(open[i]->reference->original(), missing);
  }
}

void Webhook::apply_settings(const Asked& asked, JudgedImage& image) {
  constexpr std::string_view kActions[] = {"deny", "warn", "allow"};
  if (!asked.labels_unknown.empty() && image.verdict->reason == Reason::config_not_ready) {
    image.verdict.edit().hints.push_back(asked.labels_unknown);
  }
  if (is_unpinned(asked.review, image)) {
    metrics_.unpinned_images.add({kActions[static_cast<int>(settings_.unpinned)]});
    apply_unpinned(settings_.unpinned, image);
  }
  if (!judge_.now || !image.verdict->allowed()) return;
  const TimePoint now = judge_.now();
  foresee_end(image, now, settings_.warn_before);
  for (const PolicyFinding& finding : image.verdict->policies) {
    if (!finding.certificates_until) continue;
    metrics_.saw_certificate_end(finding.name, *finding.certificates_until, now);
  }
}

// ---- both

WebReply Webhook::reply_with(const Asked& asked, const Decision& decision,
                             std::span<const JudgedImage> images) {
  if (asked.self_test) {
    metrics_.dry_runs.add({asked.hook});
  } else {
    count_review(metrics_, asked.file(), images, decision);
  }
  WebReply reply;
  reply.content_type = "application/json";
  reply.body = render_response(asked.review, decision);
  return reply;
}

Workload Webhook::workload_of(const Review& review, const PolicySet* policies) const {
  Workload workload;
  workload.ns = review.ns;
  workload.labels = review.object.labels;
  workload.namespace_labels = labels_of(review.ns, policies);
  workload.pull_secrets = review.object.pull_secrets;
  // A Pod has got its account's secrets from the API server already (webhook.md F.4).
  const bool by_account =
      workload.pull_secrets.empty() && review.object.holder == PodObject::Holder::workload;
  if (by_account) {
    const std::string& account = review.object.service_account;
    workload.service_account = account.empty() ? "default" : account;
  }
  return workload;
}

// Those of the settings, else those that the cluster told of.
std::optional<Labels> Webhook::labels_of(const std::string& ns, const PolicySet* policies) const {
  const auto known = settings_.namespace_labels.find(ns);
  if (known != settings_.namespace_labels.end()) {
    Labels labels = known->second;
    // The API server sets this label on every namespace, and nobody can change it.
    labels.insert_or_assign("kubernetes.io/metadata.name", ns);
    return labels;
  }
  if (!judge_.known_labels || policies == nullptr) return std::nullopt;
  return judge_.known_labels(ns, policies->label_keys.of_namespace);
}

Sessions* Webhook::errands(const asio::any_io_executor& executor) {
  if (!errands_) {
    errands_.emplace(executor, kErrands,
                     [this](const std::exception_ptr&) { record_.threw("", "work for an image"); });
  }
  return &*errands_;
}

Task<void> Webhook::stop(Deadline deadline) {
  if (errands_) co_await errands_->drain(deadline);
}

}  // namespace signet
