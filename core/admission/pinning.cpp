#include "core/admission/pinning.hpp"

#include <algorithm>

#include "core/admission/json_patch.hpp"
#include "core/admission/warnings.hpp"
#include "core/base/limits.hpp"
#include "core/base/text.hpp"

namespace signet {
namespace {

const PodImage* before_of(const Review& review, const PodImage& image) {
  const auto found = std::find_if(
      review.before.begin(), review.before.end(),
      [&image](const PodImage& old) { return old.slot == image.slot && old.name == image.name; });
  return found == review.before.end() ? nullptr : &*found;
}

// A changed template of a workload is rolled out; one that its controller compares with its own
// would be made anew for ever.
bool is_safe_workload(const Review& review) {
  const std::string& kind = review.kind.kind;
  if (!review.object.controller.empty()) return false;
  if (kind == "Job") return review.operation == Operation::create;
  return kind == "Deployment" || kind == "StatefulSet" || kind == "DaemonSet" || kind == "CronJob";
}

bool is_safe_object(const Review& review, PinScope scope) {
  const PodObject& object = review.object;
  if (object.mirror || object.deleting) return false;
  switch (object.holder) {
    case PodObject::Holder::pod:
      return true;
    case PodObject::Holder::workload:
      return scope == PinScope::workloads && is_safe_workload(review);
    case PodObject::Holder::custom:
      return false;
  }
  return false;
}

// The mutating phase of this subresource shows changes of other containers that the API server will
// discard, and a change of an existing ephemeral container fails the whole request.
bool is_safe_image(const Review& review, const PodImage& image) {
  if (review.subresource != "ephemeralcontainers") return true;
  return image.slot == ImageSlot::ephemeral_container && before_of(review, image) == nullptr;
}

bool is_excluded(const Reference& reference, const PinSettings& settings) {
  const std::string repository = reference.repository().canonical();
  return std::any_of(
      settings.exclude.begin(), settings.exclude.end(),
      [&repository](const ImageGlob& pattern) { return pattern.matches(repository); });
}

std::optional<Digest> sticky_digest(const Review& review, const PinCandidate& candidate) {
  const PodImage* before = before_of(review, candidate.image);
  if (before == nullptr || !candidate.reference->tag_was_given()) return std::nullopt;
  const auto old = Reference::parse(before->reference);
  if (!old || !old->digest()) return std::nullopt;
  const std::string_view spelled = old->original();
  if (spelled.substr(0, spelled.find('@')) != candidate.image.reference) return std::nullopt;
  return old->digest();
}

PinFate fate_of(const PinCandidate& candidate, const Review& review, const PinSettings& settings,
                bool safe) {
  if (!candidate.reference) return PinFate::unreadable;
  if (candidate.reference->digest()) return PinFate::already_pinned;
  if (!safe || !is_safe_image(review, candidate.image)) return PinFate::not_safe;
  return is_excluded(*candidate.reference, settings) ? PinFate::excluded : PinFate::pin;
}

}  // namespace

std::vector<PinCandidate> pin_candidates(const Review& review, const PinSettings& settings) {
  std::vector<PinCandidate> candidates;
  if (review.problem || review.exemption != Exemption::none) return candidates;
  const bool safe = is_safe_object(review, settings.scope);
  for (const PodImage& image : review.object.images) {
    PinCandidate candidate{image, {}, PinFate::pin, {}};
    if (auto reference = Reference::parse(image.reference)) {
      candidate.reference = std::move(*reference);
    }
    candidate.fate = fate_of(candidate, review, settings, safe);
    if (candidate.fate == PinFate::pin && settings.sticky_digest) {
      candidate.sticky = sticky_digest(review, candidate);
    }
    candidates.push_back(std::move(candidate));
  }
  return candidates;
}

std::string pinned_text(const Reference& reference, const Digest& digest, PinFormat format) {
  if (format == PinFormat::tag_and_digest || !reference.tag_was_given()) {
    return reference.pinned(digest);
  }
  const std::string& spelled = reference.original();
  return cat(spelled.substr(0, spelled.rfind(':')), "@", digest.str());
}

Decision pin(std::span<const Pinning> pinnings) {
  Decision decision;
  decision.allowed = true;
  decision.word = DecisionWord::allow;
  decision.reason = Reason::verified;
  std::vector<Replacement> replacements;
  std::vector<std::string> warnings;
  for (const Pinning& pinning : pinnings) {
    if (!pinning.pinned.empty()) {
      replacements.push_back(
          Replacement{pinning.image.pointer, pinning.image.reference, pinning.pinned});
      continue;
    }
    decision.word = DecisionWord::error;
    warnings.push_back(cat(pinning.image.field, ": ", printable(pinning.image.reference, 120),
                           " was not pinned to a digest: ", pinning.why));
  }
  decision.patch = json_patch(replacements);
  decision.warnings = bounded_warnings(warnings);
  return decision;
}

}  // namespace signet
