#include "core/policy/plan.hpp"

#include <algorithm>
#include <set>
#include <string_view>
#include <tuple>

#include "core/policy/matcher.hpp"

namespace signet {
namespace {

// Those that must be asked, in the order of the set.
std::vector<const Policy*> candidates(const PolicySet& set, const Workload& workload,
                                      std::string_view repository) {
  std::vector<const Policy*> policies;
  if (!set.index) {
    for (const auto& policy : set.policies)
      policies.push_back(policy.get());
    return policies;
  }
  for (const std::size_t position : set.index->candidates(workload.ns, repository)) {
    policies.push_back(set.policies[position].get());
  }
  return policies;
}

void choose_policies(Plan& plan, const Workload& workload) {
  const std::string repository = plan.image.repository().canonical();
  for (const Policy* const policy : candidates(*plan.policies, workload, repository)) {
    const Coverage coverage = coverage_of(*policy, workload, repository);
    if (coverage == Coverage::unknown) plan.undecided.push_back(policy);
    if (coverage != Coverage::inside) continue;
    (policy->kind == PolicyKind::cluster ? plan.cluster : plan.namespaced).push_back(policy);
  }
}

// Written with its length before it, so that no two lists of texts have one key.
void add_text(std::string& key, std::string_view text) {
  key.append(std::to_string(text.size())).append(":").append(text);
}

void add_labels(std::string& key, const std::vector<std::string>& names, const Labels& labels) {
  for (const std::string& name : names) {
    const auto value = label_of(labels, name);
    if (value) add_text(key, *value);
    if (!value) key.append("-");
  }
}

// Labels that nobody knows put nothing down.
Trial trial_of(const PolicySet& policies, const Workload& workload) {
  if (policies.dry_run) return Trial::of_all;
  if (!workload.namespace_labels) return Trial::none;
  const bool warns = label_of(*workload.namespace_labels, kEnforceLabel) == "warn";
  return warns ? Trial::of_namespace : Trial::none;
}

std::vector<std::string> delegated_roots(const Plan& plan) {
  std::vector<std::string> roots;
  for (const Policy* const policy : plan.cluster) {
    if (preview(*policy, plan.image) != Preview::open) continue;
    for (const Authority& authority : policy->authorities) {
      const auto* const rule = std::get_if<DelegateRule>(&authority.rule);
      if (!rule) continue;
      roots.insert(roots.end(), rule->trust_roots.begin(), rule->trust_roots.end());
    }
  }
  return roots;
}

// Collects what must be fetched, in one go over the applicable policies.
class Wants {
  // The image's own repository before others, and in each one bundles before legacy.
  auto rank(const SignaturePlace& place) const {
    const bool elsewhere = place.repository != plan_.image.repository();
    return std::make_tuple(elsewhere, place.repository, !place.own_credentials, place.format);
  }

 public:
  explicit Wants(Plan& plan) : plan_(plan), roots_(delegated_roots(plan)) {}

  void add(const Policy& policy) {
    const Preview seen = preview(policy, plan_.image);
    if (seen == Preview::refuses) return;
    for (const Authority& authority : policy.authorities) {
      if (seen == Preview::passes && !is_delegated(policy, authority)) continue;
      add(policy, authority);
    }
  }

  void finish() {
    plan_.places.assign(places_.begin(), places_.end());
    std::sort(plan_.places.begin(), plan_.places.end(),
              [&](const SignaturePlace& a, const SignaturePlace& b) { return rank(a) < rank(b); });
    plan_.needs_digest = digest_ || !plan_.places.empty();
  }

 private:
  // A delegate asks whether a signature satisfied the authority, however its policy passes.
  bool is_delegated(const Policy& policy, const Authority& authority) const {
    const auto* const rule = std::get_if<CertificateRule>(&authority.rule);
    return policy.kind == PolicyKind::namespaced && rule && !rule->trust_root.empty() &&
           std::find(roots_.begin(), roots_.end(), rule->trust_root) != roots_.end();
  }

  void add(const Policy& policy, const Authority& authority) {
    if (const auto* const rule = std::get_if<StaticRule>(&authority.rule)) {
      digest_ = digest_ || !rule->digests.empty();
    }
    const auto* const rule = std::get_if<CertificateRule>(&authority.rule);
    if (rule && !trust_of(*rule, *plan_.policies)) return;
    for (SignaturePlace& place : places_of(policy, authority, plan_.image)) {
      places_.insert(std::move(place));
    }
  }

  Plan& plan_;
  std::vector<std::string> roots_;
  std::set<SignaturePlace> places_;
  bool digest_ = false;
};

}  // namespace

Mode mode_of(const Plan& plan, const Policy& policy) {
  if (policy.mode != Mode::enforce || plan.trial == Trial::none) return policy.mode;
  const bool bans =
      std::any_of(policy.authorities.begin(), policy.authorities.end(), is_static_deny);
  return bans && plan.trial == Trial::of_namespace ? Mode::enforce : Mode::warn;
}

std::string workload_key(const PolicySet& policies, const Workload& workload) {
  std::string key;
  add_text(key, workload.ns);
  add_labels(key, policies.label_keys.of_object, workload.labels);
  key.append(workload.namespace_labels ? "=" : "?");
  if (workload.namespace_labels) {
    add_labels(key, policies.label_keys.of_namespace, *workload.namespace_labels);
  }
  return key;
}

Plan plan_for(std::shared_ptr<const PolicySet> policies, const Workload& workload,
              const Reference& image) {
  Plan plan{image, std::move(policies), {}, {}, {}, {}, false, Trial::none};
  plan.trial = trial_of(*plan.policies, workload);
  choose_policies(plan, workload);
  if (is_unmatched(plan) && plan.policies->no_match == NoMatch::deny) return plan;
  if (refused_outright(plan)) return plan;

  Wants wants(plan);
  for (const Policy* const policy : plan.cluster) {
    wants.add(*policy);
  }
  for (const Policy* const policy : plan.namespaced) {
    wants.add(*policy);
  }
  wants.finish();
  return plan;
}

bool is_unmatched(const Plan& plan) {
  return plan.cluster.empty();
}

bool enforces_signatures(const Plan& plan) {
  const auto enforces = [&](const Policy* policy) {
    return mode_of(plan, *policy) == Mode::enforce && asks_for_signatures(*policy);
  };
  return std::any_of(plan.cluster.begin(), plan.cluster.end(), enforces) ||
         std::any_of(plan.namespaced.begin(), plan.namespaced.end(), enforces);
}

}  // namespace signet
