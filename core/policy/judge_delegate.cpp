// policy.md 3: admins own the roots, the namespace's own TrustPolicies own who may sign.

#include <algorithm>

#include "core/base/text.hpp"
#include "core/policy/judge_policy.hpp"

namespace signet {
namespace {

bool relies_on(const AuthorityState& authority, const DelegateRule& rule) {
  const auto* const own = std::get_if<CertificateRule>(&authority.authority->rule);
  if (!own || own->trust_root.empty()) return false;  // inline roots are the namespace's own word
  return std::find(rule.trust_roots.begin(), rule.trust_roots.end(), own->trust_root) !=
         rule.trust_roots.end();
}

// Whether a signature that satisfied the TrustPolicy satisfies the delegate's own terms as well.
Result<void> within_ceiling(const Hearing& the_case, const Authority& delegate,
                            const AuthorityState& authority, const GoodSignature& good,
                            SignatureJudge& judge) {
  const auto& rule = std::get<DelegateRule>(delegate.rule);
  Acceptable ceiling;
  if (!rule.identities.empty()) ceiling = std::span(rule.identities);
  const auto verified =
      judge.by_certificate(*good.candidate, *authority.trust, ceiling, rule.code_signing);
  if (!verified) return verified.error();
  const auto& formats = delegate.formats;
  if (std::find(formats.begin(), formats.end(), good.candidate->format) == formats.end()) {
    return Error(Reason::unsupported_format,
                 cat("a ", name_of(good.candidate->format), " signature does not count here"));
  }
  return meets(delegate, *verified, good.candidate->format, the_case.plan.image);
}

class Delegation {
 public:
  Delegation(const Hearing& the_case, AuthorityState& delegate, SignatureJudge* judge)
      : case_(the_case),
        delegate_(delegate),
        rule_(std::get<DelegateRule>(delegate.authority->rule)),
        judge_(judge) {}

  void ask(const PolicyState& policy) {
    for (const AuthorityState& authority : policy.authorities) {
      if (delegate_.satisfied() || !relies_on(authority, rule_)) continue;
      ask(policy, authority);
    }
    if (policy.authorities.empty()) say(policy, policy.finding.reason, policy.finding.detail);
  }

  void finish() {
    if (delegate_.satisfied()) return;
    close_authority(delegate_);
    if (delegate_.finding.outcome == Outcome::unknown) return;
    delegate_.finding.reason = Reason::no_delegate;
    const std::string roots = printable(join(rule_.trust_roots, " or "));
    if (!why_.empty()) {
      delegate_.finding.detail = why_;
    } else if (case_.plan.namespaced.empty()) {
      delegate_.finding.detail = "no TrustPolicy of the pod's namespace applies to this image";
    } else {
      delegate_.finding.detail =
          cat("no TrustPolicy of the pod's namespace relies on TrustRoot ", roots);
    }
  }

 private:
  void ask(const PolicyState& policy, const AuthorityState& authority) {
    if (policy.finding.outcome == Outcome::fail) {
      return say(policy, policy.finding.reason, policy.finding.detail);
    }
    if (policy.finding.outcome == Outcome::pass && try_signatures(policy, authority)) return;
    if (authority.good.empty() && authority.finding.outcome == Outcome::fail) {
      say(policy, authority.finding.reason, authority.finding.detail);
    }
    for (const Blocker& blocker : authority.blockers) {
      delegate_.blockers.push_back(blocker);
      // What is wrong there is said with the name of the policy that asked.
      delegate_.blockers.back().error = blocker.error.under(policy.finding.name);
    }
  }

  bool try_signatures(const PolicyState& policy, const AuthorityState& authority) {
    for (const GoodSignature& good : authority.good) {
      const auto within = within_ceiling(case_, *delegate_.authority, authority, good, *judge_);
      if (!within) {
        say(policy, within.error().reason(),
            cat("satisfied, but ", printable(within.error().what(), 512)));
        continue;
      }
      delegate_.finding.outcome = Outcome::pass;
      delegate_.finding.reason = Reason::verified;
      delegate_.finding.detail = cat(policy.finding.name, ": ", authority.finding.detail);
      delegate_.finding.earliest_end = authority.finding.earliest_end;
      return true;
    }
    return false;
  }

  void say(const PolicyState& policy, Reason reason, const std::string& what) {
    if (!why_.empty() && how_far(reason) <= furthest_) return;
    furthest_ = how_far(reason);
    why_ = cat(policy.finding.name, ": ", name_of(reason), " (", what, ")");
  }

  const Hearing& case_;
  AuthorityState& delegate_;
  const DelegateRule& rule_;
  SignatureJudge* judge_;
  int furthest_ = -1;
  std::string why_;
};

}  // namespace

void judge_delegates(const Hearing& the_case, PolicyState& cluster,
                     const std::vector<PolicyState>& namespaced, SignatureJudge* judge) {
  for (AuthorityState& authority : cluster.authorities) {
    if (!std::holds_alternative<DelegateRule>(authority.authority->rule)) continue;
    Delegation delegation(the_case, authority, judge);
    for (const PolicyState& policy : namespaced) {
      delegation.ask(policy);
    }
    delegation.finish();
  }
}

}  // namespace signet
