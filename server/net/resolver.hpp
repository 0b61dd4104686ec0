#pragma once
// Names to addresses. getaddrinfo cannot be cancelled, so it runs on a few threads of its own and
// the caller walks away at its deadline; a stuck look-up holds up neither others nor the shutdown.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/address.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "server/runtime/task.hpp"

namespace signet {

using Addresses = std::vector<asio::ip::address>;

class Resolver {
 public:
  virtual ~Resolver() = default;
  // All addresses of a host name, or the address that `host` is. Fails with registry_dns, or
  // deadline.
  virtual Task<Result<Addresses>> resolve(std::string host, Deadline deadline) = 0;
};

// Blocking; called on a thread of the pool.
using Lookup = std::function<Result<Addresses>(std::string host)>;

// The hosts file, then getaddrinfo for the absolute name: a search list would first ask for
// "ghcr.io.svc.cluster.local", which a tenant can create (registry.md E.6).
Result<Addresses> system_lookup(std::string host);
// getaddrinfo with the search list, for names inside a cluster: "signet.signet-system.svc".
Result<Addresses> searching_lookup(std::string host);
// The addresses that a hosts file has for a name.
Addresses addresses_in_hosts_file(std::string_view text, std::string_view host);

struct ResolverSettings {
  std::size_t threads = 8;    // started when needed
  std::size_t waiting = 256;  // names in the queue; more fail at once
  std::size_t cached = 1024;  // names
  std::chrono::milliseconds life{30'000};
  std::size_t addresses = 32;  // kept of one name
};

class SystemResolver final : public Resolver {
 public:
  SystemResolver(asio::any_io_executor executor, ResolverSettings settings = {},
                 Lookup lookup = system_lookup);
  // Does not wait for threads that are inside a look-up.
  ~SystemResolver() override;
  SystemResolver(const SystemResolver&) = delete;
  SystemResolver& operator=(const SystemResolver&) = delete;

  Task<Result<Addresses>> resolve(std::string host, Deadline deadline) override;

 private:
  struct Shared;
  struct Pending;
  class Caller;

  Task<Result<Addresses>> look_up(std::string host, Deadline deadline);

  std::shared_ptr<Shared> shared_;
};

}  // namespace signet
