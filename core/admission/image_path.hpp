#pragma once
// Where custom kinds name images: member names joined by points, `[*]` behind a list, as in
// `spec.steps[*].image` (webhook.md B.1). For early feedback: what runs in the end is a Pod, which
// is judged as one.

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"

namespace signet {

class ImagePath {
 public:
  struct Step {
    std::string member;
    bool each = false;  // the member is a list; what follows holds for each element
  };

  // Fails with malformed_object and says how a path is written.
  static Result<ImagePath> parse(std::string_view text);

  const std::vector<Step>& steps() const { return steps_; }

 private:
  std::vector<Step> steps_;
};

// A kind that the configuration names.
struct ExtraResource {
  std::string group;     // empty: the core group
  std::string resource;  // plural
  std::vector<std::string> versions;
  std::vector<ImagePath> paths;

  // GROUP=RESOURCE=VERSION,...=PATH,...; fails with malformed_object and names the piece.
  static Result<ExtraResource> parse(std::string_view text);
};

}  // namespace signet
