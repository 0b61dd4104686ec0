#pragma once
// Which policies an image must pass, and therefore what must be fetched. Taken once from one
// PolicySet; nobody looks anything up later.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/policy/model.hpp"

namespace signet {

// The workload that names an image.
struct Workload {
  std::string ns;
  // Nothing: nobody knows them. The label kubernetes.io/metadata.name is `ns`, known or not.
  std::optional<Labels> namespace_labels;
  Labels labels;  // of the pod or its template
  // Whose logins the kubelet will use: the secrets that are named, in their order, or those of the
  // account of a template that names none. No plan depends on them.
  std::vector<std::string> pull_secrets = {};
  std::string service_account = {};  // empty: none is asked
};

// Where signatures of one format may lie.
struct SignaturePlace {
  Repository repository;
  SignatureFormat format;
  // Who asked for it: a namespaced policy's signatureRepository never gets the service's own
  // credentials (policy.md 4).
  bool own_credentials = true;

  friend auto operator<=>(const SignaturePlace&, const SignaturePlace&) = default;
};

struct Plan {
  Reference image;
  std::shared_ptr<const PolicySet> policies;
  std::vector<const Policy*> cluster;     // applicable, borrowed from `policies`
  std::vector<const Policy*> namespaced;  // applicable
  std::vector<const Policy*> undecided;   // would apply, were unknown labels of the namespace right
  std::vector<SignaturePlace> places;     // distinct; by repository, the image's own first, bundles
                                          // before legacy
  bool needs_digest = false;              // false: decided without any network
  Trial trial = Trial::none;
};

// The part of a workload that a plan depends on, as one unambiguous text: plans of one set, one key
// and one image are equal.
std::string workload_key(const PolicySet& policies, const Workload& workload);

Plan plan_for(std::shared_ptr<const PolicySet> policies, const Workload& workload,
              const Reference& image);

// A policy's mode for this plan: on trial an enforce is a warn, but for a namespace's trial where
// the policy holds a static deny, for that is a ban and no requirement that could be tried.
Mode mode_of(const Plan& plan, const Policy& policy);
// Whether no ClusterTrustPolicy applies, so that `noMatch` decides (policy.md 6).
bool is_unmatched(const Plan& plan);
// Whether an enforcing policy with an authority that is not static covers the image: what must be
// pinned (rulings.md 20).
bool enforces_signatures(const Plan& plan);

// What was found for a plan. A missing piece is data: `registry down` and `not signed` meet the
// same pure rule.
struct Evidence {
  Result<Digest> digest;  // what the tag stands for, or why nobody can tell
  std::map<SignaturePlace, FoundSignatures> found;  // a place that is absent was not searched (yet)
  // Why the digest is older than it should be, for people; as FoundSignatures::stale.
  std::optional<std::string> digest_stale = std::nullopt;
};

}  // namespace signet
