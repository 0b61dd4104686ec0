#include "core/policy/plan.hpp"

#include <algorithm>
#include <set>
#include <tuple>

#include "core/policy/matcher.hpp"

namespace signet {
namespace {

// By name, so that neither files' nor the API server's order shows anywhere.
void sort_by_name(std::vector<const Policy*>& policies) {
  std::stable_sort(policies.begin(), policies.end(), [](const Policy* a, const Policy* b) {
    return std::tie(a->ns, a->name) < std::tie(b->ns, b->name);
  });
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

Plan plan_for(std::shared_ptr<const PolicySet> policies, const Workload& workload,
              const Reference& image) {
  Plan plan{image, std::move(policies), {}, {}, {}, false};
  const std::string repository = image.repository().canonical();
  for (const auto& policy : plan.policies->policies) {
    if (!applies(*policy, workload, repository)) continue;
    (policy->kind == PolicyKind::cluster ? plan.cluster : plan.namespaced).push_back(policy.get());
  }
  sort_by_name(plan.cluster);
  sort_by_name(plan.namespaced);
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
  const auto enforces = [](const Policy* policy) {
    return policy->mode == Mode::enforce &&
           std::any_of(policy->authorities.begin(), policy->authorities.end(),
                       [](const Authority& authority) {
                         return !std::holds_alternative<StaticRule>(authority.rule);
                       });
  };
  return std::any_of(plan.cluster.begin(), plan.cluster.end(), enforces) ||
         std::any_of(plan.namespaced.begin(), plan.namespaced.end(), enforces);
}

}  // namespace signet
