#include <algorithm>

#include "core/admission/decision.hpp"
#include "core/admission/json_patch.hpp"
#include "core/admission/warnings.hpp"
#include "core/base/limits.hpp"
#include "core/base/text.hpp"

namespace signet {
namespace {

bool existed(const Review& review, const PodImage& image) {
  return std::any_of(review.before.begin(), review.before.end(), [&image](const PodImage& old) {
    return old.slot == image.slot && old.name == image.name;
  });
}

bool may_pin(const Review& review, const PodImage& image) {
  const auto reference = Reference::parse(image.reference);
  if (!reference || reference->digest()) return false;
  // The mutating phase of this subresource shows changes of other containers that the API server
  // will discard, and a change of an existing ephemeral container fails the whole request.
  if (review.subresource == "ephemeralcontainers") {
    return image.slot == ImageSlot::ephemeral_container && !existed(review, image);
  }
  return true;
}

}  // namespace

std::vector<PodImage> pinnable(const Review& review) {
  std::vector<PodImage> images;
  const bool is_pod = review.object.holder == PodObject::Holder::pod;
  // Mirror pods are never touched, whoever sends them.
  if (review.problem || review.exemption != Exemption::none || !is_pod || review.object.mirror) {
    return images;
  }
  for (const PodImage& image : review.object.images) {
    if (may_pin(review, image)) images.push_back(image);
  }
  return images;
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
