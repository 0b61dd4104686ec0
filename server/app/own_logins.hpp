#pragma once
// Our own logins for registries in secrets of the release namespace, looked at again and again by
// their names. A secret that is gone gives none from then on; one that cannot be read keeps what it
// gave.

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "server/kube/secrets.hpp"
#include "server/registry/credentials.hpp"
#include "server/runtime/log.hpp"

namespace signet {

class OwnLogins {
 public:
  // All of them, in the order of the names.
  using Use = std::function<void(std::shared_ptr<const Credentials>)>;

  // `api` and `log` must outlive it.
  OwnLogins(KubeApi& api, std::string ns, std::vector<std::string> names, Use use, Log& log);

  // Reads every secret once; `use` hears of it where something changed. Never fails: what is wrong
  // is logged when it begins.
  Task<Result<void>> look();

 private:
  struct Held {
    std::string resource_version;
    std::shared_ptr<const Credentials> logins;
    std::string fault;
  };

  bool take(const std::string& name, DockerSecret secret);
  bool keep(const std::string& name, std::shared_ptr<const Credentials> logins);
  void say(const std::string& name, const std::string& fault);
  void use_all();

  SecretReader reader_;
  std::string ns_;
  std::vector<std::string> names_;
  Use use_;
  Log& log_;
  std::map<std::string, Held> held_;
};

}  // namespace signet
