#pragma once
// The review that `signet check` sends. It is decided as any other, and neither counted nor told of
// as one: nobody asked to run anything. Its only image is no image, so that nothing else can pass
// for it; and the uid of a review of a user is chosen by the API server.

#include "core/admission/review.hpp"

namespace signet {

inline constexpr std::string_view kSelfTestUid = "signet-check-";  // and what makes it unique
inline constexpr std::string_view kSelfTestImage = "SIGNET-CHECK/is-no-image";

inline bool is_self_test(const Review& review) {
  const auto& images = review.object.images;
  return review.dry_run && review.uid.starts_with(kSelfTestUid) && images.size() == 1 &&
         images.front().reference == kSelfTestImage;
}

}  // namespace signet
