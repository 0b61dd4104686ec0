#pragma once
// The service's only public verb: one image of one workload against one snapshot of policies.

#include <memory>
#include <string>

#include "core/policy/plan.hpp"
#include "core/policy/verdict.hpp"
#include "server/registry/source.hpp"
#include "server/runtime/task.hpp"

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
  Task<Result<Verdict>> judge(Plan plan, Deadline deadline);

  ImageSource& source_;
  Clock clock_;
};

}  // namespace signet
