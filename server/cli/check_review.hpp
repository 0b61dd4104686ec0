#pragma once
// What `signet check` says to a webhook and hears from it: a review of something that must not run
// (a dry run, core/admission/self_test.hpp), and an answer that an API server would take.

#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace signet {

enum class CheckedHook { validate, mutate, policies, other };
// By the end of its path.
CheckedHook checked_hook(std::string_view path);

// One that nobody else has.
std::string fresh_check_uid();
// An AdmissionReview (admission.k8s.io/v1): of a policy for the hook of policies, else of a Pod.
std::string check_review(CheckedHook hook, const std::string& uid);

struct CheckAnswer {
  bool allowed = false;
  std::string message;
};
// Fails with malformed_object where an API server would refuse the answer, or it is another's.
Result<CheckAnswer> read_check_answer(std::string_view body, const std::string& uid);

}  // namespace signet
