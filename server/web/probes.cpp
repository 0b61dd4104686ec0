#include "server/web/probes.hpp"

#include "core/base/text.hpp"

namespace signet {
namespace {

constexpr std::string_view kOnePrefix = "/readyz/";

struct Listed {
  std::string lines;  // as Kubernetes' own components list them
  bool ok = true;
};

Listed list_checks(const std::vector<Check>& checks) {
  Listed listed;
  for (const Check& check : checks) {
    const auto done = check.check();
    listed.ok = listed.ok && done;
    listed.lines.append(cat(done ? "[+]" : "[-]", check.name, done ? " ok" : " failed: ",
                            done ? std::string() : printable(done.error().what()), "\n"));
  }
  return listed;
}

WebReply report(std::string_view probe, const Listed& listed, std::string_view query) {
  if (!listed.ok) return WebReply::text(503, cat(listed.lines, probe, " check failed\n"));
  if (!query_has(query, "verbose")) return WebReply::text(200, "ok");
  return WebReply::text(200, cat(listed.lines, probe, " check passed\n"));
}

}  // namespace

Probes::Probes(std::vector<Check> ready, Metrics& metrics)
    : ready_(std::move(ready)), metrics_(metrics) {
  ready_.push_back(Check{"shutdown", [this]() -> Result<void> {
                           if (!draining_) return {};
                           return Error(Reason::config_not_ready, "the program is ending");
                         }});
}

void Probes::add_health_routes(Router& router) {
  const Handler live_handler = [this](WebRequest request) { return live(std::move(request)); };
  router.add(Route{"GET", "/livez", live_handler});
  router.add(Route{"GET", "/healthz", live_handler});
  router.add(
      Route{"GET", "/readyz", [this](WebRequest request) { return ready(std::move(request)); }});
  router.add(Route{"GET", std::string(kOnePrefix),
                   [this](WebRequest request) { return one(std::move(request)); }});
}

void Probes::add_metrics_routes(Router& router) {
  router.add(
      Route{"GET", "/metrics", [this](WebRequest request) { return scrape(std::move(request)); }});
}

// That the loop answers is all there is to being alive.
Task<WebReply> Probes::live(WebRequest request) {
  Listed listed;
  listed.lines = "[+]ping ok\n";
  co_return report("livez", listed, request.query);
}

Task<WebReply> Probes::ready(WebRequest request) {
  co_return report("readyz", list_checks(ready_), request.query);
}

Task<WebReply> Probes::one(WebRequest request) {
  const std::string name = request.path.substr(kOnePrefix.size());
  for (const Check& check : ready_) {
    if (check.name != name) continue;
    co_return report("readyz", list_checks({check}), request.query);
  }
  co_return WebReply::text(404, "no such check\n");
}

Task<WebReply> Probes::scrape(WebRequest) {
  WebReply reply;
  reply.content_type = "text/plain; version=0.0.4; charset=utf-8";
  reply.body = metrics_.text();
  co_return reply;
}

}  // namespace signet
