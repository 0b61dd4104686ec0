#include "server/web/webhook.hpp"

#include <algorithm>

#include "core/base/text.hpp"
#include "server/web/fan_out.hpp"
#include "server/web/review_record.hpp"

namespace signet {

// One review while it is answered.
struct Webhook::Asked {
  Asked(Webhook& webhook_, Review review_, std::string_view phase_)
      : webhook(webhook_),
        review(std::move(review_)),
        phase(phase_),
        id(webhook_.ids_.next()),
        in_flight(std::make_unique<GaugeHold>(webhook_.metrics_.in_flight, phase_)) {
    ++webhook.get().reviews_;
  }
  Asked(Asked&& other) noexcept = default;
  ~Asked() {
    if (in_flight) --webhook.get().reviews_;
  }

  std::reference_wrapper<Webhook> webhook;
  Review review;
  std::string phase;  // validate or mutate
  std::string id;
  std::unique_ptr<GaugeHold> in_flight;  // null after a move
  Deadline::clock::time_point received{};
  std::chrono::milliseconds granted{};
  Deadline deadline{};
};

namespace {

// The verifier answers by the deadline and says what it was waiting for; this is for its answer to
// arrive.
constexpr std::chrono::milliseconds kGrace{50};

Decision failed_decision(const Review& review, const std::string& id, const std::string& what) {
  Review broken = review;
  broken.problem = Error(Reason::internal, what);
  return decide(broken, {}, id);
}

// The distinct references of `images`, and for each image which of them it names.
struct Distinct {
  explicit Distinct(const std::vector<PodImage>& images) {
    std::map<std::string, std::size_t> known;
    for (const PodImage& image : images) {
      const auto [at, added] = known.emplace(image.reference, texts.size());
      if (added) texts.push_back(image.reference);
      index.push_back(at->second);
    }
  }
  std::vector<std::string> texts;
  std::vector<std::size_t> index;
};

Error late() {
  return {Reason::deadline,
          "the time that the API server grants ended before the image was checked; try again"};
}

}  // namespace

Webhook::Webhook(Judge judge, const Snapshot<PolicySet>& policies, WebhookSettings settings,
                 Metrics& metrics, Log& log)
    : judge_(std::move(judge)),
      policies_(policies),
      settings_(std::move(settings)),
      metrics_(metrics),
      log_(log) {}

std::variant<Webhook::Asked, WebReply> Webhook::ask(WebRequest request, std::string_view phase) {
  if (reviews_ >= settings_.reviews) {
    metrics_.shed.add({"reviews"});
    WebReply reply = WebReply::text(503, "too many reviews in progress\n");
    reply.retry_after = true;
    reply.close = true;
    return reply;
  }
  // `request` ends here, and with it the body and its part of the budget.
  auto review = parse_review(request.body);
  if (!review) {
    metrics_.malformed.add({"review"});
    log_.write(LogLine(LogLevel::warn, "admission", "review_malformed", "a review cannot be read")
                   .with("phase", phase)
                   .with("error", review.error().what()));
    return WebReply::text(400, printable(review.error().what()) + "\n");
  }
  Asked asked(*this, std::move(*review), phase);
  asked.received = request.received;
  asked.granted = granted_time(request.query, settings_.time);
  asked.deadline = request.received + work_time(asked.granted, settings_.time);
  return asked;
}

Task<WebReply> Webhook::validate(WebRequest request) {
  auto question = ask(std::move(request), "validate");
  if (auto* reply = std::get_if<WebReply>(&question)) co_return std::move(*reply);
  const Asked& asked = std::get<Asked>(question);
  std::string thrown = "unknown exception";
  try {
    const Decision decision = co_await judged(&asked);
    co_return reply_with(asked, decision);
  } catch (const std::exception& failure) {
    thrown = failure.what();
  } catch (...) {
  }
  log_.write(failure_line(asked.id, thrown));
  co_return reply_with(asked, failed_decision(asked.review, asked.id, "an internal error"));
}

Task<WebReply> Webhook::mutate(WebRequest request) {
  auto question = ask(std::move(request), "mutate");
  if (auto* reply = std::get_if<WebReply>(&question)) co_return std::move(*reply);
  const Asked& asked = std::get<Asked>(question);
  std::string thrown = "unknown exception";
  try {
    const Decision decision = co_await pinned(&asked);
    co_return reply_with(asked, decision);
  } catch (const std::exception& failure) {
    thrown = failure.what();
  } catch (...) {
  }
  log_.write(failure_line(asked.id, thrown));
  Decision unpatched;
  unpatched.allowed = true;
  unpatched.reason = Reason::internal;
  unpatched.warnings = {"images were not pinned to digests: internal error, request id " +
                        asked.id};
  co_return reply_with(asked, unpatched);
}

// ---- /validate

Task<Decision> Webhook::judged(const Asked* asked) {
  const Review& review = asked->review;
  std::vector<JudgedImage> images;
  if (!review.problem && review.exemption == Exemption::none) {
    images = co_await verdicts_for(asked);
    apply_unpinned_setting(*asked, images);
  }
  count_images(*asked, images);
  Decision decision = decide(review, images, asked->id);
  if (log_.wants(LogLevel::info)) {
    log_.write(decision_line(review, images, decision, asked->id, asked->received));
  }
  co_return decision;
}

Task<std::vector<JudgedImage>> Webhook::verdicts_for(const Asked* asked) {
  const std::vector<PodImage>& images = asked->review.object.images;
  const Distinct distinct(images);
  const auto policies = policies_.get();
  const Workload workload = workload_of(asked->review);
  const Deadline deadline = asked->deadline;
  const auto verify_one = [this, &distinct, policies, workload,
                           deadline](std::size_t index) -> Task<Verdict> {
    return verify_text(judge_, distinct.texts[index], workload, policies, deadline);
  };
  FanOut<Verdict> fan_out(distinct.texts.size(), settings_.images_at_once, verify_one);
  const auto results = co_await fan_out.run(deadline + kGrace);

  std::vector<JudgedImage> judged;
  for (std::size_t i = 0; i < images.size(); ++i) {
    const std::size_t at = distinct.index[i];
    const auto& verdict = results.values[at];
    const std::string& thrown = results.failures[at];
    if (!thrown.empty()) log_.write(failure_line(asked->id, thrown));
    const Error missing = thrown.empty() ? late() : Error(Reason::internal, "an internal error");
    judged.push_back(
        JudgedImage{images[i], verdict ? *verdict : failed_verdict(images[i].reference, missing)});
  }
  co_return judged;
}

void Webhook::apply_unpinned_setting(const Asked& asked, std::vector<JudgedImage>& images) {
  constexpr std::string_view kActions[] = {"deny", "warn", "allow"};
  for (JudgedImage& image : images) {
    if (!is_unpinned(asked.review, image)) continue;
    metrics_.unpinned_images.add({kActions[static_cast<int>(settings_.unpinned)]});
    apply_unpinned(settings_.unpinned, image);
  }
}

// ---- /mutate

Task<Decision> Webhook::pinned(const Asked* asked) {
  std::vector<PodImage> images;
  for (PodImage& image : pinnable(asked->review)) {
    if (is_covered(*asked, image)) images.push_back(std::move(image));
  }
  const auto pinnings = co_await resolved(asked, std::move(images));
  for (const Pinning& pinning : pinnings) {
    metrics_.mutations.add({pinning.pinned.empty() ? "unresolved" : "pinned"});
  }
  Decision decision = pin(pinnings);
  if (log_.wants(LogLevel::info)) {
    log_.write(pinning_line(asked->review, pinnings, asked->id, asked->received));
  }
  co_return decision;
}

// What no policy covers is denied unseen, so it is not looked up either (policy.md 6).
bool Webhook::is_covered(const Asked& asked, const PodImage& image) const {
  const auto policies = policies_.get();
  const auto reference = Reference::parse(image.reference);
  if (!policies || !reference) return false;
  const Plan plan = plan_for(policies, workload_of(asked.review), *reference);
  return !is_unmatched(plan) || policies->no_match != NoMatch::deny;
}

Task<std::vector<Pinning>> Webhook::resolved(const Asked* asked, std::vector<PodImage> images) {
  const Distinct distinct(images);
  const Deadline deadline = asked->deadline;
  const auto resolve_one = [this, &distinct,
                            deadline](std::size_t index) -> Task<Result<std::string>> {
    return pin_text(judge_, distinct.texts[index], deadline);
  };
  FanOut<Result<std::string>> fan_out(distinct.texts.size(), settings_.images_at_once, resolve_one);
  const auto results = co_await fan_out.run(deadline + kGrace);

  std::vector<Pinning> pinnings;
  for (std::size_t i = 0; i < images.size(); ++i) {
    const std::size_t at = distinct.index[i];
    const auto& result = results.values[at];
    Pinning pinning{images[i], "", "the time ended"};
    if (!results.failures[at].empty()) pinning.why = "an internal error";
    if (result && *result) pinning.pinned = **result;
    if (result && !*result) {
      pinning.why = cat(name_of(result->error().reason()), ", ", result->error().what());
    }
    pinnings.push_back(std::move(pinning));
  }
  co_return pinnings;
}

// ---- both

WebReply Webhook::reply_with(const Asked& asked, const Decision& decision) {
  count(asked, decision);
  WebReply reply;
  reply.content_type = "application/json";
  reply.body = render_response(asked.review, decision);
  return reply;
}

void Webhook::count(const Asked& asked, const Decision& decision) {
  const Review& review = asked.review;
  const bool of_pods = review.resource == "pods";
  const std::string hook =
      cat(asked.phase, of_pods || asked.phase == "mutate" ? "_pods" : "_workloads");
  const std::string& resource =
      review.subresource == "ephemeralcontainers" ? review.subresource : review.resource;
  Counters& counters =
      hook == "validate_workloads" ? metrics_.workload_requests : metrics_.pod_requests;
  counters.add({hook, resource, word_of(review.operation), name_of(decision.word)});
  if (review.dry_run) metrics_.dry_runs.add({hook});
  if (review.problem) metrics_.malformed.add({"object"});
  if (!decision.allowed && decision.reason == Reason::deadline) {
    metrics_.deadline_exceeded.add({hook});
  }
}

void Webhook::count_images(const Asked& asked, const std::vector<JudgedImage>& images) {
  const Review& review = asked.review;
  for (const JudgedImage& image : images) {
    const Verdict& verdict = image.verdict;
    if (verdict.policies.empty()) metrics_.count_verdict(name_of(verdict.reason), "none");
    for (const PolicyFinding& finding : verdict.policies) {
      metrics_.count_verdict(name_of(finding.reason), name_of(finding.mode));
    }
  }
  metrics_.images_skipped.add({"unchanged"}, static_cast<double>(review.unchanged.size()));
  metrics_.images_skipped.add({"empty"}, static_cast<double>(review.object.empty.size()));
  const auto skipped = static_cast<double>(review.object.images.size());
  if (review.exemption == Exemption::owned) metrics_.images_skipped.add({"owned"}, skipped);
  if (review.exemption == Exemption::mirror) metrics_.images_skipped.add({"mirror"}, skipped);
  if (review.object.holder != PodObject::Holder::pod) return;
  for (const PodImage& image : review.unchanged) {
    if (image.reference.find('@') == std::string::npos) metrics_.unpinned_images.add({"skip"});
  }
}

Workload Webhook::workload_of(const Review& review) const {
  Workload workload;
  workload.ns = review.ns;
  workload.labels = review.object.labels;
  const auto known = settings_.namespace_labels.find(review.ns);
  if (known == settings_.namespace_labels.end()) return workload;
  workload.namespace_labels = known->second;
  // The API server sets this label on every namespace, and nobody can change it.
  workload.namespace_labels->insert_or_assign("kubernetes.io/metadata.name", review.ns);
  return workload;
}

}  // namespace signet
