#include "core/policy/conclude.hpp"

#include <algorithm>

#include "core/base/text.hpp"
#include "core/policy/judge_policy.hpp"

namespace signet {
namespace {

std::string no_policy(const Plan& plan) {
  return cat("no ClusterTrustPolicy matches ", plan.image.repository().canonical());
}

// The mode of a policy that warns, and why it does no more.
std::string_view mode_word(const Plan& plan, const PolicyFinding& finding) {
  if (!finding.on_trial) return "warn";
  return plan.trial == Trial::of_all ? "enforce, but dryRun is on"
                                     : "enforce, but the namespace is on trial";
}

// The sentences of a verdict that lets the image run, or not, but has more to say.
std::vector<std::string> warnings_of(const Plan& plan, const Verdict& verdict) {
  const std::string image = printable(verdict.image);
  std::vector<std::string> warnings;
  for (const PolicyFinding& finding : verdict.policies) {
    const std::string why = cat(name_of(finding.reason), " (", finding.detail, ")");
    const bool opened = finding.mode == Mode::enforce;
    const std::string_view mode = opened ? "onError: warn" : mode_word(plan, finding);
    if (finding.effect == Effect::warn) {
      const std::string_view what =
          finding.outcome == Outcome::fail ? " is not trusted: " : " could not be checked: ";
      warnings.push_back(cat(finding.name, " (", mode, "): image ", image, what, why));
    } else if (finding.static_allow) {
      warnings.push_back(cat(finding.name, ": image ", image, ": ", finding.detail));
    }
  }
  return warnings;
}

// The whole of an image that no policy objects to.
void say_trusted(const Plan& plan, Verdict& verdict) {
  verdict.reason = Reason::no_policy_allow;
  verdict.detail = no_policy(plan);
  const auto adopt = [&](const PolicyFinding& finding) {
    verdict.reason = finding.reason;
    verdict.detail = finding.detail;
  };
  for (const PolicyFinding& finding : verdict.policies) {
    const bool first = verdict.reason == Reason::no_policy_allow;
    if (first || (finding.reason == Reason::verified && verdict.reason != Reason::verified)) {
      adopt(finding);
    }
  }
  // A break-glass that was needed is what the metric must show.
  const auto broken =
      std::find_if(verdict.policies.begin(), verdict.policies.end(),
                   [](const PolicyFinding& finding) { return finding.static_allow; });
  if (broken != verdict.policies.end()) adopt(*broken);
}

// The first of the ends that a pass rests on.
std::optional<TimePoint> certificates_until(const Verdict& verdict) {
  std::optional<TimePoint> end;
  for (const PolicyFinding& finding : verdict.policies)
    end = earlier(end, finding.certificates_until);
  return end;
}

}  // namespace

void conclude(const Plan& plan, Verdict& verdict) {
  const bool denied =
      std::any_of(verdict.policies.begin(), verdict.policies.end(),
                  [](const PolicyFinding& finding) { return finding.effect == Effect::deny; });
  const PolicyFinding* const objection = decisive(verdict);
  verdict.outcome = denied ? objection->outcome : Outcome::pass;
  if (objection) {
    verdict.reason = objection->reason;
    verdict.detail = objection->detail;
  } else {
    say_trusted(plan, verdict);
  }
  verdict.certificates_until = certificates_until(verdict);
  verdict.trial = plan.trial;
  verdict.warnings = warnings_of(plan, verdict);
  if (is_unmatched(plan) && plan.policies->no_match == NoMatch::warn) {
    verdict.warnings.push_back(
        cat("image ", printable(verdict.image), ": ", no_policy(plan), " (noMatch: warn)"));
  }
}

bool is_denied_unmatched(const Plan& plan) {
  return is_unmatched(plan) && plan.policies->no_match == NoMatch::deny;
}

Verdict denied_unmatched(const Plan& plan) {
  Verdict verdict;
  verdict.image = plan.image.original();
  verdict.digest = plan.image.digest();
  verdict.outcome = Outcome::fail;
  verdict.reason = Reason::no_policy_deny;
  verdict.trial = plan.trial;
  verdict.detail = no_policy(plan);
  for (const Policy* const policy : plan.undecided) {
    // Whether one matches is not known, so that even one that only warns cannot lift the denial.
    PolicyFinding finding = undecided(plan, *policy);
    finding.effect = Effect::deny;
    verdict.outcome = finding.outcome;
    verdict.reason = finding.reason;
    verdict.detail = finding.detail;
    verdict.policies.push_back(std::move(finding));
  }
  return verdict;
}

}  // namespace signet
