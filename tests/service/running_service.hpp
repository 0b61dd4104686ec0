#pragma once
// A Service on a thread of its own, and a client that posts reviews to it over TLS.

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <exception>
#include <functional>
#include <future>
#include <stdexcept>
#include <thread>

#include "core/base/text.hpp"
#include "server/app/service.hpp"
#include "server/cli/demo_review.hpp"
#include "tests/support/run.hpp"
#include "tests/support/temporary_directory.hpp"

namespace signet {

// Whether a fact comes true in time.
inline bool wait_for(const std::function<bool()>& condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(40);
  while (std::chrono::steady_clock::now() < end) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return false;
}

class RunningService {
 public:
  // Everything on free ports of this machine, quiet.
  static Config loopback() {
    Config config;
    config.listen = {"127.0.0.1", 0};
    config.health_listen = {"127.0.0.1", 0};
    config.metrics_listen = {"127.0.0.1", 0};
    config.log_level = LogLevel::error;
    return config;
  }

  RunningService(const Config& config, Clock clock) {
    auto made = Service::make(loop_, config, std::move(clock), [](std::string_view) {});
    if (!made) throw std::runtime_error(made.error().what());
    service_ = std::move(*made);
    auto listening = service_->open();
    if (!listening) throw std::runtime_error(listening.error().what());
    listening_ = *listening;
    thread_ = std::thread([this] { loop_.run(); });
  }

  ~RunningService() {
    asio::co_spawn(loop_, service_->stop(deadline_in(std::chrono::seconds(5))),
                   [](const std::exception_ptr&) {});
    thread_.join();
  }

  const Listening& listening() const { return listening_; }
  const std::string& certificate_pem() const { return service_->certificate_pem(); }

  // The reply to any request at the admission port.
  Result<HttpReply> send(std::string target, std::string body,
                         std::string type = "application/json") const {
    HttpRequest request("POST", *Url::parse(cat("https://", listening_.admission.str(), target)));
    request.headers.emplace_back("Content-Type", std::move(type));
    request.body = std::move(body);
    return exchange(std::move(request));
  }

  // The answer to a review; throws where there is none.
  DemoAnswer post(const std::string& target, const std::string& review) const {
    const auto reply = send(cat(target, "?timeout=10s"), review);
    if (!reply) throw std::runtime_error(reply.error().what());
    auto answer = read_demo_answer(reply->body);
    if (!answer) throw std::runtime_error(cat(answer.error().what(), ": ", reply->body));
    return *answer;
  }

  // What /metrics says.
  std::string metrics() const {
    const auto reply = exchange(
        HttpRequest("GET", *Url::parse(cat("http://", listening_.metrics.str(), "/metrics"))));
    if (!reply) throw std::runtime_error(reply.error().what());
    return reply->body;
  }

  // The status of a probe.
  unsigned health(const std::string& target) const {
    const auto reply =
        exchange(HttpRequest("GET", *Url::parse(cat("http://", listening_.health.str(), target))));
    if (!reply) throw std::runtime_error(reply.error().what());
    return reply->status;
  }

 private:
  Result<HttpReply> exchange(HttpRequest request) const {
    asio::io_context loop(1);
    SystemResolver resolver(loop.get_executor());
    NetSettings net;
    net.ca_pem = service_->certificate_pem();
    net.addresses.enabled = false;
    net.plain_http = {listening_.metrics.str(), listening_.health.str()};
    net.timers.first_byte = std::chrono::seconds(20);
    net.timers.attempt = std::chrono::seconds(20);
    net.timers.operation = std::chrono::seconds(20);
    auto transport = HttpsTransport::make(loop.get_executor(), resolver, net);
    if (!transport) return transport.error();
    auto sent = testing::run_on(
        loop, (*transport)->send(std::move(request), deadline_in(std::chrono::seconds(20))));
    (*transport)->close_idle();
    return sent;
  }

  asio::io_context loop_{1};
  std::unique_ptr<Service> service_;
  Listening listening_;
  std::thread thread_;
};

}  // namespace signet
