#pragma once
// One HTTP exchange. The real one is https_transport.hpp; tests script theirs; retrying_transport
// wraps another.

#include "server/net/http_message.hpp"
#include "server/runtime/task.hpp"

namespace signet {

class Transport {
 public:
  virtual ~Transport() = default;
  // Any status is a reply. Fails with registry_blocked (no packet was sent), registry_dns,
  // registry_unreachable, registry_tls, registry_timeout, registry_protocol, limit_exceeded,
  // deadline.
  virtual Task<Result<HttpReply>> send(HttpRequest request, Deadline deadline) = 0;
};

}  // namespace signet
