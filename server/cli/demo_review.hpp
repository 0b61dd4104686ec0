#pragma once
// What the demonstration's API server says and hears: AdmissionReviews for a pod with one image,
// and their answers.

#include <string>
#include <vector>

#include "core/base/result.hpp"

namespace signet {

// An AdmissionReview (admission.k8s.io/v1) that creates a pod in namespace `shop`.
std::string demo_review(const std::string& pod, const std::string& image);

struct DemoAnswer {
  bool allowed = false;
  std::string message;  // of a denial
  std::vector<std::string> warnings;
  std::string pinned;  // the image that a patch puts in place of the given one; empty: no patch
};

Result<DemoAnswer> read_demo_answer(std::string_view body);

}  // namespace signet
