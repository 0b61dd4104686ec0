#pragma once
// Secrets and ServiceAccounts as the API server gives them.

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/text.hpp"

namespace signet::testing {

inline std::string docker_config(const std::string& host, const std::string& user,
                                 const std::string& password) {
  const nlohmann::json login = {{"username", user}, {"password", password}};
  return nlohmann::json{{"auths", {{host, login}}}}.dump();
}

inline std::string secret_object(const std::string& document,
                                 const std::string& type = "kubernetes.io/dockerconfigjson",
                                 const std::string& key = ".dockerconfigjson") {
  const nlohmann::json object = {{"kind", "Secret"},
                                 {"type", type},
                                 {"metadata", {{"name", "s"}, {"resourceVersion", "7"}}},
                                 {"data", {{key, base64(document)}}}};
  return object.dump();
}

inline std::string account_object(const std::vector<std::string>& secrets) {
  nlohmann::json list = nlohmann::json::array();
  for (const std::string& name : secrets)
    list.push_back({{"name", name}});
  return nlohmann::json{{"kind", "ServiceAccount"}, {"imagePullSecrets", list}}.dump();
}

inline std::string secret_line(const std::string& ns, const std::string& name) {
  return cat("GET /api/v1/namespaces/", ns, "/secrets/", name);
}

}  // namespace signet::testing
