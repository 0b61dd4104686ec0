// What the configuration names: the open label sets, capped (webhook.md I.5).

#include <algorithm>
#include <map>
#include <set>

#include "core/policy/model.hpp"
#include "server/runtime/metrics.hpp"

namespace signet {
namespace {

using Rows = std::vector<std::vector<std::string>>;
using PolicyLabels = std::unordered_map<std::string, std::string, TextHash, std::equal_to<>>;

constexpr std::size_t kPoliciesShown = 200;
constexpr std::ptrdiff_t kNamespaced = 50;
constexpr std::size_t kRegistries = 20;
constexpr std::size_t kRoots = 200;
constexpr std::size_t kHashDigits = 12;
constexpr std::string_view kModes[] = {"enforce", "warn", "audit"};
// What a reason says of one image under one policy.
std::string_view result_of(Reason reason) {
  switch (standing_of(reason)) {
    case Standing::trusted:
      return "pass";
    case Standing::refused:
    case Standing::malformed:
      return "fail";
    case Standing::unchecked:
      return "error";
  }
  return "error";
}

// Reasons that are known before a policy is asked.
constexpr Reason kBeforePolicies[] = {Reason::skipped_unchanged,
                                      Reason::no_policy_allow,
                                      Reason::no_policy_deny,
                                      Reason::invalid_reference,
                                      Reason::overloaded,
                                      Reason::config_not_ready,
                                      Reason::clock};

enum class Asked { maybe, surely };  // was the policy asked?

// Every reason that a judgement can have: all but those of the request itself.
void add_verdict_rows(Rows& rows, std::string_view policy, std::string_view mode, Asked asked) {
  for (int i = 0; i <= static_cast<int>(Reason::malformed_object); ++i) {
    const auto reason = static_cast<Reason>(i);
    if (standing_of(reason) == Standing::malformed) continue;
    const bool before = std::find(std::begin(kBeforePolicies), std::end(kBeforePolicies), reason) !=
                        std::end(kBeforePolicies);
    if (before && asked == Asked::surely) continue;
    rows.push_back({std::string(policy), std::string(mode), std::string(result_of(reason)),
                    std::string(name_of(reason))});
  }
}

Rows verdict_rows() {
  Rows rows;
  add_verdict_rows(rows, "none", "none", Asked::maybe);
  for (const std::string_view mode : kModes)
    add_verdict_rows(rows, kOtherLabel, mode, Asked::maybe);
  return rows;
}

LabelRows request_codes() {
  return LabelRows::of("operation",
                       {"head_manifest", "get_manifest", "get_blob", "referrers", "token"}) *
         LabelRows::of("code", {"2xx", "3xx", "401", "403", "404", "429", "4xx", "5xx", "timeout",
                                "network", "tls"});
}

double seconds_of(TimePoint at) {
  return static_cast<double>(at.time_since_epoch().count());
}

std::string_view kind_of(const Policy& policy) {
  return policy.kind == PolicyKind::cluster ? "ClusterTrustPolicy" : "TrustPolicy";
}

// The host of a pattern; nothing where it is not literal.
std::string host_of(const ImageGlob& pattern) {
  return pattern.has_literal_host() ? pattern.text().substr(0, pattern.text().find('/'))
                                    : std::string();
}

struct RootEnds {
  std::map<std::string, TimePoint, std::less<>> parts;

  void note(const std::string& part, TimePoint end) {
    const auto [at, added] = parts.emplace(part, end);
    if (!added) at->second = std::min(at->second, end);
  }
  void note(const Trust& trust) {
    for (const CertificateAuthority& authority : trust.authorities) {
      for (const Certificate& anchor : authority.anchors)
        note("ca", anchor.not_after());
      for (const Certificate& intermediate : authority.intermediates)
        note("ca", intermediate.not_after());
      for (const Crl& crl : authority.crls)
        note("crl", crl.next_update());
    }
  }
};

std::map<std::string, RootEnds> ends_of(const PolicySet& set) {
  std::map<std::string, RootEnds> roots;
  for (const auto& [name, root] : set.trust_roots) {
    if (roots.size() < kRoots) roots[name].note(root->trust);
  }
  for (const auto& policy : set.policies) {
    for (const Authority& authority : policy->authorities) {
      const auto* rule = std::get_if<CertificateRule>(&authority.rule);
      if (rule == nullptr || !rule->trust_root.empty() || !rule->trust) continue;
      if (roots.size() >= kRoots) continue;
      roots[policy->display_name()].note(*rule->trust);
    }
  }
  return roots;
}

// The label of each policy by its display name. Tenants make namespaced policies, so that many of
// them are shown by their namespace.
PolicyLabels labels_of(const PolicySet& set) {
  const auto namespaced =
      std::count_if(set.policies.begin(), set.policies.end(),
                    [](const auto& policy) { return policy->kind == PolicyKind::namespaced; });
  PolicyLabels labels;
  for (const auto& policy : set.policies) {
    if (labels.size() >= kPoliciesShown) break;
    const std::string name = policy->display_name();
    const bool by_namespace = policy->kind == PolicyKind::namespaced && namespaced > kNamespaced;
    labels.emplace(name, by_namespace ? "namespaced/" + policy->ns : name);
  }
  return labels;
}

}  // namespace

Metrics::Metrics(TimePoint started)
    : AdmissionMetrics(*registry_),
      ImageMetrics(*registry_),
      RegistryMetrics(*registry_),
      ServerMetrics(*registry_),
      AccessMetrics(*registry_),
      CrlMetrics(*registry_),
      KubeMetrics(*registry_),
      WriterMetrics(*registry_),
      ProcessMetrics(*registry_) {
  image_verifications.keep(verdict_rows());
  show_registries();
  // Nothing runs that was not loaded.
  config_last_reload_successful.set_all(1);
  build_info.set_all(1);
  process_start_time.set({}, seconds_of(started));
}

void Metrics::show_policies(const PolicySet& set) {
  policy_labels_ = labels_of(set);
  Rows verdicts = verdict_rows();
  Rows ready;
  std::set<std::string> hosts;
  policies.set_all(0);
  for (const auto& policy : set.policies) {
    const std::string kind(kind_of(*policy));
    const std::string mode(name_of(policy->mode));
    policies.add({kind, mode, policy->issues.empty() ? "true" : "false"}, 1);
    for (const ImageGlob& pattern : policy->match.images)
      hosts.insert(host_of(pattern));
    const auto label = policy_labels_.find(policy->display_name());
    if (label == policy_labels_.end()) continue;
    add_verdict_rows(verdicts, label->second, mode, Asked::surely);
    ready.push_back({kind, label->second});
  }
  image_verifications.keep(verdicts);
  policy_ready.keep(ready);
  show_ready(set);
  hosts.erase("");
  policy_registries_.assign(hosts.begin(), hosts.end());
  show_registries();
  show_roots(set);
  const std::string hash = set.fingerprint.substr(0, kHashDigits);
  policy_generation_info.keep({{hash}});
  policy_generation_info.set({hash}, 1);
}

// Policies that share a label are ready when all of them are.
void Metrics::show_ready(const PolicySet& set) {
  policy_ready.set_all(1);
  Rows ends = {{std::string(kOtherLabel)}};
  for (const auto& policy : set.policies) {
    const std::string_view label = label_of(policy->display_name());
    if (!policy->issues.empty()) policy_ready.set({kind_of(*policy), label}, 0);
    ends.push_back({std::string(label)});
  }
  admitted_certificate_not_after.keep(ends);
}

void Metrics::show_roots(const PolicySet& set) {
  const auto roots = ends_of(set);
  Rows ends;
  for (const auto& [root, found] : roots) {
    for (const auto& [part, end] : found.parts)
      ends.push_back({root, part});
  }
  trust_root_not_after.keep(ends);
  for (const auto& [root, found] : roots) {
    for (const auto& [part, end] : found.parts)
      trust_root_not_after.set({root, part}, seconds_of(end));
  }
  Rows names;
  for (const auto& [name, root] : set.trust_roots) {
    if (names.size() < kRoots) names.push_back({name});
  }
  trust_root_ready.keep(names);
  for (const auto& [name, root] : set.trust_roots)
    trust_root_ready.set({name}, root->issues.empty() ? 1 : 0);
}

void Metrics::know_registries(std::vector<std::string> hosts) {
  configured_registries_ = std::move(hosts);
  show_registries();
}

void Metrics::show_registries() {
  std::vector<std::string> shown;
  for (const auto* hosts : {&configured_registries_, &policy_registries_}) {
    for (const std::string& host : *hosts) {
      const bool known = std::find(shown.begin(), shown.end(), host) != shown.end();
      if (!known && shown.size() < kRegistries) shown.push_back(host);
    }
  }
  shown.emplace_back(kOtherLabel);
  const LabelRows registries = LabelRows::of("registry", std::move(shown));
  registry_requests.keep((registries * request_codes()).rows);
  registry_circuit_open.keep(registries.rows);
  registry_circuit_opened.keep(registries.rows);
}

std::string_view Metrics::label_of(std::string_view policy) const {
  const auto label = policy_labels_.find(policy);
  return label == policy_labels_.end() ? kOtherLabel : std::string_view(label->second);
}

void Metrics::count_verdict(std::string_view policy, std::string_view mode, Reason reason) {
  const std::string_view label = policy == "none" ? policy : label_of(policy);
  image_verifications.add({label, mode, result_of(reason), name_of(reason)});
}

void Metrics::saw_certificate_end(std::string_view policy, TimePoint end, TimePoint now) {
  const std::string_view label = label_of(policy);
  const TimePoint earliest = ends_.saw(label, end, now);
  admitted_certificate_not_after.set({label}, seconds_of(earliest));
}

void Metrics::forget(TimePoint now) {
  admitted_certificate_not_after.clear();
  for (const auto& [label, end] : ends_.since(now))
    admitted_certificate_not_after.set({label}, seconds_of(end));
}

}  // namespace signet
