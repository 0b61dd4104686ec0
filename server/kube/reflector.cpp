#include "server/kube/reflector.hpp"

#include "core/base/text.hpp"
#include "server/net/percent_encoding.hpp"

namespace signet {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::string_view kKubeLogger = "kube";
constexpr seconds kGetTime{30};
constexpr seconds kListTime{60};
constexpr std::size_t kListBytes = 64 * kMiB;
constexpr std::size_t kLineBytes = 16 * kMiB;
constexpr seconds kBehindTheWatch{30};

std::string_view word_for(WatchRestart why) {
  switch (why) {
    case WatchRestart::closed:
      return "closed";
    case WatchRestart::gone:
      return "gone";
    case WatchRestart::error:
      return "error";
    case WatchRestart::short_lived:
      return "short";
  }
  return "";
}

std::string_view word_for(WatchEventKind kind) {
  switch (kind) {
    case WatchEventKind::added:
      return "added";
    case WatchEventKind::modified:
      return "modified";
    case WatchEventKind::deleted:
      return "deleted";
    case WatchEventKind::bookmark:
      return "bookmark";
    case WatchEventKind::error:
      return "ignored";
  }
  return "";
}

}  // namespace

Reflector::Reflector(KubeApi& api, WatchTarget target, WatchSink& sink, Means means)
    : api_(api),
      target_(std::move(target)),
      sink_(sink),
      means_(std::move(means)),
      dice_(std::random_device{}()),
      plan_(static_cast<std::uint32_t>(dice_())) {}

Task<Result<void>> Reflector::run() {
  while (true) {
    co_await turn();
  }
}

Task<void> Reflector::turn() {
  const WatchStep step = plan_.next();
  co_await wait(step.not_before);
  if (step.kind == WatchStep::Kind::list) {
    co_await list(step);
  } else {
    co_await watch(step);
  }
}

Task<void> Reflector::wait(Deadline until) {
  if (means_.ticks() >= until) co_return;
  if (means_.pause) {
    co_await means_.pause(until);
    co_return;
  }
  asio::steady_timer timer(co_await asio::this_coro::executor, until);
  co_await timer.async_wait(kToken);
}

// The program ends: what fails now is no news.
Task<bool> Reflector::is_cancelled() {
  const asio::cancellation_state state = co_await asio::this_coro::cancellation_state;
  co_return state.cancelled() != asio::cancellation_type::none;
}

// ---- list

std::string Reflector::query(const WatchStep& step) const {
  std::string text = "?";
  if (!target_.only.empty()) text += cat("fieldSelector=metadata.name%3D", target_.only, "&");
  if (step.kind == WatchStep::Kind::watch) {
    return cat(text,
               "watch=1&allowWatchBookmarks=true&resourceVersion=", percent_encoded(step.version));
  }
  if (step.paged) text += "limit=500&";
  if (!step.token.empty()) text += cat("continue=", percent_encoded(step.token), "&");
  text.pop_back();
  return text;
}

Task<void> Reflector::list(WatchStep step) {
  if (step.token.empty()) pages_.clear();
  KubeRequest request("GET", target_.path + query(step));
  request.body_limit = kListBytes;
  const auto reply = co_await api_.send(std::move(request), deadline_in(kListTime));
  const bool cancelled = co_await is_cancelled();
  if (cancelled) co_return;
  Result<KubePage> page = KubePage();
  std::optional<KubeFault> fault;
  if (!reply) {
    fault = KubeFault::of(reply.error());
  } else if (!reply->ok()) {
    fault = KubeFault::of(*reply);
  } else {
    page = parse_kube_page(reply->body);
    if (!page) fault = KubeFault::of(page.error());
  }
  if (fault) {
    plan_.on_list_failed(*fault, means_.ticks());
    failing(fault->what);
    const bool forbidden = reply && reply->status == 403;
    if (forbidden && !synced_) sink_.refused(fault->what);
    co_return;
  }
  ignore(page->ignored, "a list has an object without a name");
  for (KubeObject& object : page->items)
    pages_.push_back(std::move(object));
  if (!page->next.empty()) {
    plan_.on_page(std::move(page->next));
    co_return;
  }
  auto doubted = sink_.replace(std::exchange(pages_, {}));
  const bool confirmed = co_await confirm(std::move(doubted));
  if (!confirmed) {
    plan_.on_list_failed(KubeFault{KubeFaultKind::broken, "", std::nullopt}, means_.ticks());
    co_return;
  }
  synced_ = true;
  plan_.on_listed(std::move(page->resource_version), means_.ticks());
  healthy();
}

// ---- what is older than what is known

std::string Reflector::path_of(const KubeKey& key) const {
  if (key.ns.empty() || target_.path.find("/namespaces/") != std::string::npos) {
    return cat(target_.path, "/", key.name);
  }
  const std::size_t last = target_.path.rfind('/');
  return cat(target_.path.substr(0, last), "/namespaces/", key.ns, target_.path.substr(last), "/",
             key.name);
}

Task<bool> Reflector::confirm(std::vector<KubeKey> doubted) {
  for (const KubeKey& key : doubted) {
    means_.log.write(LogLine(LogLevel::warn, kKubeLogger, "older_generation",
                             "an object came older than it is known: it is read anew")
                         .with("resource", target_.resource)
                         .with("namespace", key.ns)
                         .with("name", key.name));
    const bool confirmed = co_await confirm_one(key);
    if (!confirmed) co_return false;
  }
  co_return true;
}

Task<bool> Reflector::confirm_one(KubeKey key) {
  KubeRequest request("GET", path_of(key));
  const auto reply = co_await api_.send(std::move(request), deadline_in(kGetTime));
  if (reply && reply->status == 404) {
    sink_.remove(key);
    co_return true;
  }
  if (!reply || !reply->ok()) {
    failing(reply ? reply->message() : reply.error().what());
    co_return false;
  }
  auto object = parse_kube_object(reply->body);
  if (!object) {
    failing(object.error().what());
    co_return false;
  }
  sink_.confirm(std::move(*object));
  co_return true;
}

// ---- watch

Task<void> Reflector::watch(WatchStep step) {
  const seconds span(std::uniform_int_distribution<long>(300, 600)(dice_));
  KubeRequest request(
      "GET", cat(target_.path, query(step), "&timeoutSeconds=", std::to_string(span.count())));
  request.body_limit = kLineBytes;
  stream_fault_.reset();
  doubted_.clear();
  const KubeApi::OnLine on_line = [this](std::string_view line) { return take(line); };
  const GaugeHold connected(means_.metrics.kube_watch_connected, target_.resource);
  const Deadline begun = means_.ticks();
  const auto reply = co_await api_.stream(std::move(request), on_line, span + kBehindTheWatch,
                                          deadline_in(span + 2 * kBehindTheWatch));
  const bool cancelled = co_await is_cancelled();
  if (cancelled) co_return;
  const auto lasted = std::chrono::duration_cast<milliseconds>(means_.ticks() - begun);
  if (!doubted_.empty()) {
    auto doubted = std::exchange(doubted_, {});
    const bool confirmed = co_await confirm(std::move(doubted));
    const KubeFault fault{KubeFaultKind::gone, "", std::nullopt};
    if (confirmed) {
      ended(plan_.on_watch_closed(lasted, means_.ticks()));
    } else {
      ended(plan_.on_watch_failed(fault, means_.ticks()));
    }
    co_return;
  }
  std::optional<KubeFault> fault = stream_fault_;
  if (!fault && !reply) fault = KubeFault::of(reply.error());
  if (!fault && !reply->ok()) fault = KubeFault::of(*reply);
  if (!fault) {
    ended(plan_.on_watch_closed(lasted, means_.ticks()));
    co_return;
  }
  const WatchRestart why = plan_.on_watch_failed(*fault, means_.ticks());
  ended(why);
  if (why == WatchRestart::error) failing(fault->what);
}

Result<void> Reflector::take(std::string_view line) {
  auto event = parse_watch_event(line);
  if (!event) {
    ignore(1, event.error().what());
    return {};
  }
  return take(std::move(*event));
}

Result<void> Reflector::take(WatchEvent event) {
  means_.metrics.kube_watch_events.add({target_.resource, word_for(event.kind)});
  if (event.kind == WatchEventKind::error) {
    stream_fault_ = KubeFault::of(*event.error);
    return Error(Reason::registry_protocol, stream_fault_->what);
  }
  const std::string version = event.object.resource_version;
  const KubeKey key{event.object.ns, event.object.name};
  if (event.kind == WatchEventKind::deleted) sink_.remove(key);
  const bool is_new = event.kind == WatchEventKind::added || event.kind == WatchEventKind::modified;
  if (is_new && !sink_.put(std::move(event.object))) doubted_.push_back(key);
  if (!version.empty()) plan_.on_event(version);
  healthy();
  if (doubted_.empty()) return {};
  return Error(Reason::registry_protocol, "an older object is read anew");
}

// ---- what is told

void Reflector::ended(WatchRestart why) {
  means_.metrics.kube_watch_restarts.add({target_.resource, word_for(why)});
}

// Each kind of it once: whoever sends garbage must not fill the log.
void Reflector::ignore(std::size_t count, const std::string& why) {
  if (count == 0) return;
  means_.metrics.kube_watch_events.add({target_.resource, "ignored"}, static_cast<double>(count));
  if (ignored_ == why) return;
  ignored_ = why;
  means_.log.write(LogLine(LogLevel::warn, kKubeLogger, "event_ignored",
                           "the API server sent something that is no object or event")
                       .with("resource", target_.resource)
                       .with("why", why));
}

void Reflector::failing(const std::string& what) {
  const bool is_news = trouble_.empty();
  trouble_ = what.empty() ? "it fails" : what;
  if (!is_news) return;
  LogLine line(LogLevel::warn, kKubeLogger, "watch_failing",
               synced_ ? "the API server cannot be followed: what it said last goes on"
                       : "the API server cannot be read yet");
  line.with("resource", target_.resource).with("why", trouble_);
  if (healthy_at_) line.with("since", format_time(*healthy_at_));
  means_.log.write(std::move(line));
}

void Reflector::healthy() {
  const TimePoint now = means_.clock();
  if (!trouble_.empty()) {
    trouble_.clear();
    LogLine line(LogLevel::info, kKubeLogger, "watch_restored", "the API server is followed again");
    line.with("resource", target_.resource);
    if (healthy_at_) {
      line.with("away_s", std::chrono::duration_cast<seconds>(now - *healthy_at_).count());
    }
    means_.log.write(std::move(line));
  }
  healthy_at_ = now;
  const std::chrono::duration<double> since_epoch = now.time_since_epoch();
  means_.metrics.policy_last_sync_timestamp.set({target_.resource}, since_epoch.count());
  sink_.alive();
}

}  // namespace signet
