#pragma once
// Where the API server is and how Signet proves who it is there: as the ServiceAccount of a Pod, or
// by a kubeconfig outside (webhook.md G.1). A value; what stands in files is named, not read.

#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "server/net/url.hpp"
#include "server/runtime/secret.hpp"

namespace signet {

// Text that stands here, or in a file.
template <class T>
struct TextOrFile {
  T text{};
  std::string file;

  bool empty() const { return text.empty() && file.empty(); }
};

struct KubeAccess {
  Url server;
  TextOrFile<std::string> ca;  // PEM; empty: the system's authorities
  TextOrFile<SecretString> token;
  TextOrFile<std::string> client_certificate;  // PEM
  TextOrFile<SecretString> client_key;
  TextOrFile<std::string> ns;  // that requests are meant for where none is named; may be empty

  // Of a Pod: what KUBERNETES_SERVICE_HOST and _PORT say, and the mounted ServiceAccount. Fails
  // with config_not_ready.
  static Result<KubeAccess> in_cluster(std::string_view host, std::string_view port,
                                       const std::string& directory = kServiceAccount);
  // The current context of a kubeconfig; relative paths in it are beside `path`. Fails with
  // config_not_ready and names the field: what would start a program is refused.
  static Result<KubeAccess> parse(const std::string& path, std::string_view text);
  // The kubeconfig, or, where there is none, what the environment says.
  static Result<KubeAccess> find(const std::string& kubeconfig);

  static constexpr const char* kServiceAccount = "/var/run/secrets/kubernetes.io/serviceaccount";
};

}  // namespace signet
