#pragma once
// Logins for registries, as Docker's config.json and pull secrets hold them, and which of them an
// image may use. Pull secrets are matched exactly as the kubelet does: what verifies must also be
// pullable (registry.md C.8, C.9).

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/oci/reference.hpp"

namespace signet {

struct Credential {
  ~Credential();  // clears what is secret

  std::string username;
  std::string password;
  std::string identity_token;  // a refresh token: POST flow
  std::string registry_token;  // a bearer token, used as it is

  // Tells credentials apart in cache keys and logs; the secret cannot be derived from it.
  std::string id() const;
  // "Basic ..."; for a user name and a password.
  std::string basic() const;

  friend bool operator==(const Credential&, const Credential&) = default;
};

// Whose file it is decides how far its keys reach.
enum class CredentialOwner {
  // Our own: keys with "*" need two literal labels behind it and paths end at a component, for the
  // image's author chooses the host. Identity and registry tokens are used.
  service,
  // A workload's pull secret: the kubelet's rules, which know neither kind of token.
  pull_secret,
};

class Credentials {
 public:
  // {"auths": {...}}. Fails with config_not_ready; entries that cannot be used are skipped and
  // named in warnings().
  static Result<Credentials> parse(std::string_view json, CredentialOwner owner);
  // The older form of pull secrets, whose document is the map itself.
  static Result<Credentials> parse_dockercfg(std::string_view json, CredentialOwner owner);

  // In the order they are tried, at most kCredentialsTried.
  std::vector<Credential> candidates_for(const Repository& repository) const;
  // Those of `more` behind ours under each key, as the kubelet merges several pull secrets.
  void append(const Credentials& more);
  bool empty() const { return keys_.empty(); }
  // Of all of them, sorted and distinct.
  std::vector<std::string> ids() const;
  // Equal serials, equal logins; for what is remembered of them.
  std::uint64_t serial() const { return serial_; }

  // What was skipped and why, without secrets. Credential helpers are never run.
  const std::vector<std::string>& warnings() const { return warnings_; }

 private:
  struct Entry {
    Credential credential;
    CredentialOwner owner;
  };
  using Keys = std::map<std::string, std::vector<Entry>, std::greater<>>;

  Result<void> add(std::string_view key, Credential credential, CredentialOwner owner);

  Keys keys_;  // in reverse byte order, which is the order of look-up
  std::vector<std::string> warnings_;
  std::uint64_t serial_ = next_serial();

  static std::uint64_t next_serial();

  friend class CredentialReader;
};

inline constexpr std::size_t kCredentialsTried = 8;  // logins tried for one image

}  // namespace signet
