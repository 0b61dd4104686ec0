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
#include "server/runtime/series.hpp"

namespace signet {
namespace {

constexpr std::size_t kQueuedLines = 1024;
constexpr std::size_t kFrameBytes = 128;  // the time, the count of lost lines, braces
constexpr std::chrono::minutes kDebugTime{10};
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

namespace {

std::string_view shown_level(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return "DEBUG";
    case LogLevel::info:
      return "INFO";
    case LogLevel::warn:
      return "WARN";
    case LogLevel::error:
      return "ERROR";
  }
  return "ERROR";
}

}  // namespace

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
  const std::size_t before = members_.size();
  if (before != 0) members_.push_back(',');
  Member member{members_.size(), 0, 0};
  append_quoted(members_, key);
  members_.push_back(':');
  member.value = members_.size();
  if (member.value + json.size() + kFrameBytes > kBytes) {
    members_.resize(before);
    return *this;
  }
  members_.append(json);
  member.end = members_.size();
  at_.push_back(member);
  return *this;
}

// Without the quotes where a reader sees the end of it without them.
std::string_view LogLine::value_of(const Member& member) const {
  const auto json = std::string_view(members_).substr(member.value, member.end - member.value);
  if (json.size() <= 2 || json.front() != '"') return json;
  const std::string_view inside = json.substr(1, json.size() - 2);
  return inside.find_first_of(" \\\"=") == std::string_view::npos ? inside : json;
}

// The first four members are those of the constructor.
std::string LogLine::text() const {
  const auto message = std::string_view(members_).substr(at_[3].value, at_[3].end - at_[3].value);
  std::string text = cat(shown_level(level_), " ", value_of(at_[1]), ": ",
                         message.substr(1, message.size() - 2), " event=", value_of(at_[2]));
  for (std::size_t i = 4; i < at_.size(); ++i) {
    const auto key = std::string_view(members_).substr(at_[i].key, at_[i].value - at_[i].key);
    text.append(cat(" ", key.substr(1, key.size() - 3), "=", value_of(at_[i])));
  }
  return text;
}

Log::Log(LogLevel least, Out out, LogFormat format)
    : format_(format),
      least_(least),
      pool_(std::make_shared<spdlog::details::thread_pool>(kQueuedLines, 1)),
      logger_(std::make_shared<spdlog::async_logger>(
          "signet", std::make_shared<OutSink>(out ? std::move(out) : Out(to_standard_error)), pool_,
          spdlog::async_overflow_policy::overrun_oldest)) {
  logger_->set_level(spdlog::level::trace);
}

Log::~Log() = default;

bool Log::wants(LogLevel level) const {
  if (level >= least_.load(std::memory_order_relaxed)) return true;
  const Time until = debug_until_.load(std::memory_order_relaxed);
  return until != Time::min() && std::chrono::steady_clock::now() < until;
}

bool Log::toggle_debug(Time now) {
  const bool on = now >= debug_until_.load(std::memory_order_relaxed);
  debug_until_.store(on ? now + kDebugTime : Time::min(), std::memory_order_relaxed);
  return on;
}

void Log::count_in(Counters& messages, Counters& dropped) {
  messages_ = &messages;
  dropped_ = &dropped;
}

void Log::write(const LogLine& line) {
  if (!wants(line.level())) return;
  const std::uint64_t lost = dropped();
  count(line, lost);
  const bool json = format_ == LogFormat::json;
  std::string text = json ? cat("{\"ts\":\"", timestamp(), "\",", line.members())
                          : cat(timestamp(), " ", line.text());
  if (lost != told_dropped_) {
    text.append(cat(json ? ",\"dropped\":" : " dropped=", std::to_string(lost)));
    told_dropped_ = lost;
  }
  if (json) text.push_back('}');
  logger_->log(spdlog::level::info, spdlog::string_view_t(text.data(), text.size()));
}

void Log::count(const LogLine& line, std::uint64_t lost) {
  if (messages_ == nullptr) return;
  messages_->add({name_of(line.level())});
  if (lost > counted_dropped_) dropped_->add({}, static_cast<double>(lost - counted_dropped_));
  counted_dropped_ = lost;
}

std::uint64_t Log::dropped() const {
  return pool_->overrun_counter();
}

}  // namespace signet
