#pragma once
// One connection from its first byte to its last: handshake, then requests one after the other,
// each step with a deadline of its own that no trickle of bytes can stretch. Any doubt about where
// a request ends closes the connection.

#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <string>

#include "core/base/limits.hpp"
#include "server/net/tls.hpp"
#include "server/runtime/log.hpp"
#include "server/runtime/memory.hpp"
#include "server/runtime/metrics.hpp"
#include "server/runtime/sessions.hpp"
#include "server/web/request_id.hpp"
#include "server/web/router.hpp"

namespace signet {

// webhook.md A.9, E; rulings.md 11.
struct SessionTimers {
  std::chrono::milliseconds handshake{10'000};
  std::chrono::milliseconds header{5'000};
  std::chrono::milliseconds body{10'000};
  std::chrono::milliseconds write{10'000};
  std::chrono::milliseconds idle{180'000};  // longer than the API server's 90 s, so it closes first
  std::chrono::milliseconds linger{2'000};  // for a refused body to arrive, so the answer is read
  std::chrono::milliseconds goodbye{1'000};  // for the peer's close_notify
  std::chrono::milliseconds age{300'000};  // of a connection, so that new replicas get their share
};

struct SessionLimits {
  std::size_t body = kReviewBytes;
  std::size_t requests = 1000;  // over one connection
};

// What the sessions of one listener share; outlives them.
struct SessionHost {
  const Router& router;
  Budget& bodies;
  Memory& memory;
  Metrics& metrics;
  Log& log;
  std::string listener;
  SessionTimers timers;
  SessionLimits limits;
  RequestIds ids;
  bool closing = false;  // every answer says "Connection: close"
};

Task<void> serve_plain(asio::ip::tcp::socket socket, SessionHost& host, Session& session);
Task<void> serve_tls(asio::ip::tcp::socket socket, TlsContext context, SessionHost& host,
                     Session& session);

}  // namespace signet
