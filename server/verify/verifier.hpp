#pragma once
// The service's only public verb: one image of one workload against one snapshot of policies.

#include <memory>
#include <string>

#include "core/policy/plan.hpp"
#include "core/policy/verdict.hpp"
#include "server/registry/source.hpp"
#include "server/runtime/task.hpp"
#include "server/verify/gatherer.hpp"

namespace signet {

class Verifier {
 public:
  // `source` must outlive the verifier.
  Verifier(ImageSource& source, Clock clock);

  // Never throws and always answers by `deadline`: an error is a verdict.
  Task<Verdict> verify(Reference image, Workload workload,
                       std::shared_ptr<const PolicySet> policies, Deadline deadline);

  // What a tag stands for, for the mutating hook; no verdict.
  Task<Result<Digest>> resolve(Reference image, Deadline deadline);

 private:
  Task<Verdict> judge(const Plan* plan, Deadline deadline);
  // Search until the deadline; what was not found by then is a failure of its place.
  Task<ReferrerSignatures> search_referrers(Search search, Deadline deadline);
  Task<FoundSignatures> search_tag(Search search, Deadline deadline);

  ImageSource& source_;
  Gatherer gatherer_;
  Clock clock_;
};

}  // namespace signet
