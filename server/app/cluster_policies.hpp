#pragma once
// The policies of a cluster as they are at one moment, with what they name and the labels of its
// namespaces: read once, for a command that ends.

#include <map>
#include <memory>
#include <string>

#include "server/kube/api.hpp"
#include "server/verify/policy_objects.hpp"

namespace signet {

struct ClusterPolicies {
  PolicyObjects::Reading reading;
  std::map<std::string, Labels> namespace_labels;
};

// `ns` is where Signet itself is, with what its policies name. What is not there makes a policy
// invalid, as it does in the cluster; what may not be read fails, for the cluster may read it.
Task<Result<ClusterPolicies>> read_cluster_policies(KubeApi& api, std::string ns, SetRules rules,
                                                    Deadline deadline);

}  // namespace signet
