#pragma once
// A request to a registry with whatever login it wants: candidates in their order, challenge,
// token, redirects. No ping before the first request; what was learned is kept for an hour.

#include <optional>
#include <string>
#include <vector>

#include "server/net/redirects.hpp"
#include "server/net/transport.hpp"
#include "server/registry/auth_steps.hpp"
#include "server/registry/source.hpp"
#include "server/registry/tokens.hpp"
#include "server/runtime/cache.hpp"

namespace signet {

class RegistryRequest {
 public:
  RegistryRequest(HttpRequest http_, RequestKind kind_, Repository repository_, Access access_)
      : http(std::move(http_)),
        kind(kind_),
        repository(std::move(repository_)),
        access(std::move(access_)) {}

  HttpRequest http;
  RequestKind kind;
  Repository repository;
  Access access;
  bool redirect_is_answer = false;  // a redirect that may not be followed is handed out, no error
};

class Authenticator {
 public:
  // What it refers to must outlive it; it must outlive the loop.
  Authenticator(asio::any_io_executor executor, Transport& transport, Clock clock,
                const RegistrySettings& settings, const HostRules& rules);

  // Any status is a reply, also a 401 that no login cures. Fails with registry_blocked, or as the
  // transport and the token server do.
  Task<Result<HttpReply>> send(RegistryRequest request, Deadline deadline);

  // Our own logins, those of the last call; what was learned with others is forgotten.
  void use(std::shared_ptr<const Credentials> credentials);
  // Forgets what was learned with the login of this id, its tokens first of all.
  void forget(const std::string& credential_id);
  // The ids of the logins that would be tried; empty where none would.
  std::string identity(const Repository& repository, const Access& access) const;

 private:
  // What is known of one origin for one credential.
  struct Known {
    Login login;
    bool pinged = false;
  };
  // One request with one candidate under way.
  class Errand {
   public:
    Errand(RegistryRequest request_, std::optional<Credential> credential_)
        : request(std::move(request_)), credential(std::move(credential_)) {}

    RegistryRequest request;
    std::optional<Credential> credential;
    Situation situation;
    std::optional<TokenWanted> token_wanted;  // for the token that was sent
    std::string token;
  };
  struct Candidate {
    std::optional<Credential> login;
    bool tenants = false;  // no login of ours
  };
  using Candidates = std::vector<Candidate>;

  Candidates candidates_for(const RegistryRequest& request);
  const std::string& ids_in(const Credentials& logins, const Repository& repository) const;
  std::string proven_key(const RegistryRequest& request) const;
  std::string key_of(const Errand& errand) const;
  Known known(const Errand& errand);
  void remember(const Errand& errand, Known known);
  void remember_proven(const std::string& key, std::string id);

  Task<Result<HttpReply>> try_one(RegistryRequest request, std::optional<Credential> credential,
                                  Deadline deadline);
  Task<Result<void>> authorise(Errand* errand, Deadline deadline);
  Task<Result<HttpReply>> exchange(HttpRequest http, RequestKind kind, bool redirect_is_answer,
                                   Deadline deadline);
  Task<Result<HttpReply>> foreign(Errand* errand, HttpReply reply, Deadline deadline);
  Task<void> ping(Errand* errand, Deadline deadline);
  // Looks at a reply's challenge: what it means for the next step, and the login if it is taken up.
  ChosenLogin offered(Errand& errand, const HttpReply& reply);

  Transport& transport_;
  const RegistrySettings& settings_;
  const HostRules& rules_;
  Tokens tokens_;
  std::shared_ptr<const Credentials> credentials_;
  Cache<std::string, Known> known_;         // in bytes, as proven_
  Cache<std::string, std::string> proven_;  // the credential that could read a repository
  mutable Cache<std::string, std::string> identities_;  // by logins and repository, in bytes
};

}  // namespace signet
