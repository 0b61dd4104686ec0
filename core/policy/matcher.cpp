#include "core/policy/matcher.hpp"

#include <algorithm>

#include "core/base/text.hpp"

namespace signet {
namespace {

bool any_matches(const std::vector<ImageGlob>& globs, std::string_view repository) {
  return std::any_of(globs.begin(), globs.end(),
                     [&](const ImageGlob& glob) { return glob.matches(repository); });
}

// A document that failed to load and whose images nobody knows.
bool is_unreadable(const Policy& policy) {
  return !policy.issues.empty() && policy.match.images.empty();
}

bool covers_namespace(const Policy& policy, std::string_view ns) {
  if (policy.kind == PolicyKind::namespaced) {
    return policy.ns == ns || (policy.ns.empty() && !policy.issues.empty());
  }
  const auto& names = policy.match.namespaces;
  return is_unreadable(policy) || names.empty() ||
         std::any_of(names.begin(), names.end(),
                     [&](const std::string& pattern) { return matches_name(pattern, ns); });
}

// What is known of a namespace may be enough: one expression that fails decides.
Coverage selected(const Selector& selector, const Workload& workload) {
  Coverage coverage = Coverage::inside;
  for (const Selector::Expression& expression : selector.expressions) {
    if (expression.key == kNamespaceNameLabel) {
      if (!expression.holds(workload.ns)) return Coverage::outside;
    } else if (!workload.namespace_labels) {
      coverage = Coverage::unknown;
    } else if (!expression.holds(label_of(*workload.namespace_labels, expression.key))) {
      return Coverage::outside;
    }
  }
  return coverage;
}

// Labels belong to whoever writes the pod; in a cluster policy they would be a way out.
bool covers_object(const Policy& policy, const Workload& workload) {
  return policy.kind == PolicyKind::cluster || !policy.match.object_selector ||
         policy.match.object_selector->matches(workload.labels);
}

const StaticRule* static_rule(const Authority& authority) {
  return std::get_if<StaticRule>(&authority.rule);
}

bool denies_everything(const Policy& policy) {
  return std::any_of(policy.authorities.begin(), policy.authorities.end(),
                     [](const Authority& authority) {
                       return is_static_deny(authority) && static_rule(authority)->digests.empty();
                     });
}

bool allows_everything(const Policy& policy) {
  const bool denies =
      std::any_of(policy.authorities.begin(), policy.authorities.end(), is_static_deny);
  if (denies || policy.threshold > 1) return false;
  return std::any_of(policy.authorities.begin(), policy.authorities.end(),
                     [](const Authority& authority) {
                       const StaticRule* const rule = static_rule(authority);
                       return rule && rule->digests.empty() && !rule->expires;
                     });
}

}  // namespace

Coverage coverage_of(const Policy& policy, const Workload& workload, std::string_view repository) {
  // Cheapest first: most policies of a large cluster belong to another namespace.
  if (!covers_namespace(policy, workload.ns)) return Coverage::outside;
  if (is_unreadable(policy)) return Coverage::inside;
  const bool covers = any_matches(policy.match.images, repository) &&
                      covers_object(policy, workload) &&
                      !any_matches(policy.match.exclude, repository);
  if (!covers) return Coverage::outside;
  const auto& selector = policy.match.namespace_selector;
  const bool asks = policy.kind == PolicyKind::cluster && selector;
  return asks ? selected(*selector, workload) : Coverage::inside;
}

bool names_host(const Policy& policy, std::string_view repository) {
  return std::any_of(
      policy.match.images.begin(), policy.match.images.end(),
      [&](const ImageGlob& glob) { return glob.has_literal_host() && glob.matches(repository); });
}

bool is_static_deny(const Authority& authority) {
  const StaticRule* const rule = static_rule(authority);
  return rule && rule->action == StaticRule::Action::deny;
}

bool asks_for_signatures(const Policy& policy) {
  return std::any_of(policy.authorities.begin(), policy.authorities.end(),
                     [](const Authority& authority) { return static_rule(authority) == nullptr; });
}

Preview preview(const Policy& policy, const Reference& image) {
  if (!policy.issues.empty() || policy.authorities.empty()) return Preview::refuses;
  if (policy.require_digest && !image.digest()) return Preview::refuses;
  if (denies_everything(policy)) return Preview::refuses;
  return allows_everything(policy) ? Preview::passes : Preview::open;
}

bool refused_outright(const Plan& plan) {
  const auto enforces = [&](const Policy* policy) {
    return mode_of(plan, *policy) == Mode::enforce;
  };
  if (std::any_of(plan.undecided.begin(), plan.undecided.end(), enforces)) return true;
  const auto refuses = [&](const Policy* policy) {
    return enforces(policy) && preview(*policy, plan.image) == Preview::refuses;
  };
  return std::any_of(plan.cluster.begin(), plan.cluster.end(), refuses) ||
         std::any_of(plan.namespaced.begin(), plan.namespaced.end(), refuses);
}

std::vector<SignaturePlace> places_of(const Policy& policy, const Authority& authority,
                                      const Reference& image) {
  std::vector<SignaturePlace> places;
  if (!std::holds_alternative<CertificateRule>(authority.rule) &&
      !std::holds_alternative<KeyRule>(authority.rule)) {
    return places;
  }
  // The image's own repository is looked at with the image's own credentials, however it is named.
  const auto& elsewhere = authority.signature_repository;
  const bool beside = !elsewhere || elsewhere->canonical() == image.repository().canonical();
  const Repository& repository = beside ? image.repository() : *elsewhere;
  for (const SignatureFormat format : authority.formats) {
    places.push_back({repository, format, beside || policy.kind == PolicyKind::cluster});
  }
  return places;
}

Result<const Trust*> trust_of(const CertificateRule& rule, const PolicySet& policies) {
  if (rule.trust_root.empty()) {
    if (rule.trust) return rule.trust.get();
    return Error(Reason::trust_root_missing, "the authority names no roots");
  }
  const auto found = policies.trust_roots.find(rule.trust_root);
  if (found == policies.trust_roots.end() || !found->second) {
    return Error(Reason::trust_root_missing,
                 cat("there is no TrustRoot ", quoted(rule.trust_root)));
  }
  if (!found->second->issues.empty()) {
    return Error(Reason::trust_root_missing,
                 cat("TrustRoot ", quoted(rule.trust_root),
                     " is invalid: ", printable(found->second->issues.front().str())));
  }
  return &found->second->trust;
}

}  // namespace signet
