#pragma once
// Answers that cost requests, and how long each is good for (rulings.md 15 to 17). One flight
// fetches for everybody who asks at once and belongs to none of them; where nobody can be reached,
// an old answer may serve in place of none, marked as such.

#include <functional>
#include <memory>
#include <string>

#include "server/runtime/cache.hpp"
#include "server/runtime/cache_counts.hpp"
#include "server/runtime/single_flight.hpp"

namespace signet {

// Time that only goes forward; what ages is measured by it.
using Ticks = std::function<Deadline()>;

// What an answer is good for.
enum class Worth {
  whole,     // something was found, and all of it
  negative,  // nothing was found, or what will not become whole by asking again
  failed,    // nobody could tell; never remembered
};

struct Lives {
  std::chrono::milliseconds whole;
  std::chrono::milliseconds negative;
  // Behind its life, a whole answer serves so long where nobody can be reached; 0: never.
  std::chrono::milliseconds stale;
  // After such a failure it serves so long without another attempt.
  std::chrono::milliseconds outage{5000};
};

// How old an answer may be.
enum class Age {
  now,       // fetched by a flight that is in the air now
  fresh,     // by its life
  for_pass,  // a negative as old as a whole answer: more evidence never turns a pass into a failure
};

// Only what nobody can provoke by an answer lets an old one serve: no connection, no name, no
// answer in time, 5xx.
inline bool is_outage(Reason reason) {
  return reason == Reason::registry_unreachable || reason == Reason::registry_dns ||
         reason == Reason::registry_timeout || reason == Reason::deadline;
}

template <class V>
class Remembered {
 public:
  // The identity of a value: equal ids, equal values. `kept` is false for what nobody will see
  // again.
  struct Answer {
    std::shared_ptr<const V> value;
    std::uint64_t id = 0;
    bool kept = false;
    bool aged = false;  // a negative past its life
  };
  struct Meaning {
    std::function<Worth(const V&)> worth;
    std::function<const Error&(const V&)> failure;          // of a failed value
    std::function<V(const V&, const Error& why)> as_stale;  // marked as old
    std::function<std::size_t(const std::string&, const V&)> weight;
  };
  using Work = std::function<Task<V>()>;

  Remembered(std::string_view cache, Lives lives, std::size_t capacity, std::size_t flights,
             Meaning meaning, Ticks ticks, Metrics* metrics)
      : lives_(lives),
        meaning_(std::move(meaning)),
        ticks_(std::move(ticks)),
        entries_(capacity),
        flights_({}, flights),
        counts_(metrics, cache) {}

  // What is remembered and good enough.
  std::optional<Answer> find(const std::string& key, Age age) {
    if (age == Age::now) return std::nullopt;
    const Deadline now = ticks_();
    Kept* const kept = entries_.find(key, now);
    if (kept == nullptr) return std::nullopt;
    const bool is_fresh = now < kept->fresh_until;
    if (!is_fresh && now < kept->outage_until) {
      counts_.asked("stale");
      return kept->stale;
    }
    const bool is_negative = kept->worth == Worth::negative;
    const bool serves = is_negative && age == Age::for_pass && now < kept->fetched + lives_.whole;
    if (!is_fresh && !serves) return std::nullopt;
    counts_.asked(is_negative ? "negative_hit" : "hit");
    Answer answer = kept->answer;
    answer.aged = !is_fresh;
    return answer;
  }

  // The same, or what `work` says, which others may wait for too. An error only where the deadline
  // passed, `work` threw, or too much is in the air, and nothing old may serve.
  Task<Result<Answer>> get(std::string key, Age age, Work work, Deadline deadline) {
    const auto known = find(key, age);
    if (known) co_return *known;
    counts_.asked(flights_.is_flying(key) ? "coalesced" : "miss");
    typename SingleFlight<std::string, Answer>::Work flight = [this, key, work] {
      return fetch(key, work);
    };
    const auto landed = co_await flights_.run(key, std::move(flight), deadline);
    if (landed) co_return *landed;
    // A flight that is still in the air says nothing about the next caller's luck.
    const auto old = stale(key, landed.error(), std::chrono::milliseconds(0));
    if (old) co_return *old;
    co_return landed.error();
  }

  void stop() { flights_.stop(); }
  std::size_t in_flight() const { return flights_.in_flight(); }

 private:
  struct Kept {
    Answer answer;
    Worth worth;
    Deadline fetched;
    Deadline fresh_until;
    Deadline stale_until;
    Answer stale{};           // the same, marked
    Deadline outage_until{};  // no attempt before
  };

  Task<Result<Answer>> fetch(std::string key, Work work) {
    V value = co_await work();
    co_return settle(key, std::move(value));
  }

  Answer settle(const std::string& key, V value) {
    const Worth worth = meaning_.worth(value);
    if (worth == Worth::failed) {
      const auto old = stale(key, meaning_.failure(value), lives_.outage);
      if (old) return *old;
      return Answer{std::make_shared<const V>(std::move(value)), ++last_id_};
    }
    const Deadline now = ticks_();
    const bool is_whole = worth == Worth::whole;
    const std::size_t weight = meaning_.weight(key, value);
    const Answer answer{std::make_shared<const V>(std::move(value)), ++last_id_, true};
    const Deadline fresh = now + (is_whole ? lives_.whole : lives_.negative);
    const Deadline last = is_whole ? fresh + lives_.stale : fresh;
    Kept kept{answer, worth, now, fresh, last};
    entries_.put(key, std::move(kept), std::max(last, now + lives_.whole), weight);
    counts_.holds(entries_.size(), entries_.weight(), entries_.evictions());
    return answer;
  }

  // The last whole answer, where `why` lets it serve.
  std::optional<Answer> stale(const std::string& key, const Error& why,
                              std::chrono::milliseconds outage) {
    if (!is_outage(why.reason())) return std::nullopt;
    const Deadline now = ticks_();
    Kept* const kept = entries_.find(key, now);
    if (kept == nullptr || kept->worth != Worth::whole) return std::nullopt;
    if (now >= kept->stale_until || lives_.stale.count() == 0) return std::nullopt;
    if (!kept->stale.value) {
      kept->stale = Answer{std::make_shared<const V>(meaning_.as_stale(*kept->answer.value, why)),
                           ++last_id_, true};
    }
    kept->outage_until = std::max(kept->outage_until, std::min(now + outage, kept->stale_until));
    counts_.asked("stale");
    return kept->stale;
  }

  Lives lives_;
  Meaning meaning_;
  Ticks ticks_;
  Cache<std::string, Kept> entries_;
  SingleFlight<std::string, Answer> flights_;
  CacheCounts counts_;
  std::uint64_t last_id_ = 0;
};

}  // namespace signet
