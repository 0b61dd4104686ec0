#pragma once
// Objects of a cluster as its API server hands them out, for tests of what follows them.

#include <nlohmann/json.hpp>
#include <string>

#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "server/verify/policy_objects.hpp"
#include "tests/support/certificates.hpp"

namespace signet::testing {

inline const std::string kTeams = "ClusterTrustPolicy/teams";
inline const std::string kRoot = "TrustRoot/linuxera";

// A live object: with everything in its metadata that is nobody's business here.
inline PolicyObject object_of(PolicyKindName kind, const std::string& name, const Json& spec,
                              const std::string& ns = "", std::int64_t generation = 1,
                              const std::string& uid = "uid") {
  Json metadata = {{"name", name},
                   {"uid", uid},
                   {"resourceVersion", "4711"},
                   {"generation", generation},
                   {"creationTimestamp", "2026-06-01T00:00:00Z"},
                   {"selfLink", "/apis/x"},
                   {"labels", {{"team", "a"}}},
                   {"annotations", {{"note", "\u00e4"}}},
                   {"finalizers", {"x/y"}},
                   {"ownerReferences", Json::array({{{"kind", "App"}}})},
                   {"managedFields", Json::array({{{"fieldsV1", {{"f:spec", Json::object()}}}}})}};
  if (!ns.empty()) metadata["namespace"] = ns;
  const Json object = {{"apiVersion", "signet.dev/v1alpha1"},
                       {"kind", std::string(name_of(kind))},
                       {"metadata", metadata},
                       {"spec", spec},
                       {"status", {{"conditions", Json::array({{{"type", "Ready"}}})}}}};
  return {kind, ns, name, uid, "4711", generation, object.dump()};
}

inline Json fixed(const std::string& action = "deny",
                  const std::string& images = "quay.io/shop/**") {
  return {{"match", {{"images", {images}}}},
          {"authorities", Json::array({{{"name", "fixed"}, {"static", {{"action", action}}}}})}};
}

inline Json by_root(const std::string& root) {
  return {
      {"match", {{"images", {"quay.io/shop/**"}}}},
      {"authorities",
       Json::array({{{"certificate",
                      {{"trustRootRef", {{"name", root}}},
                       {"identities", Json::array({{{"subject", "a@example.org"},
                                                    {"issuer", "https://example.org"}}})}}}}})}};
}

inline Json root_with(const Json& roots) {
  return {{"certificateAuthorities", Json::array({{{"roots", roots}}})}};
}

inline PolicyObject cluster_object(const std::string& name, const Json& spec,
                                   std::int64_t generation = 1) {
  return object_of(PolicyKindName::cluster_policy, name, spec, "", generation);
}

inline PolicyObject team_object(const std::string& ns, const std::string& name, const Json& spec,
                                std::int64_t generation = 1) {
  return object_of(PolicyKindName::policy, name, spec, ns, generation);
}

inline PolicyObject root_object(const std::string& name, const Json& spec) {
  return object_of(PolicyKindName::trust_root, name, spec);
}

// A condition of one object, as "False Invalid: the message"; empty where there is none.
inline std::string condition_of(const PolicyObjects::Reading& reading, const std::string& object,
                                const std::string& type) {
  for (const PolicyObjectStatus& status : reading.statuses) {
    if (status.object.str() != object) continue;
    for (const PolicyCondition& one : status.conditions) {
      if (one.type != type) continue;
      const char* const word = one.status == ConditionStatus::yes  ? "True "
                               : one.status == ConditionStatus::no ? "False "
                                                                   : "Unknown ";
      return cat(word, one.reason, ": ", one.message);
    }
  }
  return "";
}

// The policy as it decides; nullptr where there is none.
inline const Policy* policy_named(const PolicySet& set, const std::string& display_name) {
  for (const auto& policy : set.policies) {
    if (policy->display_name() == display_name) return policy.get();
  }
  return nullptr;
}

}  // namespace signet::testing
