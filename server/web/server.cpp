#include "server/web/server.hpp"

#include "server/web/policy_hook.hpp"

namespace signet {
namespace {

// Probes and scrapers are few; the cap keeps strangers from holding descriptors.
constexpr std::size_t kPlainConnections = 64;

ListenerSettings plain(const ListenAddress& address) {
  ListenerSettings settings;
  settings.address = address;
  settings.seats = {kPlainConnections, kPlainConnections, 0, 0};
  return settings;
}

ListenerSettings secure(const WebSettings& web, TlsReload& tls) {
  ListenerSettings settings;
  settings.address = web.listen;
  settings.seats = web.seats;
  settings.tls = [&tls] { return tls.current(); };
  return settings;
}

}  // namespace

WebServer::WebServer(asio::any_io_executor executor, const WebSettings& settings, Webhook& webhook,
                     Probes& probes, TlsReload& tls, Memory& memory, Metrics& metrics, Log& log)
    : probes_(probes),
      memory_(memory),
      metrics_(metrics),
      log_(log),
      bodies_(settings.body_bytes),
      admission_(executor, secure(settings, tls),
                 host(admission_routes_, "admission", settings.timers)),
      health_(executor, plain(settings.health_listen),
              host(health_routes_, "health", settings.timers)),
      metrics_listener_(executor, plain(settings.metrics_listen),
                        host(metrics_routes_, "metrics", settings.timers)) {
  admission_routes_.add(Route{"POST", "/validate", [&webhook](WebRequest request) {
                                return webhook.validate(std::move(request));
                              }});
  admission_routes_.add(Route{"POST", "/mutate", [&webhook](WebRequest request) {
                                return webhook.mutate(std::move(request));
                              }});
  admission_routes_.add(policy_route(webhook.policies()));
  probes.add_health_routes(health_routes_);
  probes.add_metrics_routes(metrics_routes_);
}

SessionHost WebServer::host(const Router& router, std::string listener,
                            const SessionTimers& timers) {
  return SessionHost{router, bodies_, memory_, metrics_, log_, std::move(listener),
                     timers, {},      {},      false};
}

Result<Listening> WebServer::open() {
  auto admission = admission_.open();
  if (!admission) return admission.error().under("listen (--listen)");
  auto health = health_.open();
  if (!health) return health.error().under("healthListen (--health-listen)");
  auto metrics = metrics_listener_.open();
  if (!metrics) return metrics.error().under("metricsListen (--metrics-listen)");
  Listening listening{*admission, *health, *metrics};
  return listening;
}

void WebServer::begin_drain() {
  probes_.set_draining();
  metrics_.draining.set({}, 1);
  admission_.close_connections_after_answers();
}

Task<void> WebServer::stop(Deadline deadline) {
  begin_drain();
  // The health port is the last to go, so that a probe sees "not ready" and not "nobody there".
  co_await admission_.stop(deadline);
  co_await metrics_listener_.stop(deadline);
  co_await health_.stop(deadline);
}

}  // namespace signet
