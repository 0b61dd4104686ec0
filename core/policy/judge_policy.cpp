#include "core/policy/judge_policy.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <set>

#include "core/base/text.hpp"
#include "core/policy/matcher.hpp"

namespace signet {
namespace {

using Keys = std::vector<std::vector<std::string>>;

// Augmenting paths: finds a free key for `authority`, moving others out of the way.
bool place_authority(const Keys& keys, std::size_t authority,
                     std::map<std::string, std::size_t>& taken, std::set<std::string>& tried) {
  for (const std::string& key : keys[authority]) {
    if (!tried.insert(key).second) continue;
    const auto holder = taken.find(key);
    if (holder == taken.end() || place_authority(keys, holder->second, taken, tried)) {
      taken[key] = authority;
      return true;
    }
  }
  return false;
}

// Static and delegate stand for no key, and count only at threshold 1; a static deny beside other
// authorities satisfies nobody.
bool may_count(const Policy& policy, const Authority& authority) {
  if (is_static_deny(authority)) return policy.authorities.size() == 1 && policy.threshold <= 1;
  return policy.threshold <= 1 || std::holds_alternative<CertificateRule>(authority.rule) ||
         std::holds_alternative<KeyRule>(authority.rule);
}

using Hope = std::function<bool(const AuthorityState&, const Blocker&)>;

// Whether the threshold is reached if those blockers that `hope` accepts hid a good signature.
bool reaches(const PolicyState& state, const Hope& hope) {
  Keys keys;
  for (const AuthorityState& authority : state.authorities) {
    if (!may_count(*state.policy, *authority.authority)) continue;
    std::vector<std::string> own;
    for (const GoodSignature& good : authority.good) {
      own.push_back(good.verified.key.spki());
    }
    const bool hoped =
        std::any_of(authority.blockers.begin(), authority.blockers.end(),
                    [&](const Blocker& blocker) { return hope(authority, blocker); });
    // A key of its own: nobody knows better.
    if (hoped || (authority.satisfied() && own.empty())) {
      own.push_back(cat("authority ", std::to_string(keys.size())));
    }
    keys.push_back(std::move(own));
  }
  return most_distinct(keys) >= std::max<std::size_t>(state.policy->threshold, 1);
}

// policy.md 15: only an outage that the image's author cannot provoke.
bool may_open(const Policy& policy, const std::string& repository, const AuthorityState& authority,
              const Blocker& blocker) {
  if (blocker.unsearched || !may_fail_open(blocker.error.reason())) return false;
  if (blocker.beside_image) return names_host(policy, repository);
  // The place that a delegated TrustPolicy names is its author's choice.
  return !std::holds_alternative<DelegateRule>(authority.authority->rule);
}

Effect effect_of(const Plan& plan, const Policy& policy, Outcome outcome, bool may_fail_open) {
  const Mode mode = mode_of(plan, policy);
  if (outcome == Outcome::pass || mode == Mode::audit) return Effect::none;
  if (mode == Mode::warn) return Effect::warn;
  if (outcome == Outcome::fail || !may_fail_open) return Effect::deny;
  switch (policy.on_error) {
    case ErrorAction::deny:
      return Effect::deny;
    case ErrorAction::warn:
      return Effect::warn;
    case ErrorAction::allow:
      return Effect::none;
  }
  return Effect::deny;
}

void refuse(PolicyFinding& finding, Reason reason, std::string detail) {
  finding.outcome = Outcome::fail;
  finding.reason = reason;
  finding.detail = std::move(detail);
}

// A policy that needs no evidence to refuse; false where it has to be judged.
bool refuse_unasked(const Policy& policy, const Reference& image, PolicyFinding& finding) {
  if (!policy.issues.empty()) {
    const std::size_t others = policy.issues.size() - 1;
    const std::string more = others == 0 ? "" : cat(" (and ", std::to_string(others), " more)");
    refuse(finding, Reason::policy_invalid, cat(printable(policy.issues.front().str(), 512), more));
    return true;
  }
  if (policy.authorities.empty()) {
    refuse(finding, Reason::policy_invalid, "the policy names no authorities");
    return true;
  }
  if (policy.require_digest && !image.digest()) {
    refuse(finding, Reason::unpinned,
           "the reference has no digest, and the policy says requireDigest");
    return true;
  }
  return false;
}

// With several authorities a detail says whose it is.
std::string attributed(const PolicyState& state, const AuthorityFinding& finding) {
  if (state.authorities.size() == 1) return finding.detail;
  return cat("authority ", finding.name, ": ", finding.detail);
}

void adopt(PolicyState& state, Outcome outcome, const AuthorityFinding& finding) {
  state.finding.outcome = outcome;
  state.finding.reason = finding.reason;
  state.finding.detail = attributed(state, finding);
}

// A real signature says more than a static allow.
void pass_policy(PolicyState& state) {
  const AuthorityState* chosen = nullptr;
  std::vector<std::string> signers;
  std::vector<std::optional<TimePoint>> ends;
  for (const AuthorityState& authority : state.authorities) {
    if (!authority.satisfied() || !may_count(*state.policy, *authority.authority)) continue;
    const bool verified = authority.finding.reason == Reason::verified;
    if (!chosen || (verified && chosen->finding.reason != Reason::verified)) chosen = &authority;
    signers.push_back(authority.finding.detail);
    ends.push_back(authority.finding.earliest_end);
  }
  adopt(state, Outcome::pass, chosen->finding);
  state.finding.certificates_until = chosen->finding.earliest_end;
  if (state.policy->threshold <= 1) return;
  state.finding.detail = join(signers, "; ");
  for (const auto& end : ends)
    state.finding.certificates_until = earlier(state.finding.certificates_until, end);
}

const AuthorityFinding* furthest(const PolicyState& state) {
  const AuthorityFinding* found = nullptr;
  for (const AuthorityState& authority : state.authorities) {
    if (authority.finding.outcome != Outcome::fail) continue;
    if (found && how_far(authority.finding.reason) <= how_far(found->reason)) continue;
    found = &authority.finding;
  }
  return found;
}

void miss(PolicyState& state) {
  const AuthorityFinding* const failed = furthest(state);
  const auto satisfied = static_cast<std::size_t>(
      std::count_if(state.authorities.begin(), state.authorities.end(), [&](const auto& authority) {
        return authority.satisfied() && may_count(*state.policy, *authority.authority);
      }));
  if (failed && satisfied == 0) return adopt(state, Outcome::fail, *failed);
  std::string detail = cat(std::to_string(satisfied), " of ",
                           std::to_string(std::max<std::size_t>(state.policy->threshold, 1)),
                           " authorities are satisfied");
  if (satisfied >= state.policy->threshold) {
    detail += ", but not by distinct keys";
  } else if (failed) {
    detail +=
        cat("; authority ", failed->name, ": ", name_of(failed->reason), " (", failed->detail, ")");
  } else {
    detail += "; static and delegate count only at threshold 1, and a static deny stands alone";
  }
  refuse(state.finding, Reason::threshold_not_met, std::move(detail));
}

// Says what kept the threshold from being met: what `preferred` accepts, if there is such a
// blocker.
void blame(PolicyState& state, const Hope& preferred) {
  const Blocker* chosen = nullptr;
  const AuthorityState* blamed = nullptr;
  for (const AuthorityState& authority : state.authorities) {
    for (const Blocker& blocker : authority.blockers) {
      if (chosen) {
        const bool is_better = preferred(authority, blocker);
        const bool was_better = preferred(*blamed, *chosen);
        if (was_better && !is_better) continue;
        if (was_better == is_better && !comes_before(blocker, *chosen)) continue;
      }
      chosen = &blocker;
      blamed = &authority;
    }
  }
  AuthorityFinding said = blamed->finding;
  said.reason = chosen->error.reason();
  said.detail = printable(chosen->error.what(), 512);
  adopt(state, Outcome::unknown, said);
}

const AuthorityFinding* static_denial(const PolicyState& state) {
  for (const AuthorityState& authority : state.authorities) {
    if (is_static_deny(*authority.authority) && authority.finding.outcome == Outcome::fail) {
      return &authority.finding;
    }
  }
  return nullptr;
}

PolicyFinding introduced(const Plan& plan, const Policy& policy) {
  PolicyFinding finding;
  finding.name = printable(policy.display_name());
  finding.mode = mode_of(plan, policy);
  finding.on_trial = finding.mode != policy.mode;
  finding.message = printable(policy.message);
  finding.asks_for_signatures = asks_for_signatures(policy);
  return finding;
}

// Returns whether onError may apply.
bool judge(PolicyState& state, const std::string& repository) {
  const Hope nothing = [](const AuthorityState&, const Blocker&) { return false; };
  const Hope anything = [](const AuthorityState&, const Blocker&) { return true; };
  const Hope searching = [](const AuthorityState&, const Blocker& blocker) {
    return blocker.unsearched;
  };
  const Hope opening = [&](const AuthorityState& authority, const Blocker& blocker) {
    return may_open(*state.policy, repository, authority, blocker);
  };
  if (const AuthorityFinding* const denial = static_denial(state)) {
    adopt(state, Outcome::fail, *denial);
    return false;
  }
  if (reaches(state, nothing)) {
    pass_policy(state);
    return false;
  }
  state.finding.incomplete = reaches(state, searching);
  if (!reaches(state, anything)) {
    miss(state);
    return false;
  }
  const bool opens = reaches(state, opening);
  blame(state, opens ? opening : nothing);
  return opens;
}

}  // namespace

std::size_t most_distinct(const std::vector<std::vector<std::string>>& keys_of_authorities) {
  std::map<std::string, std::size_t> taken;
  std::size_t placed = 0;
  for (std::size_t i = 0; i < keys_of_authorities.size(); ++i) {
    std::set<std::string> tried;
    if (place_authority(keys_of_authorities, i, taken, tried)) ++placed;
  }
  return placed;
}

PolicyFinding undecided(const Plan& plan, const Policy& policy) {
  std::vector<std::string> keys;
  for (const Selector::Expression& expression : policy.match.namespace_selector->expressions) {
    if (expression.key != kNamespaceNameLabel) keys.push_back(expression.key);
  }
  PolicyFinding finding = introduced(plan, policy);
  finding.outcome = Outcome::unknown;
  finding.effect = effect_of(plan, policy, Outcome::unknown, false);
  finding.reason = Reason::config_not_ready;
  finding.detail =
      cat("the labels of the pod's namespace are not known, and match.namespaceSelector asks for ",
          printable(join(keys, ", "), 256));
  return finding;
}

void close_policy(const Hearing& the_case, PolicyState& state) {
  const Policy& policy = *state.policy;
  state.finding = introduced(the_case.plan, policy);
  bool opens = false;
  if (!refuse_unasked(policy, the_case.plan.image, state.finding)) {
    opens = judge(state, the_case.plan.image.repository().canonical());
  }
  state.finding.effect = effect_of(the_case.plan, policy, state.finding.outcome, opens);
  state.finding.static_allow =
      state.finding.outcome == Outcome::pass && state.finding.reason == Reason::static_allowed &&
      std::none_of(policy.authorities.begin(), policy.authorities.end(), is_static_deny);
  for (AuthorityState& authority : state.authorities) {
    state.finding.authorities.push_back(authority.finding);
  }
}

}  // namespace signet
