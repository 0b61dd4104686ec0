#include "core/policy/evaluate.hpp"

#include <algorithm>
#include <optional>
#include <set>

#include "core/base/text.hpp"
#include "core/policy/judge_policy.hpp"
#include "core/policy/matcher.hpp"

namespace signet {
namespace {

// What the reference pins and what the registry says must be the same image.
Result<Digest> digest_of(const Plan& plan, const Evidence& evidence) {
  const auto& pinned = plan.image.digest();
  if (evidence.digest && pinned && *evidence.digest != *pinned) {
    return Error(Reason::digest_mismatch, cat("the reference says ", pinned->str(),
                                              ", the evidence is about ", evidence.digest->str()));
  }
  if (!evidence.digest && pinned && !plan.needs_digest) return *pinned;
  return evidence.digest;
}

// Everything that one evaluate() works on.
class Court {
 public:
  Court(const Plan& plan, const Evidence& evidence, TimePoint now)
      : case_{plan, evidence, digest_of(plan, evidence)}, horizon_(now) {
    if (case_.digest) judge_.emplace(*case_.digest, horizon_);
    collect_delegated_roots();
    cluster_ = open(plan.cluster);
    namespaced_ = open(plan.namespaced);
  }

  Verdict judge() {
    look_at_signatures();
    for (PolicyState& policy : namespaced_) {
      close(policy);
    }
    for (PolicyState& policy : cluster_) {
      judge_delegates(case_, policy, namespaced_, judge_ ? &*judge_ : nullptr);
      close(policy);
    }
    return verdict();
  }

 private:
  void collect_delegated_roots() {
    for (const Policy* const policy : case_.plan.cluster) {
      for (const Authority& authority : policy->authorities) {
        const auto* const rule = std::get_if<DelegateRule>(&authority.rule);
        if (rule) delegated_.insert(rule->trust_roots.begin(), rule->trust_roots.end());
      }
    }
  }

  // A threshold needs distinct keys, and a delegate's ceiling may fit a later signature only.
  bool is_exhaustive(const Policy& policy, const Authority& authority) const {
    if (policy.threshold > 1) return true;
    const auto* const rule = std::get_if<CertificateRule>(&authority.rule);
    return policy.kind == PolicyKind::namespaced && rule && delegated_.contains(rule->trust_root);
  }

  std::vector<PolicyState> open(const std::vector<const Policy*>& policies) {
    const bool refused = refused_outright(case_.plan);
    std::vector<PolicyState> states;
    for (const Policy* const policy : policies) {
      const Preview seen = preview(*policy, case_.plan.image);
      // Where one policy refuses unasked, nothing was fetched, and those that need it say nothing.
      if (refused && seen == Preview::open) continue;
      PolicyState state;
      state.policy = policy;
      const bool unpinned = policy->require_digest && !case_.plan.image.digest();
      if (policy->issues.empty() && !unpinned) open_authorities(state);
      states.push_back(std::move(state));
    }
    return states;
  }

  void open_authorities(PolicyState& state) {
    for (const Authority& authority : state.policy->authorities) {
      state.authorities.push_back(open_authority(case_, *state.policy, authority, horizon_));
      state.authorities.back().exhaustive = is_exhaustive(*state.policy, authority);
    }
  }

  template <class Visit>
  void each_reader(const SignaturePlace& place, Visit visit) {
    for (std::vector<PolicyState>* const policies : {&cluster_, &namespaced_}) {
      for (PolicyState& policy : *policies) {
        for (AuthorityState& authority : policy.authorities) {
          if (authority.reads(place) && !authority.settled()) visit(authority);
        }
      }
    }
  }

  // Signature by signature, so that no authority starves another of the work that is allowed, and
  // in the order of the plan, so that places searched later cannot change what was seen before.
  void look_at_signatures() {
    for (const SignaturePlace& place : case_.plan.places) {
      const auto found = case_.evidence.found.find(place);
      if (!case_.digest) {
        block_readers(place, {case_.digest.error(), true, false});
      } else if (found == case_.evidence.found.end()) {
        const Error unsearched(Reason::internal,
                               cat(name_of(place.format), " signatures in ", place.repository.str(),
                                   " were not searched for"));
        block_readers(place, {unsearched, is_beside(place), true});
      } else {
        look_at(place, found->second);
      }
    }
  }

  void look_at(const SignaturePlace& place, const FoundSignatures& found) {
    each_reader(place, [&](AuthorityState& authority) {
      for (const std::string& where : found.searched) {
        authority.finding.searched.push_back(printable(where));
      }
    });
    for (const Candidate& candidate : found.candidates) {
      if (candidate.format != place.format) continue;
      each_reader(place, [&](AuthorityState& authority) {
        consider(authority, candidate, place, case_.plan.image, *judge_);
      });
    }
    if (found.failure) block_readers(place, {*found.failure, is_beside(place), false});
  }

  void block_readers(const SignaturePlace& place, const Blocker& blocker) {
    each_reader(place, [&](AuthorityState& authority) { block(authority, blocker); });
  }

  bool is_beside(const SignaturePlace& place) const {
    return place.repository == case_.plan.image.repository();
  }

  void close(PolicyState& policy) {
    for (AuthorityState& authority : policy.authorities) {
      if (std::holds_alternative<DelegateRule>(authority.authority->rule)) continue;
      close_authority(authority);
    }
    close_policy(case_, policy);
  }

  Verdict verdict() {
    Verdict verdict;
    verdict.image = case_.plan.image.original();
    if (case_.digest) verdict.digest = *case_.digest;
    for (std::vector<PolicyState>* const policies : {&cluster_, &namespaced_}) {
      for (PolicyState& policy : *policies) {
        verdict.policies.push_back(std::move(policy.finding));
      }
    }
    verdict.stable_until = horizon_.next();
    return verdict;
  }

  Case case_;
  Horizon horizon_;
  std::optional<SignatureJudge> judge_;
  std::set<std::string, std::less<>> delegated_;
  std::vector<PolicyState> cluster_;
  std::vector<PolicyState> namespaced_;
};

std::string no_policy(const Plan& plan) {
  return cat("no ClusterTrustPolicy matches ", plan.image.repository().canonical());
}

bool used_static_allow(const PolicyFinding& finding) {
  return finding.static_allow;
}

// The sentences of a verdict that lets the image run, or not, but has more to say.
std::vector<std::string> warnings_of(const Verdict& verdict) {
  const std::string image = printable(verdict.image);
  std::vector<std::string> warnings;
  for (const PolicyFinding& finding : verdict.policies) {
    const std::string why = cat(name_of(finding.reason), " (", finding.detail, ")");
    if (finding.effect == Effect::warn && finding.outcome == Outcome::fail) {
      warnings.push_back(cat(finding.name, " (warn): image ", image, " is not trusted: ", why));
    } else if (finding.effect == Effect::warn) {
      const bool opened = finding.mode == Mode::enforce;
      warnings.push_back(cat(finding.name, opened ? " (onError: warn): image " : " (warn): image ",
                             image, " could not be checked: ", why));
    } else if (used_static_allow(finding)) {
      warnings.push_back(cat(finding.name, ": image ", image, ": ", finding.detail));
    }
  }
  return warnings;
}

bool any_finding(const Verdict& verdict, bool (*is)(const PolicyFinding&)) {
  return std::any_of(verdict.policies.begin(), verdict.policies.end(), is);
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
      std::find_if(verdict.policies.begin(), verdict.policies.end(), used_static_allow);
  if (broken != verdict.policies.end()) adopt(*broken);
}

// All applicable policies must pass; the strictest mode wins (policy.md 2, 5).
void conclude(const Plan& plan, Verdict& verdict) {
  const bool denied = any_finding(
      verdict, [](const PolicyFinding& finding) { return finding.effect == Effect::deny; });
  const PolicyFinding* const objection = decisive(verdict);
  verdict.outcome = denied ? objection->outcome : Outcome::pass;
  if (objection) {
    verdict.reason = objection->reason;
    verdict.detail = objection->detail;
  } else {
    say_trusted(plan, verdict);
  }
  verdict.warnings = warnings_of(verdict);
}

Verdict unmatched(const Plan& plan) {
  Verdict verdict;
  verdict.image = plan.image.original();
  verdict.digest = plan.image.digest();
  verdict.outcome = Outcome::fail;
  verdict.reason = Reason::no_policy_deny;
  verdict.detail = no_policy(plan);
  return verdict;
}

}  // namespace

Verdict evaluate(const Plan& plan, const Evidence& evidence, TimePoint now) {
  const NoMatch no_match = plan.policies->no_match;
  if (is_unmatched(plan) && no_match == NoMatch::deny) return unmatched(plan);
  Verdict verdict = Court(plan, evidence, now).judge();
  conclude(plan, verdict);
  if (is_unmatched(plan) && no_match == NoMatch::warn) {
    verdict.warnings.push_back(
        cat("image ", printable(verdict.image), ": ", no_policy(plan), " (noMatch: warn)"));
  }
  return verdict;
}

class Evaluation::Work {
 public:
  Work(const Plan& plan, const Evidence& evidence, TimePoint now)
      : plan_(plan), evidence_(evidence), now_(now) {}
  Verdict verdict() const { return evaluate(plan_, evidence_, now_); }

 private:
  const Plan& plan_;
  const Evidence& evidence_;
  TimePoint now_;
};

Evaluation::Evaluation(const Plan& plan, const Evidence& evidence, TimePoint now)
    : work_(std::make_unique<Work>(plan, evidence, now)) {}

Evaluation::~Evaluation() = default;

bool Evaluation::step() {
  return false;
}

Verdict Evaluation::verdict() {
  return work_->verdict();
}

bool wants_more(const Plan& plan, const Evidence& evidence, const Verdict& verdict) {
  if (!plan.needs_digest || !evidence.digest) return false;
  // A refusal that nothing can lift makes all further searching idle.
  const bool lost = any_finding(verdict, [](const PolicyFinding& finding) {
    return finding.effect == Effect::deny && !finding.incomplete;
  });
  return !lost &&
         any_finding(verdict, [](const PolicyFinding& finding) { return finding.incomplete; });
}

}  // namespace signet
