#include "server/kube/events.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/base/bytes.hpp"
#include "core/base/json.hpp"
#include "core/base/text.hpp"

namespace signet {
namespace {

constexpr std::string_view kController = "signet.dev/signet";
constexpr std::size_t kInstanceBytes = 128;
constexpr std::size_t kEventNoteBytes = 1024;
constexpr std::size_t kEventNameBytes = 253;
constexpr std::size_t kObjects = 4096;  // whose limits are remembered
constexpr std::chrono::seconds kTryAgain{10};
constexpr int kSentOfOneRun = 20;
constexpr std::chrono::seconds kOneCall{10};

std::string namespace_for(const EventObject& regarding) {
  return regarding.ns.empty() ? "default" : regarding.ns;
}

Json reference_to(const EventObject& object) {
  Json reference = {
      {"apiVersion", object.api_version}, {"kind", object.kind}, {"name", object.name}};
  if (!object.ns.empty()) reference["namespace"] = object.ns;
  if (!object.uid.empty()) reference["uid"] = object.uid;
  return reference;
}

}  // namespace

// ---- the book

bool EventBook::take_token(const EventObject& object, Moment now) {
  const auto most = static_cast<double>(limits_.burst);
  if (!buckets_.contains(object) && buckets_.size() == kObjects) return false;
  Bucket& bucket = buckets_.try_emplace(object, Bucket{most, now}).first->second;
  const std::chrono::duration<double> since = now - bucket.filled;
  bucket.tokens =
      std::min(most, bucket.tokens + since / std::chrono::duration<double>(limits_.refill));
  bucket.filled = now;
  if (bucket.tokens < 1) return false;
  bucket.tokens -= 1;
  return true;
}

EventFate EventBook::add(const EventNote& note, Moment now, TimePoint wall) {
  const Key key{note.regarding, note.type, note.reason, note.action};
  const auto known = series_.find(key);
  if (known != series_.end() && now < known->second.seen + limits_.same) {
    Series& series = known->second;
    if (series.count == series.sent) {
      if (waiting_ == limits_.waiting) return EventFate::dropped;
      ++waiting_;
    }
    ++series.count;
    series.seen = now;
    series.last = wall;
    return EventFate::merged;
  }
  if (known != series_.end()) drop(known);
  if (waiting_ == limits_.waiting || !take_token(note.regarding, now)) return EventFate::dropped;
  Series series;
  series.id = ++last_id_;
  series.note = note;
  series.note.note.resize(std::min(note.note.size(), kEventNoteBytes));
  series.name = name_for(note.regarding);
  series.first = series.last = wall;
  series.seen = series.due = now;
  series_.emplace(key, std::move(series));
  ++waiting_;
  return EventFate::queued;
}

std::optional<EventWrite> EventBook::next(Moment now) {
  for (auto& [key, series] : series_) {
    if (series.is_under_way || series.count == series.sent || now < series.due) continue;
    series.is_under_way = true;
    return write_for(series);
  }
  return std::nullopt;
}

void EventBook::done(std::uint64_t id, Moment now) {
  const Place place = find(id);
  if (place == series_.end()) return;
  Series& series = place->second;
  series.is_under_way = false;
  series.tries = 0;
  series.due = now + limits_.series_every;
  // What came while it was under way is written with the next.
  series.sent = series.written;
  if (series.sent == series.count) --waiting_;
}

void EventBook::refused(std::uint64_t id) {
  const Place place = find(id);
  if (place != series_.end()) drop(place);
}

bool EventBook::failed(std::uint64_t id, Moment now) {
  const Place place = find(id);
  if (place == series_.end()) return false;
  Series& series = place->second;
  series.is_under_way = false;
  series.due = now + kTryAgain;
  if (++series.tries < limits_.tries) return true;
  drop(place);
  return false;
}

void EventBook::trim(Moment now) {
  for (Place place = series_.begin(); place != series_.end();) {
    const Series& series = place->second;
    const bool over = series.count == series.sent && now >= series.seen + limits_.same;
    place = over ? series_.erase(place) : std::next(place);
  }
  const auto full = limits_.refill * static_cast<long>(limits_.burst);
  std::erase_if(buckets_, [&](const auto& one) { return now >= one.second.filled + full; });
}

EventBook::Place EventBook::find(std::uint64_t id) {
  return std::find_if(series_.begin(), series_.end(),
                      [id](const auto& one) { return one.second.id == id; });
}

void EventBook::drop(Place place) {
  if (place->second.count != place->second.sent) --waiting_;
  series_.erase(place);
}

std::string EventBook::name_for(const EventObject& object) {
  constexpr std::size_t kDigits = 16;
  const std::uint64_t number = names_();
  std::string octets;
  for (std::size_t i = 0; i < kDigits / 2; ++i)
    octets.push_back(static_cast<char>((number >> (8 * i)) & 0xff));
  return cat(object.name.substr(0, kEventNameBytes - kDigits - 1), ".", hex(octets));
}

EventWrite EventBook::write_for(Series& series) const {
  series.written = series.count;
  EventWrite write;
  write.id = series.id;
  write.is_new = series.sent == 0;
  const std::string ns = namespace_for(series.note.regarding);
  write.path = cat("/apis/events.k8s.io/v1/namespaces/", ns, "/events");
  Json event = Json::object();
  if (series.count > 1) {
    event["series"] = {{"count", series.count},
                       {"lastObservedTime", format_micro_time(series.last)}};
  }
  if (write.is_new) {
    event["apiVersion"] = "events.k8s.io/v1";
    event["kind"] = "Event";
    event["metadata"] = {{"name", series.name}, {"namespace", ns}};
    event["eventTime"] = format_micro_time(series.first);
    event["reportingController"] = kController;
    event["reportingInstance"] = instance_.substr(0, kInstanceBytes);
    event["action"] = series.note.action;
    event["reason"] = series.note.reason;
    event["type"] = series.note.type == EventType::warning ? "Warning" : "Normal";
    event["regarding"] = reference_to(series.note.regarding);
    event["note"] = series.note.note;
  } else {
    write.path += "/" + series.name;
  }
  write.body = event.dump(-1, ' ', false, Json::error_handler_t::replace);
  return write;
}

// ---- the sender

void EventSender::note(const EventNote& note) {
  const EventFate fate = book_.add(note, ticks_(), clock_());
  if (fate == EventFate::merged) metrics_.events.add({"merged"});
  if (fate == EventFate::dropped) metrics_.events.add({"dropped"});
}

Task<Result<void>> EventSender::run() {
  for (int i = 0; i < kSentOfOneRun; ++i) {
    auto write = book_.next(ticks_());
    if (!write) break;
    const bool goes_on = co_await send(std::move(*write));
    if (!goes_on) break;
  }
  book_.trim(ticks_());
  co_return Result<void>();
}

// False where the API server is better left alone for a moment.
Task<bool> EventSender::send(EventWrite write) {
  KubeRequest request(write.is_new ? "POST" : "PATCH", std::move(write.path));
  if (!write.is_new) request.content_type = "application/merge-patch+json";
  request.body = std::move(write.body);
  const auto reply = co_await api_.send(std::move(request), deadline_in(kOneCall));
  if (reply && reply->ok()) {
    metrics_.events.add({"sent"});
    book_.done(write.id, ticks_());
    co_return true;
  }
  const bool may_pass = !reply || reply->status >= 500 || reply->status == 429;
  if (may_pass && book_.failed(write.id, ticks_())) co_return false;
  if (!may_pass) book_.refused(write.id);
  metrics_.events.add({may_pass ? "failed" : "dropped"});
  co_return !may_pass;
}

}  // namespace signet
