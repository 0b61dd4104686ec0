#pragma once
// policy.md 1 to 7 once more, in the plainest words, beside what the product does with the same
// policies; and with one rule broken at a time, to see that the matrix would notice.

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/policy/model.hpp"

namespace signet::tenancy {

// One rule broken.
enum class Mutant {
  none,
  exclude_ignored,              // 1
  namespaces_ignored,           // 1
  object_selector_ignored,      // 1
  one_policy_suffices,          // 2
  team_lifts_cluster_denial,    // 2
  other_namespace_counts,       // 2
  delegate_needs_nobody,        // 3
  delegate_takes_any_pass,      // 3
  delegate_takes_inline_roots,  // 3
  delegate_takes_other_roots,   // 3
  delegate_forgets_ceiling,     // 3
  delegate_takes_unknown,       // 3
  threshold_is_one,             // 4
  keys_need_not_differ,         // 4
  static_counts_to_threshold,   // 4
  warn_denies,                  // 5
  audit_denies,                 // 5
  enforce_warns,                // 5
  team_lifts_no_match,          // 6
  no_match_ignored,             // 6
  expiry_ignored,               // 7
  digests_ignored,              // 7
  deny_allows,                  // 7
  last,
};

enum class Listed { everything, listed, unlisted };

struct TeamRule {
  enum class Kind { certificate, key, fixed, delegate } kind = Kind::fixed;
  std::string subject;  // of a certificate
  std::string root;     // of a certificate or delegate; "nobody" is not there
  bool inline_roots = false;
  char key = 'a';
  bool denies = false;
  Listed listed = Listed::everything;
  bool ended = false;
  std::optional<std::string> ceiling;
};

struct ModelPolicy {
  bool cluster = true;
  bool here = true;  // of the pod's namespace
  bool image = true;
  bool excluded = false;
  bool namespaces = true;
  bool object = true;
  bool literal_host = true;
  bool invalid = false;
  bool opens = false;  // onError: allow
  bool wants_digest = false;
  Mode mode = Mode::enforce;
  std::size_t threshold = 1;
  std::vector<TeamRule> rules;
  std::shared_ptr<const Policy> real;
};

// Who signed: nothing for whom the certificate or the payload is bad.
struct Signed {
  std::string subject;
  std::string root;
  char key = 'a';
};

struct Setting {
  std::vector<ModelPolicy> cluster;
  std::vector<Signed> signatures;
  bool unreachable = false;  // the registry, after it gave these
  bool pinned = true;
  NoMatch no_match = NoMatch::deny;
};

// Whether an image may run.
class Model {
 public:
  Model(const Setting& setting, const std::vector<const ModelPolicy*>& teams, Mutant mutant)
      : setting_(setting), mutant_(mutant) {
    for (const ModelPolicy& policy : setting.cluster) {
      if (applies(policy)) cluster_.push_back(&policy);
    }
    for (const ModelPolicy* const policy : teams) {
      if (applies(*policy)) teams_.push_back(policy);
    }
  }

  bool allows() const {
    const bool team_passes = std::any_of(teams_.begin(), teams_.end(), [&](const auto* policy) {
      return outcome_of(*policy) == Outcome::pass;
    });
    const bool unmatched = cluster_.empty() && setting_.no_match == NoMatch::deny;
    if (unmatched && is(Mutant::team_lifts_no_match) && team_passes) return true;
    if (unmatched && !is(Mutant::no_match_ignored)) return false;
    if (is(Mutant::team_lifts_cluster_denial) && team_passes) return true;
    const auto denies = [&](const auto* policy) { return this->denies(*policy); };
    if (is(Mutant::one_policy_suffices)) {
      return !std::all_of(cluster_.begin(), cluster_.end(), denies) || cluster_.empty();
    }
    return std::none_of(cluster_.begin(), cluster_.end(), denies) &&
           std::none_of(teams_.begin(), teams_.end(), denies);
  }
  // Whether a delegate of a cluster policy is satisfied by a team: what a denial may be lifted by.
  bool delegates() const {
    return std::any_of(cluster_.begin(), cluster_.end(), [&](const auto* policy) {
      return std::any_of(policy->rules.begin(), policy->rules.end(), [&](const TeamRule& rule) {
        return rule.kind == TeamRule::Kind::delegate && delegated(rule) != Outcome::fail;
      });
    });
  }
  bool covered() const { return !cluster_.empty(); }

 private:
  enum class Outcome { pass, fail, unknown };

  bool is(Mutant mutant) const { return mutant_ == mutant; }

  bool applies(const ModelPolicy& policy) const {
    const bool image = policy.image && (!policy.excluded || is(Mutant::exclude_ignored));
    if (policy.cluster) return image && (policy.namespaces || is(Mutant::namespaces_ignored));
    const bool here = policy.here || is(Mutant::other_namespace_counts);
    return here && image && (policy.object || is(Mutant::object_selector_ignored));
  }

  bool denies(const ModelPolicy& policy) const {
    const Outcome outcome = outcome_of(policy);
    if (outcome == Outcome::pass) return false;
    if (policy.mode == Mode::warn) return is(Mutant::warn_denies);
    if (policy.mode == Mode::audit) return is(Mutant::audit_denies);
    if (is(Mutant::enforce_warns)) return false;
    return outcome == Outcome::fail || !policy.opens || !policy.literal_host;
  }

  Outcome outcome_of(const ModelPolicy& policy) const {
    if (policy.invalid || (policy.wants_digest && !setting_.pinned)) return Outcome::fail;
    if (policy.rules.front().denies && !is(Mutant::deny_allows)) {
      const bool listed = policy.rules.front().listed != Listed::unlisted;
      return listed || is(Mutant::digests_ignored) ? Outcome::fail : Outcome::pass;
    }
    if (reaches(policy, false)) return Outcome::pass;
    return reaches(policy, true) ? Outcome::unknown : Outcome::fail;
  }

  // `hoping`: that what could not be looked at holds a good signature.
  bool reaches(const ModelPolicy& policy, bool hoping) const {
    std::vector<std::vector<std::string>> keys;
    for (const TeamRule& rule : policy.rules) {
      std::vector<std::string> own = keys_of(rule);
      const std::string fresh = "own " + std::to_string(keys.size());
      if (own.empty() && passes_without_key(policy, rule)) own.push_back(fresh);
      if (hoping && hides(policy, rule, own.empty())) own.push_back(fresh);
      keys.push_back(std::move(own));
    }
    const std::size_t wanted = is(Mutant::threshold_is_one) ? 1 : policy.threshold;
    if (is(Mutant::keys_need_not_differ)) {
      return static_cast<std::size_t>(std::count_if(
                 keys.begin(), keys.end(), [](const auto& own) { return !own.empty(); })) >= wanted;
    }
    return distinct(keys, 0, {}) >= wanted;
  }

  static std::size_t distinct(const std::vector<std::vector<std::string>>& keys, std::size_t from,
                              std::vector<std::string> taken) {
    if (from == keys.size()) return taken.size();
    std::size_t most = distinct(keys, from + 1, taken);
    for (const std::string& key : keys[from]) {
      if (std::find(taken.begin(), taken.end(), key) != taken.end()) continue;
      std::vector<std::string> more = taken;
      more.push_back(key);
      most = std::max(most, distinct(keys, from + 1, more));
    }
    return most;
  }

  bool signs(const TeamRule& rule, const Signed& signature) const {
    if (rule.kind == TeamRule::Kind::key) return signature.key == rule.key;
    if (rule.kind != TeamRule::Kind::certificate) return false;
    const std::string root = rule.inline_roots ? "linuxera" : rule.root;
    return signature.root == root && signature.subject == rule.subject;
  }

  std::vector<std::string> keys_of(const TeamRule& rule) const {
    std::vector<std::string> keys;
    for (const Signed& signature : setting_.signatures) {
      if (signs(rule, signature)) keys.emplace_back(1, signature.key);
    }
    return keys;
  }

  bool passes_without_key(const ModelPolicy& policy, const TeamRule& rule) const {
    const bool one = policy.threshold == 1;
    if (rule.kind == TeamRule::Kind::delegate) return one && delegated(rule) == Outcome::pass;
    if (rule.kind != TeamRule::Kind::fixed) return false;
    if (!one && !is(Mutant::static_counts_to_threshold)) return false;
    return (rule.listed != Listed::unlisted || is(Mutant::digests_ignored)) &&
           (!rule.ended || is(Mutant::expiry_ignored));
  }

  bool reads(const TeamRule& rule) const {
    return rule.kind == TeamRule::Kind::key || (rule.kind == TeamRule::Kind::certificate &&
                                                (rule.inline_roots || rule.root != "nobody"));
  }

  bool hides(const ModelPolicy& policy, const TeamRule& rule, bool found_none) const {
    if (rule.kind == TeamRule::Kind::delegate) {
      return policy.threshold == 1 && delegated(rule) == Outcome::unknown;
    }
    return setting_.unreachable && reads(rule) && (found_none || policy.threshold > 1);
  }

  Outcome delegated(const TeamRule& delegate) const {
    if (is(Mutant::delegate_needs_nobody)) return Outcome::pass;
    Outcome best = Outcome::fail;
    for (const ModelPolicy* const policy : teams_) {
      const Outcome outcome = outcome_of(*policy);
      if (outcome == Outcome::pass && is(Mutant::delegate_takes_any_pass)) return Outcome::pass;
      if (outcome == Outcome::unknown && is(Mutant::delegate_takes_unknown)) return Outcome::pass;
      if (outcome == Outcome::fail) continue;
      for (const TeamRule& rule : policy->rules) {
        if (!relies_on(rule, delegate)) continue;
        if (outcome == Outcome::pass && within(rule, delegate)) return Outcome::pass;
        if (setting_.unreachable && reads(rule)) best = Outcome::unknown;
      }
    }
    return best;
  }

  bool relies_on(const TeamRule& rule, const TeamRule& delegate) const {
    if (rule.kind != TeamRule::Kind::certificate) return false;
    if (rule.inline_roots) return is(Mutant::delegate_takes_inline_roots);
    return rule.root == delegate.root || is(Mutant::delegate_takes_other_roots);
  }

  bool within(const TeamRule& rule, const TeamRule& delegate) const {
    return std::any_of(
        setting_.signatures.begin(), setting_.signatures.end(), [&](const Signed& signature) {
          const bool below = !delegate.ceiling || signature.subject == *delegate.ceiling ||
                             is(Mutant::delegate_forgets_ceiling);
          return signs(rule, signature) && below;
        });
  }

  const Setting& setting_;
  Mutant mutant_;
  std::vector<const ModelPolicy*> cluster_;
  std::vector<const ModelPolicy*> teams_;
};

}  // namespace signet::tenancy
