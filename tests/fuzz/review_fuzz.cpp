// Feeds AdmissionReviews to parse_review, and what was read to decide, pin and render_response.

#include <cstdint>
#include <cstdlib>

#include "core/admission/pinning.hpp"
#include "core/admission/response.hpp"
#include "core/base/limits.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace signet;
  const auto review = parse_review({reinterpret_cast<const char*>(data), size});
  if (!review) return 0;
  std::vector<JudgedImage> judged;
  std::vector<Pinning> pinnings;
  for (const PodImage& image : review->object.images) {
    judged.push_back(
        {image, failed_verdict(image.reference, Error(Reason::deadline, "late")), false, {}});
  }
  const PinSettings settings;
  for (const PinCandidate& candidate : pin_candidates(*review, settings)) {
    if (!candidate.reference) continue;
    const Digest digest = Digest::of(candidate.image.reference);
    pinnings.push_back(
        {candidate.image, pinned_text(*candidate.reference, digest, settings.format), ""});
  }
  const Decision decision = decide(*review, judged, "0123456789abcdef");
  if (!judged.empty() && decision.allowed) std::abort();
  if (decision.message.size() > kDenialBytes) std::abort();
  if (render_response(*review, decision).empty()) std::abort();
  if (render_response(*review, pin(pinnings)).empty()) std::abort();
  return 0;
}
