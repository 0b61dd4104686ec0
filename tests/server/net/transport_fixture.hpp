#pragma once
// An HttpsTransport with a resolver that answers as scripted, and short timers.

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>

#include "server/net/https_transport.hpp"
#include "tests/server/net/loopback.hpp"
#include "tests/server/net/pki.hpp"
#include "tests/support/run.hpp"

namespace signet::testing {

class ScriptedResolver final : public Resolver {
 public:
  Task<Result<Addresses>> resolve(std::string host, Deadline deadline) override {
    ++asked;
    boost::system::error_code failure;
    const auto literal = asio::ip::make_address(host, failure);
    if (!failure) co_return Addresses(1, literal);
    if (silent) {
      asio::steady_timer timer(co_await asio::this_coro::executor, deadline);
      co_await timer.async_wait(kToken);
      co_return Error(Reason::deadline, "the deadline passed");
    }
    const auto found = addresses.find(host);
    if (found == addresses.end()) co_return Error(Reason::registry_dns, "no such name");
    co_return found->second;
  }

  void add(const std::string& host, const std::string& address) {
    addresses[host].push_back(asio::ip::make_address(address));
  }

  std::map<std::string, Addresses> addresses;
  bool silent = false;
  int asked = 0;
};

// "reg.test" is at 127.0.0.1, and its CA is trusted.
struct TransportFixture : ::testing::Test {
  TransportFixture() {
    resolver.add("reg.test", "127.0.0.1");
    settings.ca_pem = pki.ca_pem();
    settings.system_anchors = false;
    settings.addresses.enabled = false;
  }

  static HttpRequest get(const std::string& url) { return HttpRequest("GET", *Url::parse(url)); }
  static std::string https(const Loopback& server, const std::string& host = "reg.test") {
    return "https://" + host + ":" + std::to_string(server.port()) + "/v2/";
  }
  static std::string http(const Loopback& server, const std::string& host = "reg.test") {
    return "http://" + host + ":" + std::to_string(server.port()) + "/v2/";
  }

  Result<HttpReply> send(HttpRequest request, Deadline deadline = deadline_in(kLong)) {
    if (!transport) {
      transport = *HttpsTransport::make(loop.get_executor(), resolver, settings);
    }
    return run_on(loop, transport->send(std::move(request), deadline));
  }
  Reason reason_of(HttpRequest request, Deadline deadline = deadline_in(kLong)) {
    const auto reply = send(std::move(request), deadline);
    return reply ? Reason::verified : reply.error().reason();
  }

  static constexpr std::chrono::milliseconds kLong{30'000};
  static constexpr std::chrono::milliseconds kShort{30};

  asio::io_context loop;
  ServerPki pki;
  ScriptedResolver resolver;
  NetSettings settings;
  std::unique_ptr<HttpsTransport> transport;
};

}  // namespace signet::testing
