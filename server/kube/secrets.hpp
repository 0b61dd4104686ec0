#pragma once
// Reads exactly the secret that is named, and which secrets an account names: by GET, when somebody
// asks, and nothing is kept here (webhook.md F.4). What it says is for the author of a pod.

#include <string>
#include <vector>

#include "server/kube/api.hpp"
#include "server/runtime/metrics.hpp"
#include "server/runtime/secret.hpp"

namespace signet {

enum class SecretState {
  ok,
  missing,
  forbidden,
  unusable,     // of another type, empty, or not as the API server gives it
  unreachable,  // nobody answered in time, or with an error
};

enum class DockerSecretForm {
  config_json,  // kubernetes.io/dockerconfigjson: {"auths": {...}}
  dockercfg,    // kubernetes.io/dockercfg: the map itself
};

struct DockerSecret {
  SecretState state = SecretState::unreachable;
  DockerSecretForm form = DockerSecretForm::config_json;
  SecretString document;         // ok
  std::string resource_version;  // ok
  std::string why;               // else: a sentence with the cure
};

// The secrets that a ServiceAccount names for pods that name none.
struct AccountSecrets {
  SecretState state = SecretState::unreachable;
  std::vector<std::string> names;  // ok: distinct, in their order
  std::string why;                 // else
};

class SecretReader {
 public:
  // Both must outlive it; `metrics` may be null.
  SecretReader(KubeApi& api, AccessMetrics* metrics) : api_(api), metrics_(metrics) {}

  Task<DockerSecret> docker_secret(std::string ns, std::string name, Deadline deadline);
  Task<AccountSecrets> of_account(std::string ns, std::string account, Deadline deadline);

 private:
  void count(SecretState state);

  KubeApi& api_;
  AccessMetrics* metrics_;
};

// Whether a text can be the name of an object, so that it may stand in a path.
bool is_kube_name(std::string_view text);

}  // namespace signet
