#pragma once
// One JSON object per line (webhook.md J.1). Writing never waits: a full queue drops its oldest
// line and counts it, for a blocked sink must not block a decision. Texts of unknown origin are
// made printable and cut; a SecretString has no way in.

#include <atomic>
#include <concepts>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "server/runtime/secret.hpp"

namespace spdlog {
class async_logger;
namespace details {
class thread_pool;
}
}  // namespace spdlog

namespace signet {

enum class LogLevel { debug, info, warn, error };
std::string_view name_of(LogLevel level);

// One line under construction. `event` is a stable snake_case id, `message` a constant text.
class LogLine {
 public:
  LogLine(LogLevel level, std::string_view logger, std::string_view event,
          std::string_view message);

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

 private:
  LogLevel level_;
  std::string members_;
};

class Log {
 public:
  using Out = std::function<void(std::string_view line)>;

  // `out` runs on a thread of its own; without it, lines go to standard error.
  explicit Log(LogLevel least, Out out = {});
  // Writes what is queued.
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  bool wants(LogLevel level) const { return level >= least_.load(std::memory_order_relaxed); }
  void set_level(LogLevel least) { least_.store(least, std::memory_order_relaxed); }
  void write(const LogLine& line);
  // Lines that were given up because nobody took them.
  std::uint64_t dropped() const;

 private:
  std::atomic<LogLevel> least_;
  std::shared_ptr<spdlog::details::thread_pool> pool_;
  std::shared_ptr<spdlog::async_logger> logger_;
  std::uint64_t told_dropped_ = 0;
};

}  // namespace signet
