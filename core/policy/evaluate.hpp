#pragma once
// plan + evidence + now -> verdict. Pure; the webhook, `signet verify` and recorded tests call this
// one function, or walk through it signature by signature.

#include <memory>

#include "core/policy/plan.hpp"
#include "core/policy/verdict.hpp"

namespace signet {

// More evidence never turns a pass into a failure, so a gatherer may ask after each place and stop
// at a pass.
Verdict evaluate(const Plan& plan, const Evidence& evidence, TimePoint now);

// The same in steps, so that a loop can do other work between two signatures. Evidence may be added
// after a verdict, never changed or moved; what was verified before is not verified again.
class Evaluation {
 public:
  // Plan and evidence must outlive it.
  Evaluation(const Plan& plan, const Evidence& evidence, TimePoint now);
  ~Evaluation();
  Evaluation(const Evaluation&) = delete;
  Evaluation& operator=(const Evaluation&) = delete;

  // Looks at one signature for one authority; false: with this evidence none is left.
  bool step();
  // Looks at what is left, and judges. Equal to evaluate() of the same evidence.
  Verdict verdict();

 private:
  class Work;
  std::unique_ptr<Work> work_;
};

// Whether searching the places that are still missing could change this verdict.
bool wants_more(const Plan& plan, const Evidence& evidence, const Verdict& verdict);

}  // namespace signet
