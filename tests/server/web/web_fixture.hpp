#pragma once
// The whole web server on loopback with a judge that a test writes, and a client that sends bytes
// as they are. Server and client share one loop.

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>

#include "core/policy/loader.hpp"
#include "server/web/server.hpp"
#include "tests/core/admission/reviews.hpp"
#include "tests/support/run.hpp"

namespace signet::testing {

inline Verdict trusted(const Reference& image) {
  Verdict verdict;
  verdict.outcome = Outcome::pass;
  verdict.reason = Reason::verified;
  verdict.image = image.original();
  verdict.digest = Digest::of(image.original());
  return verdict;
}

inline Verdict refused(const Reference& image, Reason reason) {
  return failed_verdict(image.original(), Error(reason, "as the test says"));
}

// A set with one policy that covers every image.
inline std::shared_ptr<const PolicySet> some_policies(std::string_view images = "**") {
  const SourceFile files[] = {
      {"p.yaml",
       "apiVersion: signet.dev/v1alpha1\nkind: ClusterTrustPolicy\nmetadata: {name: all}\nspec:\n"
       "  match: {images: [\"" +
           std::string(images) +
           "\"]}\n  authorities: [{name: fixed, static: {action: allow}}]\n"}};
  const auto no_files = [](const std::string&, const std::string&) -> Result<Blob> {
    return Error(Reason::config_not_ready, "no files here");
  };
  Loaded loaded = load_policies(files, no_files);
  if (!loaded.issues.empty()) throw std::runtime_error(loaded.issues[0].str());
  return std::make_shared<PolicySet>(make_policy_set(std::move(loaded), NoMatch::deny));
}

// A judge that trusts every image, and resolves every tag.
inline Judge trusting_judge() {
  Judge judge;
  judge.verify = [](Reference image, Workload, std::shared_ptr<const PolicySet>,
                    Deadline) -> Task<Verdict> { co_return trusted(image); };
  judge.resolve = [](Reference image, Workload, Deadline) -> Task<Result<Digest>> {
    co_return Digest::of(image.original());
  };
  return judge;
}

struct WebOptions {
  Judge judge = trusting_judge();
  WebhookSettings webhook;
  SessionTimers timers;
  SeatLimits seats{100, 100, 0, 0};
  std::size_t memory_limit = 0;
  std::size_t body_bytes = std::size_t{64} << 20;
};

inline WebOptions quick() {
  WebOptions options;
  options.timers.linger = std::chrono::milliseconds(50);
  options.timers.goodbye = std::chrono::milliseconds(50);
  return options;
}

inline const std::string kReview = create_pod(pod_of("quay.io/x/app:1")).str();

inline TimePoint wall_now() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

class WebFixture {
 public:
  explicit WebFixture(WebOptions options = {})
      : policies(some_policies()),
        metrics(TimePoint{}),
        log(LogLevel::error, [](std::string_view) {}),
        webhook(options.judge, policies, options.webhook, metrics, log),
        probes({Check{"certificate", [this] { return tls.usable(); }}}, metrics),
        tls({}, wall_now, metrics),
        memory(options.memory_limit),
        server(loop.get_executor(), settings_from(options), webhook, probes, tls, memory, metrics,
               log) {
    if (const auto made = tls.make_own({"localhost"}); !made) {
      throw std::runtime_error(made.error().what());
    }
    auto opened = server.open();
    if (!opened) throw std::runtime_error(opened.error().what());
    listening = *opened;
    ClientTls client;
    client.ca_pem = tls.chain_pem();
    client.system_anchors = false;
    trust = *make_client_context(client);
  }
  ~WebFixture() {
    run_on(loop, server.stop(deadline_in(std::chrono::seconds(2))));
    run_on(loop, webhook.stop(deadline_in(std::chrono::seconds(0))));
  }

  // Sends `bytes` over TLS and reads to the end of the stream.
  std::string talk(std::string bytes) { return run_on(loop, talk_tls(std::move(bytes))); }
  std::string talk_health(std::string bytes) {
    return run_on(loop, talk_plain(listening.health.port, std::move(bytes)));
  }
  std::string talk_metrics(std::string bytes) {
    return run_on(loop, talk_plain(listening.metrics.port, std::move(bytes)));
  }

  Task<asio::ip::tcp::socket> connect(std::uint16_t port) {
    asio::ip::tcp::socket socket(co_await asio::this_coro::executor);
    const asio::ip::tcp::endpoint endpoint(asio::ip::address_v4::loopback(), port);
    co_await socket.async_connect(endpoint, kToken);
    co_return std::move(socket);
  }

  Task<std::string> talk_plain(std::uint16_t port, std::string bytes) {
    asio::ip::tcp::socket socket = co_await connect(port);
    std::string said = co_await send_and_read(socket, std::move(bytes));
    co_return said;
  }

  Task<std::string> talk_tls(std::string bytes) {
    const TlsContext context = trust;
    asio::ip::tcp::socket socket = co_await connect(listening.admission.port);
    asio::ssl::stream<asio::ip::tcp::socket&> stream(socket, *context);
    if (!expect_host(stream.native_handle(), "localhost")) co_return "no host";
    const auto [failure] = co_await stream.async_handshake(asio::ssl::stream_base::client, kToken);
    if (failure) co_return "handshake: " + failure.message();
    std::string said = co_await send_and_read(stream, std::move(bytes));
    co_return said;
  }

  asio::io_context loop;
  Snapshot<PolicySet> policies;
  Metrics metrics;
  Log log;
  Webhook webhook;
  Probes probes;
  TlsReload tls;
  Memory memory;
  WebServer server;
  Listening listening;
  TlsContext trust;

 private:
  static WebSettings settings_from(const WebOptions& options) {
    WebSettings settings;
    settings.listen = settings.health_listen = settings.metrics_listen = {"127.0.0.1", 0};
    settings.timers = options.timers;
    settings.seats = options.seats;
    settings.body_bytes = options.body_bytes;
    return settings;
  }

  template <class Stream>
  static Task<std::string> send_and_read(Stream& stream, std::string bytes) {
    const auto whole = asio::buffer(bytes);
    co_await asio::async_write(stream, whole, kToken);
    std::string said;
    std::string piece(16384, '\0');
    while (true) {
      const auto target = asio::buffer(piece);
      const auto [failure, count] = co_await stream.async_read_some(target, kToken);
      said.append(piece, 0, count);
      if (failure) co_return said;
    }
  }
};

inline std::string get(const std::string& path, const std::string& method = "GET") {
  return method + " " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
}

inline std::string post(const std::string& body, const std::string& path = "/validate",
                        const std::string& more = "Connection: close\r\n") {
  return "POST " + path + " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n" + more +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

inline std::string body_of(const std::string& reply) {
  const auto end = reply.find("\r\n\r\n");
  return end == std::string::npos ? "" : reply.substr(end + 4);
}

inline int status_of(const std::string& reply) {
  return reply.starts_with("HTTP/1.1 ") ? std::stoi(reply.substr(9, 3)) : 0;
}

}  // namespace signet::testing
