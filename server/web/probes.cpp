#include "server/web/probes.hpp"

#include "core/base/text.hpp"

namespace signet {
namespace {

constexpr long kScrapesAtOnce = 2;
constexpr std::string_view kOnePrefix = "/readyz/";
constexpr std::chrono::milliseconds kLagProbe{10};

struct Listed {
  std::string lines;  // as Kubernetes' own components list them
  bool ok = true;
};

Listed list_checks(const std::vector<Check>& checks) {
  Listed listed;
  for (const Check& check : checks) {
    const auto done = check.check();
    listed.ok = listed.ok && (done || check.only_told);
    const std::string_view mark = check.only_told ? "[!]" : "[-]";
    const std::string_view wrong = check.only_told ? ": " : " failed: ";
    listed.lines.append(cat(done ? "[+]" : mark, check.name, done ? " ok" : wrong,
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

Task<Result<void>> Probes::beat() {
  asio::steady_timer timer(co_await asio::this_coro::executor, kLagProbe);
  const Deadline due = timer.expiry();
  co_await timer.async_wait(kToken);
  beaten_ = std::chrono::steady_clock::now();
  metrics_.event_loop_lag.observe({}, std::chrono::duration<double>(beaten_ - due).count());
  co_return Result<void>();
}

// That the loop answers, and that timers of its own get their turn, is all there is to being alive.
Task<WebReply> Probes::live(WebRequest request) {
  const Check loop{"loop", [this]() -> Result<void> {
                     if (std::chrono::steady_clock::now() - beaten_ < kStuck) return {};
                     return Error(Reason::internal, "the loop does not get to its own work");
                   }};
  co_return report("livez", list_checks({loop}), request.query);
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

// A scraper that reads slowly holds a whole text in memory.
Task<WebReply> Probes::scrape(WebRequest request) {
  if (scrape_.use_count() > kScrapesAtOnce) {
    WebReply busy = WebReply::text(503, "too many scrapes at once\n");
    busy.retry_after = true;
    co_return busy;
  }
  const MetricsFormat format = format_for(request.accept);
  WebReply reply;
  reply.content_type = format.content_type();
  reply.body = metrics_.text(format.kind);
  reply.held = scrape_;
  co_return reply;
}

}  // namespace signet
