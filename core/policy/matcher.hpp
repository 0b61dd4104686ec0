#pragma once
// What a policy covers, and how far it gets without evidence. Shared by the plan and the judgement,
// so that what is fetched and what is judged can never differ.

#include <string_view>
#include <vector>

#include "core/policy/plan.hpp"

namespace signet {

// A label that every namespace has, its name (policy.md 1; Kubernetes sets it).
inline constexpr std::string_view kNamespaceNameLabel = "kubernetes.io/metadata.name";

// Whether a policy is asked about an image of a workload (policy.md 1). A policy that was never
// read well, and whose images are unknown, is asked about everything in its scope (policy.md 11).
enum class Coverage {
  outside,
  inside,
  unknown,  // it asks for labels of the namespace that nobody knows (security.md SR-33)
};
Coverage coverage_of(const Policy& policy, const Workload& workload, std::string_view repository);

// Whether a pattern that matched names the registry's host literally (policy.md 15).
bool names_host(const Policy& policy, std::string_view repository);

enum class Preview {
  refuses,  // invalid, unpinned, or a static deny of every image
  passes,   // a static allow of every image that never ends
  open,     // evidence or the time of day decides
};
Preview preview(const Policy& policy, const Reference& image);
bool is_static_deny(const Authority& authority);
// Whether an authority is not static: what such a policy enforces must be pinned (rulings.md 20).
bool asks_for_signatures(const Policy& policy);

// Whether an enforcing policy refuses before anything is looked up; the others are not asked then.
bool refused_outright(const Plan& plan);

// Where the signatures that an authority counts may lie; empty for static and delegate.
std::vector<SignaturePlace> places_of(const Policy& policy, const Authority& authority,
                                      const Reference& image);

// The trust of a certificate authority, or why there is none (trust_root_missing).
Result<const Trust*> trust_of(const CertificateRule& rule, const PolicySet& policies);

}  // namespace signet
