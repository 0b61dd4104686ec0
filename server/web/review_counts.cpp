#include <algorithm>

#include "server/web/review_record.hpp"

namespace signet {
namespace {

// What kept an image from being checked, in the words of the metrics.
std::string_view failure_of(Reason reason) {
  if (name_of(reason).starts_with("registry_")) return "registry";
  switch (reason) {
    case Reason::image_not_found:
    case Reason::digest_mismatch:
    case Reason::ambiguous_manifest:
      return "registry";
    case Reason::crl_stale:
    case Reason::trust_root_missing:
      return "trust_root";
    case Reason::deadline:
      return "deadline";
    default:
      return "internal";
  }
}

// A policy that could not be checked and let the image in all the same (onError).
const PolicyFinding* opened_by(std::span<const JudgedImage> images) {
  for (const JudgedImage& image : images) {
    for (const PolicyFinding& finding : image.verdict->policies) {
      const bool open = finding.outcome == Outcome::unknown && finding.effect != Effect::deny;
      if (open && finding.mode == Mode::enforce) return &finding;
    }
  }
  return nullptr;
}

std::string_view cache_of(std::span<const JudgedImage> images) {
  if (images.empty()) return "none";
  const auto hits = std::count_if(images.begin(), images.end(),
                                  [](const JudgedImage& image) { return image.remembered; });
  if (hits == 0) return "miss";
  return static_cast<std::size_t>(hits) == images.size() ? "hit" : "partial";
}

}  // namespace

void count_review(Metrics& metrics, const ReviewFile& file, std::span<const JudgedImage> images,
                  const Decision& decision) {
  const Review& review = file.review;
  const std::string_view hook = file.hook;
  const std::string& resource =
      review.subresource == "ephemeralcontainers" ? review.subresource : review.resource;
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - file.received;
  metrics.requests.add({hook, resource, name_of(review.operation), name_of(decision.word)});
  metrics.admission_request_duration.observe({hook, cache_of(images)}, took.count());
  const std::chrono::duration<double> granted = file.granted;
  metrics.requested_timeout.observe({hook}, granted.count());
  const auto warnings = static_cast<double>(decision.warnings.size());
  if (warnings > 0) metrics.admission_warnings.add({hook}, warnings);
  if (review.dry_run) metrics.dry_runs.add({hook});
  if (review.problem) metrics.malformed.add({"object"});
  if (!decision.allowed && decision.reason == Reason::deadline) {
    metrics.deadline_exceeded.add({hook});
  }
  if (!decision.allowed && decision.word == DecisionWord::error) {
    metrics.failed_closed.add({hook, failure_of(decision.reason)});
  }
  const PolicyFinding* opened = decision.allowed ? opened_by(images) : nullptr;
  if (opened != nullptr) metrics.failed_open.add({hook, failure_of(opened->reason)});
}

void count_images(Metrics& metrics, const Review& review, std::span<const JudgedImage> images) {
  for (const JudgedImage& image : images) {
    const Verdict& verdict = *image.verdict;
    if (verdict.reason == Reason::no_policy_allow) metrics.images_skipped.add({"no_policy"});
    if (verdict.policies.empty()) metrics.count_verdict("none", "none", verdict.reason);
    for (const PolicyFinding& finding : verdict.policies) {
      metrics.count_verdict(finding.name, name_of(finding.mode), finding.reason);
    }
  }
  const PodObject& object = review.object;
  const auto skipped = [&metrics](std::string_view reason, std::size_t count) {
    if (count > 0) metrics.images_skipped.add({reason}, static_cast<double>(count));
  };
  metrics.images_per_request.observe(
      {}, static_cast<double>(object.images.size() + review.unchanged.size()));
  skipped("unchanged", review.unchanged.size());
  skipped("empty", object.empty.size());
  skipped("placeholder", object.placeholders.size());
  if (review.exemption == Exemption::owned) skipped("owned", object.images.size());
  if (review.exemption == Exemption::mirror) skipped("mirror", object.images.size());
  if (object.holder != PodObject::Holder::pod) return;
  for (const PodImage& image : review.unchanged) {
    if (image.reference.find('@') == std::string::npos) metrics.unpinned_images.add({"skip"});
  }
}

}  // namespace signet
