#include "server/runtime/log.hpp"

#include <spdlog/async.h>
#include <spdlog/async_logger.h>
#include <spdlog/sinks/base_sink.h>

#include <chrono>
#include <cstdio>
#include <mutex>

#include "core/admission/json_text.hpp"
#include "core/base/text.hpp"
#include "core/base/time.hpp"

namespace signet {
namespace {

constexpr std::size_t kQueuedLines = 1024;
constexpr std::size_t kLineBytes = 16 * 1024;
constexpr std::size_t kTextBytes = 2048;

class OutSink : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit OutSink(Log::Out out) : out_(std::move(out)) {}

 private:
  void sink_it_(const spdlog::details::log_msg& line) override {
    out_(std::string_view(line.payload.data(), line.payload.size()));
  }
  void flush_() override {}

  Log::Out out_;
};

void to_standard_error(std::string_view line) {
  std::string whole(line);
  whole.push_back('\n');
  std::fwrite(whole.data(), 1, whole.size(), stderr);
}

// RFC 3339 in UTC with nanoseconds.
std::string timestamp() {
  const auto now = std::chrono::system_clock::now();
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now);
  const auto rest = std::chrono::duration_cast<std::chrono::nanoseconds>(now - seconds).count();
  std::string text = format_time(seconds);
  text.pop_back();
  std::string digits = std::to_string(rest);
  return cat(text, ".", std::string(9 - digits.size(), '0'), digits, "Z");
}

}  // namespace

std::string_view name_of(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return "debug";
    case LogLevel::info:
      return "info";
    case LogLevel::warn:
      return "warn";
    case LogLevel::error:
      return "error";
  }
  return "error";
}

LogLine::LogLine(LogLevel level, std::string_view logger, std::string_view event,
                 std::string_view message)
    : level_(level) {
  with("level", name_of(level)).with("logger", logger).with("event", event).with("msg", message);
}

LogLine& LogLine::with(std::string_view key, std::string_view text) {
  std::string value;
  append_quoted(value, printable(text, kTextBytes));
  return raw(key, value);
}

LogLine& LogLine::raw(std::string_view key, std::string_view json) {
  // A line that is full keeps the members it has: the first ones say what happened.
  if (members_.size() + key.size() + json.size() > kLineBytes) return *this;
  if (!members_.empty()) members_.push_back(',');
  append_quoted(members_, key);
  members_.push_back(':');
  members_.append(json);
  return *this;
}

Log::Log(LogLevel least, Out out)
    : least_(least),
      pool_(std::make_shared<spdlog::details::thread_pool>(kQueuedLines, 1)),
      logger_(std::make_shared<spdlog::async_logger>(
          "signet", std::make_shared<OutSink>(out ? std::move(out) : Out(to_standard_error)), pool_,
          spdlog::async_overflow_policy::overrun_oldest)) {
  logger_->set_level(spdlog::level::trace);
}

Log::~Log() = default;

void Log::write(const LogLine& line) {
  if (!wants(line.level())) return;
  std::string text = cat("{\"ts\":\"", timestamp(), "\",", line.members());
  if (const std::uint64_t lost = dropped(); lost != told_dropped_) {
    text.append(cat(",\"dropped\":", std::to_string(lost)));
    told_dropped_ = lost;
  }
  text.push_back('}');
  logger_->log(spdlog::level::info, spdlog::string_view_t(text.data(), text.size()));
}

std::uint64_t Log::dropped() const {
  return pool_->overrun_counter();
}

}  // namespace signet
