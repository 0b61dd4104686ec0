#include "core/policy/evaluate.hpp"

#include <algorithm>
#include <optional>

#include "core/policy/conclude.hpp"
#include "core/policy/court.hpp"

namespace signet {

class Evaluation::Work {
 public:
  Work(const Plan& plan, const Evidence& evidence, TimePoint now)
      : plan_(plan), evidence_(evidence), now_(now) {}

  bool step() { return !is_denied_unmatched(plan_) && court().step(); }

  Verdict verdict() {
    if (is_denied_unmatched(plan_)) return denied_unmatched(plan_);
    while (court().step()) {
    }
    Verdict verdict = court().findings();
    court_.reset();
    conclude(plan_, verdict);
    return verdict;
  }

 private:
  // The next look, with the evidence there is by now.
  Court& court() {
    if (court_) return *court_;
    const auto digest = digest_of(plan_, evidence_);
    if (digest && (!judge_ || judge_->image() != *digest)) judge_.emplace(*digest);
    return court_.emplace(plan_, evidence_, now_, digest ? &*judge_ : nullptr);
  }

  const Plan& plan_;
  const Evidence& evidence_;
  TimePoint now_;
  std::optional<SignatureJudge> judge_;
  std::optional<Court> court_;
};

Evaluation::Evaluation(const Plan& plan, const Evidence& evidence, TimePoint now)
    : work_(std::make_unique<Work>(plan, evidence, now)) {}

Evaluation::~Evaluation() = default;

bool Evaluation::step() {
  return work_->step();
}

Verdict Evaluation::verdict() {
  return work_->verdict();
}

Verdict evaluate(const Plan& plan, const Evidence& evidence, TimePoint now) {
  return Evaluation(plan, evidence, now).verdict();
}

bool wants_more(const Plan& plan, const Evidence& evidence, const Verdict& verdict) {
  if (!plan.needs_digest || !evidence.digest) return false;
  // A refusal that nothing can lift makes all further searching idle.
  const auto& findings = verdict.policies;
  const bool lost = std::any_of(findings.begin(), findings.end(), [](const PolicyFinding& finding) {
    return finding.effect == Effect::deny && !finding.incomplete;
  });
  return !lost && std::any_of(findings.begin(), findings.end(),
                              [](const PolicyFinding& finding) { return finding.incomplete; });
}

}  // namespace signet
