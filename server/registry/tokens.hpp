#pragma once
// Bearer tokens, fetched once and kept until they expire (registry.md C.1, C.4). Concurrent
// requests for one repository share one fetch; refusals are remembered for a moment.

#include <boost/asio/any_io_executor.hpp>
#include <optional>
#include <string>

#include "server/net/transport.hpp"
#include "server/registry/credentials.hpp"
#include "server/registry/token_request.hpp"
#include "server/runtime/cache.hpp"
#include "server/runtime/single_flight.hpp"

namespace signet {

struct TokenWanted {
  Url registry;
  TokenScope scope;
  // Only where the realm may have it (core/oci/realm.hpp).
  std::optional<Credential> credential;
  std::string tenant = {};  // whose share of the connections the first fetch takes
  bool tenants_login = false;

  // Everything that the token depends on.
  std::string key() const;
};

struct Token {
  std::string text;
  bool is_fresh = false;  // fetched just now: a refusal of it is final
};

class Tokens {
 public:
  // `transport` must outlive this, and this every flight on the loop.
  Tokens(asio::any_io_executor executor, Transport& transport, Clock clock,
         std::chrono::milliseconds longest);

  // Fails with registry_auth, registry_forbidden, registry_rate_limited, registry_protocol, or as
  // the transport does.
  Task<Result<Token>> get(TokenWanted wanted, Deadline deadline);
  // Forgets a token that the registry refused, unless another has come meanwhile.
  void drop(const TokenWanted& wanted, std::string_view refused);
  // Forgets those of one credential, refusals too.
  void forget(const std::string& credential_id);
  // Forgets all of them.
  void clear();

 private:
  Task<Result<std::string>> fetch(TokenWanted wanted);
  Task<Result<HttpReply>> ask(TokenWanted wanted, Deadline deadline);
  Task<Result<HttpReply>> exchange(TokenWanted wanted, Deadline deadline);

  Transport& transport_;
  Clock clock_;
  std::chrono::milliseconds longest_;
  Cache<std::string, std::string> tokens_;  // in bytes, as refusals_
  Cache<std::string, Error> refusals_;
  SingleFlight<std::string, std::string> flights_;
};

}  // namespace signet
