#include "server/app/verifier_judge.hpp"

#include <boost/asio/co_spawn.hpp>

namespace signet {

Judge judge_by(Verifier& verifier, const asio::any_io_executor& executor) {
  Judge judge;
  judge.verify = [&verifier](Reference image, Workload workload,
                             std::shared_ptr<const PolicySet> policies, Deadline deadline) {
    return verifier.verify(std::move(image), std::move(workload), std::move(policies), deadline);
  };
  judge.resolve = [&verifier](Reference image, Workload workload, Deadline deadline) {
    return verifier.resolve(std::move(image), std::move(workload), deadline);
  };
  judge.begin = [&verifier, executor](Reference image, Workload workload,
                                      Judge::Policies policies) {
    if (verifier.is_prepared(image, workload, policies)) return;
    // Never throws: what fails is asked for again by whoever needs it.
    asio::co_spawn(executor,
                   verifier.prepare(std::move(image), std::move(workload), std::move(policies)),
                   [](const std::exception_ptr&) {});
  };
  judge.recall = [&verifier](std::string_view image, const Workload& workload,
                             const Judge::Policies& policies) {
    return verifier.recall(image, workload, policies);
  };
  judge.covers = [&verifier](const Reference& image, const Workload& workload,
                             const Judge::Policies& policies) {
    return verifier.covers(image, workload, policies);
  };
  judge.recall_digest = [&verifier](const Reference& image, const Workload& workload) {
    return verifier.recall_digest(image, workload);
  };
  return judge;
}

}  // namespace signet
