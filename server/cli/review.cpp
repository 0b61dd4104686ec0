#include "server/cli/review.hpp"

#include "server/runtime/sessions.hpp"
#include "server/runtime/waiters.hpp"

namespace signet {
namespace {

// The verifier answers by its deadline; this is for its answer to arrive.
constexpr std::chrono::seconds kGrace{5};

// Some cases on their way at one time, each taken in turn; what is judged waits to be told.
class ReviewRun {
 public:
  ReviewRun(const ReviewQuestions& questions, const ReviewCommand& command,
            std::shared_ptr<const PolicySet> policies, Verifier& verifier)
      : cases_(questions.cases),
        timeout_(command.timeout),
        policies_(std::move(policies)),
        verifier_(verifier),
        verdicts_(questions.cases.size()) {}

  Task<void> lane() {
    while (next_ < cases_.size()) {
      const std::size_t index = next_++;
      begun_ = std::chrono::steady_clock::now();
      verdicts_[index] = co_await judge(cases_[index]);
      ready_.notify();
    }
  }

  // Of a case, in their order, once.
  Task<Verdict> take(std::size_t index) {
    while (!verdicts_[index] && std::chrono::steady_clock::now() < begun_ + timeout_ + kGrace) {
      const Deadline deadline = deadline_in(timeout_);
      co_await ready_.wait(deadline);
    }
    const Error lost(Reason::internal, "internal error: no verdict came");
    Verdict verdict =
        verdicts_[index] ? std::move(*verdicts_[index]) : failed_verdict(cases_[index].image, lost);
    verdicts_[index].reset();
    co_return verdict;
  }

 private:
  Task<Verdict> judge(const ReviewCase& asked) {
    auto reference = Reference::parse(asked.image);
    if (!reference) co_return failed_verdict(asked.image, reference.error());
    const Deadline deadline = deadline_in(timeout_);
    Verdict verdict =
        co_await verifier_.verify(*std::move(reference), asked.workload, policies_, deadline);
    co_return with_pinning(asked, std::move(verdict));
  }

  // As the webhook does it, for Pods.
  static Verdict with_pinning(const ReviewCase& asked, Verdict verdict) {
    if (asked.unpinned == Unpinned::allow || asked.places.empty()) return verdict;
    Review review;
    review.object.holder = PodObject::Holder::pod;
    JudgedImage judged;
    judged.image.reference = asked.image;
    judged.image.field = asked.places.front().field;
    judged.verdict = SharedVerdict(std::move(verdict));
    if (is_unpinned(review, judged)) apply_unpinned(asked.unpinned, judged);
    return *judged.verdict;
  }

  const std::vector<ReviewCase>& cases_;
  std::chrono::seconds timeout_;
  std::shared_ptr<const PolicySet> policies_;
  Verifier& verifier_;
  std::vector<std::optional<Verdict>> verdicts_;
  std::size_t next_ = 0;
  Deadline begun_ = std::chrono::steady_clock::now();  // the latest
  Waiters ready_;
};

}  // namespace

int review_exit_code(FailOn fail_on, const ReviewQuestions& questions,
                     const ReviewSummary& summary) {
  if (fail_on == FailOn::never) return kExitTrusted;
  if (summary.has(ReviewGrade::denied) || questions.problem_count > 0) return kExitNotTrusted;
  if (fail_on == FailOn::warn && summary.has(ReviewGrade::objected)) return kExitNotTrusted;
  if (fail_on == FailOn::deny) return kExitTrusted;
  return summary.has(ReviewGrade::unchecked) ? kExitUnchecked : kExitTrusted;
}

Task<int> review_images(std::shared_ptr<const ReviewQuestions> questions,
                        const ReviewCommand& command, std::shared_ptr<const PolicySet> policies,
                        Verifier& verifier, ReviewReport& report, Progress& progress) {
  ReviewRun run(*questions, command, std::move(policies), verifier);
  Sessions lanes(co_await asio::this_coro::executor, kReviewsAtOnce,
                 [](const std::exception_ptr&) {});
  const std::size_t all = questions->cases.size();
  for (std::size_t i = 0; i < std::min(kReviewsAtOnce, all); ++i)
    lanes.start([&run](Session&) { return run.lane(); });
  for (std::size_t i = 0; i < all; ++i) {
    progress.show(i);
    const Verdict verdict = co_await run.take(i);
    if (report.tells_each()) progress.hide();
    report.add(questions->cases[i], verdict);
  }
  const Deadline deadline = deadline_in(kGrace);
  co_await lanes.drain(deadline);
  progress.hide();
  report.finish(*questions);
  co_return review_exit_code(command.fail_on, *questions, report.summary());
}

}  // namespace signet
