#pragma once
// `signet review`: every question of the manifests judged, some at a time, and told in order.

#include <memory>

#include "server/cli/arguments.hpp"
#include "server/cli/output.hpp"
#include "server/cli/progress.hpp"
#include "server/cli/review_input.hpp"
#include "server/cli/review_report.hpp"
#include "server/verify/verifier.hpp"

namespace signet {

// How many images are on their way at one time; each has its own timeout.
inline constexpr std::size_t kReviewsAtOnce = 16;

// The exit code, once everything was told to `report`.
Task<int> review_images(std::shared_ptr<const ReviewQuestions> questions,
                        const ReviewCommand& command, std::shared_ptr<const PolicySet> policies,
                        Verifier& verifier, ReviewReport& report, Progress& progress);

// What a review of these ends with.
int review_exit_code(FailOn fail_on, const ReviewQuestions& questions,
                     const ReviewSummary& summary);

}  // namespace signet
