#pragma once
// Events (webhook.md G.5): what is noted is merged into series, held to limits, and sent later by
// nobody's request. A pure book decides what is due; the sender obeys. Nothing waits for an Event.

#include <map>
#include <optional>
#include <random>
#include <string>
#include <tuple>

#include "server/kube/api.hpp"
#include "server/runtime/writer_metrics.hpp"

namespace signet {

struct EventObject {
  std::string api_version;  // apps/v1
  std::string kind;
  std::string ns;  // empty: of the cluster
  std::string name;
  std::string uid{};  // may be empty

  friend auto operator<=>(const EventObject&, const EventObject&) = default;
};

enum class EventType { normal, warning };

struct EventNote {
  EventObject regarding;
  EventType type = EventType::normal;
  std::string reason;  // ImageVerificationFailed
  std::string action;  // VerifyImage
  std::string note;    // cut at 1 kB
};

struct EventLimits {
  std::size_t burst = 25;                               // new events of one object
  std::chrono::seconds refill{300};                     // one more after this
  std::size_t waiting = 1000;                           // what is not sent yet
  std::chrono::seconds same = std::chrono::minutes(6);  // a repetition within makes a series
  std::chrono::seconds series_every{30};                // a series is written
  unsigned tries = 3;
};

enum class EventFate { queued, merged, dropped };

struct EventWrite {
  std::uint64_t id = 0;
  bool is_new = true;  // else its series is written
  std::string path;
  std::string body;
};

class EventBook {
 public:
  using Moment = std::chrono::steady_clock::time_point;

  // `instance`: who reports. `seed` makes the names of events unique.
  EventBook(std::string instance, EventLimits limits, std::uint64_t seed)
      : instance_(std::move(instance)), limits_(limits), names_(seed) {}

  EventFate add(const EventNote& note, Moment now, TimePoint wall);
  // What is due; it is not due again before done() or failed() says so.
  std::optional<EventWrite> next(Moment now);
  void done(std::uint64_t id, Moment now);
  // It will never be taken: its series ends with it.
  void refused(std::uint64_t id);
  // True where it is tried again.
  bool failed(std::uint64_t id, Moment now);
  // Forgets what cannot become a series any more; now and then.
  void trim(Moment now);

  std::size_t waiting() const { return waiting_; }
  std::size_t series() const { return series_.size(); }

 private:
  using Key = std::tuple<EventObject, EventType, std::string, std::string>;
  struct Series {
    std::uint64_t id = 0;
    EventNote note;
    std::string name;
    TimePoint first{};
    TimePoint last{};
    Moment seen{};
    Moment due{};
    std::uint64_t count = 1;
    std::uint64_t sent = 0;     // of the count
    std::uint64_t written = 0;  // by the write that is under way
    unsigned tries = 0;
    bool is_under_way = false;
  };
  struct Bucket {
    double tokens = 0;
    Moment filled{};
  };
  using Place = std::map<Key, Series>::iterator;

  bool take_token(const EventObject& object, Moment now);
  Place find(std::uint64_t id);
  void drop(Place place);
  std::string name_for(const EventObject& object);
  EventWrite write_for(Series& series) const;

  std::string instance_;
  EventLimits limits_;
  std::mt19937_64 names_;
  std::uint64_t last_id_ = 0;
  std::size_t waiting_ = 0;
  std::map<Key, Series> series_;
  std::map<EventObject, Bucket> buckets_;
};

class EventSender {
 public:
  using Ticks = std::function<EventBook::Moment()>;

  // What is given by reference outlives it.
  EventSender(KubeApi& api, EventBook book, Clock clock, Ticks ticks, WriterMetrics& metrics)
      : api_(api),
        book_(std::move(book)),
        clock_(std::move(clock)),
        ticks_(std::move(ticks)),
        metrics_(metrics) {}
  EventSender(const EventSender&) = delete;
  EventSender& operator=(const EventSender&) = delete;

  // Never waits and never fails.
  void note(const EventNote& note);
  // For Background, every second or so: sends some of what is due.
  Task<Result<void>> run();

 private:
  Task<bool> send(EventWrite write);

  KubeApi& api_;
  EventBook book_;
  Clock clock_;
  Ticks ticks_;
  WriterMetrics& metrics_;
};

}  // namespace signet
