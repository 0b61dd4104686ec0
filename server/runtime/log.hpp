#pragma once
// One JSON object per line, or a text for people (webhook.md J.1), at most 16 KiB. Writing never
// waits: a full queue drops its oldest line and counts it, for a blocked sink must not block a
// decision. Texts of unknown origin are made printable and cut; a SecretString has no way in.

#include <atomic>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "server/runtime/secret.hpp"

namespace spdlog {
class async_logger;
namespace details {
class thread_pool;
}
}  // namespace spdlog

namespace signet {

class Counters;

enum class LogLevel { debug, info, warn, error };
enum class LogFormat { json, text };
std::string_view name_of(LogLevel level);

// One line under construction. `event` is a stable snake_case id, `message` a constant text.
class LogLine {
 public:
  LogLine(LogLevel level, std::string_view logger, std::string_view event,
          std::string_view message);
  static constexpr std::size_t kBytes = 16 * 1024;  // of a whole line

  LogLine& with(std::string_view key, std::string_view text);
  LogLine& with(std::string_view key, const char* text) {
    return with(key, std::string_view(text));
  }
  LogLine& with(std::string_view key, std::integral auto number) {
    return raw(key, std::to_string(number));
  }
  LogLine& with(std::string_view key, bool flag) { return raw(key, flag ? "true" : "false"); }
  LogLine& with(std::string_view key, const SecretString& secret) = delete;
  // `json` must be a whole JSON value.
  LogLine& raw(std::string_view key, std::string_view json);

  LogLevel level() const { return level_; }
  // The members, without the braces and the time.
  const std::string& members() const { return members_; }
  // For people: "WARN http: a message event=an_event key=value".
  std::string text() const;

 private:
  struct Member {
    std::size_t key = 0;  // where it begins in `members_`, in quotes
    std::size_t value = 0;
    std::size_t end = 0;
  };
  std::string_view value_of(const Member& member) const;

  LogLevel level_;
  std::string members_;
  std::vector<Member> at_;
};

class Log {
 public:
  using Out = std::function<void(std::string_view line)>;
  using Time = std::chrono::steady_clock::time_point;

  // `out` runs on a thread of its own; without it, lines go to standard error.
  explicit Log(LogLevel least, Out out = {}, LogFormat format = LogFormat::json);
  // Writes what is queued.
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  bool wants(LogLevel level) const;
  void set_level(LogLevel least) { least_.store(least, std::memory_order_relaxed); }
  // Everything is written for ten minutes from `now`, or no longer if it is already. Returns
  // whether it is.
  bool toggle_debug(Time now);
  // `messages` (level) and `dropped` outlive every write.
  void count_in(Counters& messages, Counters& dropped);
  void write(const LogLine& line);
  // Lines that were given up because nobody took them.
  std::uint64_t dropped() const;

 private:
  void count(const LogLine& line, std::uint64_t lost);

  LogFormat format_;
  std::atomic<LogLevel> least_;
  std::atomic<Time> debug_until_ = Time::min();
  Counters* messages_ = nullptr;
  Counters* dropped_ = nullptr;
  std::uint64_t counted_dropped_ = 0;
  std::shared_ptr<spdlog::details::thread_pool> pool_;
  std::shared_ptr<spdlog::async_logger> logger_;
  std::uint64_t told_dropped_ = 0;
};

}  // namespace signet
