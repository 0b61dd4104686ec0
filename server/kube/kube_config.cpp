#include "server/kube/kube_config.hpp"

#include <cstdlib>

#include "core/base/bytes.hpp"
#include "core/base/limits.hpp"
#include "core/base/text.hpp"
#include "core/policy/yaml.hpp"
#include "server/runtime/files.hpp"

namespace signet {
namespace {

Error config_not_ready(std::string what) {
  return {Reason::config_not_ready, std::move(what)};
}

std::string_view environment(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? std::string_view() : std::string_view(value);
}

// "users" and "alice": the map below it that has this name.
struct Entry {
  std::string_view list;    // clusters, users, contexts
  std::string_view member;  // cluster, user, context
};

class Kubeconfig {
 public:
  Kubeconfig(const std::string& path, const YamlNode& root) : path_(path), root_(root) {}

  Result<KubeAccess> access() const {
    const std::string current = text(root_, "current-context");
    if (current.empty()) {
      return config_not_ready(
          "it has no current-context; choose one with kubectl config use-context NAME");
    }
    const auto context = entry({"contexts", "context"}, current);
    if (!context) return context.error();
    const auto cluster = entry({"clusters", "cluster"}, text(**context, "cluster"));
    if (!cluster) return cluster.error();
    const auto user = entry({"users", "user"}, text(**context, "user"));
    if (!user) return user.error();

    KubeAccess access;
    access.ns.text = text(**context, "namespace");
    const auto reached = read_cluster(**cluster, access);
    if (!reached) return reached.error();
    const auto known = read_user(**user, access);
    if (!known) return known.error();
    return access;
  }

 private:
  static std::string text(const YamlNode& map, std::string_view key) {
    const YamlMember* const member = map.find(key);
    return member == nullptr ? std::string() : member->value.text;
  }

  Result<const YamlNode*> entry(Entry wanted, const std::string& name) const {
    const YamlMember* const list = root_.find(wanted.list);
    if (list != nullptr) {
      for (const YamlNode& item : list->value.items) {
        const YamlMember* const found = item.find(wanted.member);
        if (text(item, "name") == name && found != nullptr) return &found->value;
      }
    }
    return config_not_ready(cat("it has no entry ", quoted(name), " in ", wanted.list));
  }

  std::string beside(std::string file) const {
    if (file.empty() || file.starts_with('/')) return file;
    return path_.substr(0, path_.rfind('/') + 1) + file;
  }

  // "certificate-authority-data" in base64, else "certificate-authority", a file.
  template <class T>
  Result<TextOrFile<T>> data_or_file(const YamlNode& map, const std::string& key) const {
    TextOrFile<T> found;
    const std::string data = text(map, key + "-data");
    if (data.empty()) {
      found.file = beside(text(map, key));
      return found;
    }
    const auto decoded = unbase64(data, Base64::with_lines);
    if (!decoded) return config_not_ready(cat(key, "-data is no base64"));
    found.text = T(*decoded);
    return found;
  }

  Result<void> read_cluster(const YamlNode& cluster, KubeAccess& access) const {
    if (text(cluster, "insecure-skip-tls-verify") == "true") {
      return config_not_ready(
          "insecure-skip-tls-verify is not supported; give certificate-authority");
    }
    if (!text(cluster, "proxy-url").empty()) return config_not_ready("proxy-url is not supported");
    auto server = Url::parse(text(cluster, "server"));
    if (!server) return config_not_ready(cat("server: ", server.error().what()));
    if (!server->tls) return config_not_ready("server must be an https URL");
    access.server = std::move(*server);
    auto ca = data_or_file<std::string>(cluster, "certificate-authority");
    if (!ca) return ca.error();
    access.ca = std::move(*ca);
    return {};
  }

  Result<void> read_user(const YamlNode& user, KubeAccess& access) const {
    for (const std::string_view foreign : {"exec", "auth-provider", "username", "password"}) {
      if (user.find(foreign) == nullptr) continue;
      return config_not_ready(
          cat("the user's ", foreign,
              " is not supported; give a token, a tokenFile or a client-certificate"));
    }
    access.token.file = beside(text(user, "tokenFile"));
    if (access.token.file.empty()) access.token.text = SecretString(text(user, "token"));
    auto certificate = data_or_file<std::string>(user, "client-certificate");
    if (!certificate) return certificate.error();
    auto key = data_or_file<SecretString>(user, "client-key");
    if (!key) return key.error();
    if (certificate->empty() != key->empty()) {
      return config_not_ready("client-certificate and client-key belong together");
    }
    access.client_certificate = std::move(*certificate);
    access.client_key = std::move(*key);
    if (access.token.empty() && access.client_certificate.empty()) {
      return config_not_ready("the user has neither a token nor a client-certificate");
    }
    return {};
  }

  const std::string& path_;
  const YamlNode& root_;
};

}  // namespace

Result<KubeAccess> KubeAccess::in_cluster(std::string_view host, std::string_view port,
                                          const std::string& directory) {
  if (host.empty() || port.empty()) {
    return config_not_ready(
        "KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set, as they are in a Pod; "
        "outside a cluster give kubernetes.kubeconfig (--kubeconfig)");
  }
  const bool is_v6 = host.find(':') != std::string_view::npos && !host.starts_with('[');
  auto server = Url::parse(is_v6 ? cat("https://[", host, "]:", port, "/")
                                 : cat("https://", host, ":", port, "/"));
  if (!server) return config_not_ready(cat("KUBERNETES_SERVICE_HOST: ", server.error().what()));
  KubeAccess access;
  access.server = std::move(*server);
  access.ca.file = directory + "/ca.crt";
  access.token.file = directory + "/token";
  access.ns.file = directory + "/namespace";
  return access;
}

Result<KubeAccess> KubeAccess::parse(const std::string& path, std::string_view text) {
  const YamlFile file = read_yaml(text);
  std::string problem;
  if (file.failure) problem = file.failure->what;
  if (problem.empty() && file.documents.empty()) problem = "it is empty";
  if (file.documents.size() > 1) problem = "a kubeconfig is one document, not several";
  if (problem.empty() && file.documents.front().root.kind != YamlNode::Kind::map) {
    problem = "it is no kubeconfig, as `kubectl config view --raw` prints one";
  }
  if (problem.empty() && !file.documents.front().problems.empty()) {
    problem = file.documents.front().problems.front().what;
  }
  if (!problem.empty()) return config_not_ready(cat(path, ": ", problem));
  auto access = Kubeconfig(path, file.documents.front().root).access();
  if (!access) return access.error().under(path);
  return access;
}

Result<KubeAccess> KubeAccess::find(const std::string& kubeconfig) {
  if (kubeconfig.empty()) {
    return in_cluster(environment("KUBERNETES_SERVICE_HOST"),
                      environment("KUBERNETES_SERVICE_PORT"));
  }
  const auto text = read_file(kubeconfig, kPolicyFileBytes);
  if (!text) return text.error();
  return parse(kubeconfig, *text);
}

}  // namespace signet
