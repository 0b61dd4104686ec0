#include "server/runtime/reloader.hpp"

namespace signet {
namespace {

constexpr std::string_view kLogger = "reload";
constexpr unsigned kLooksBetweenRetries = 10;

}  // namespace

Reloader::Reloader(Watched watched, Clock clock, Metrics& metrics, Log& log)
    : watched_(std::move(watched)), clock_(std::move(clock)), metrics_(metrics), log_(log) {}

Result<void> Reloader::load() {
  // Looked at before reading: a change in between is seen by the next look.
  FileStamps seen = watched_.look();
  auto built = watched_.build();
  if (!built) return built.error();
  take(std::move(*built), std::move(seen));
  return {};
}

void Reloader::begin(FileStamps in_force) {
  in_force_ = std::move(in_force);
  show(true);
}

Task<Result<void>> Reloader::look() {
  FileStamps now = watched_.look();
  if (!is_due(now)) co_return Result<void>();
  auto built = watched_.build();
  // What was read while it changed may be half old and half new.
  if (watched_.look() != now) co_return Result<void>();
  insisted_ = false;
  if (built) {
    take(std::move(*built), std::move(now));
  } else {
    refuse(built.error(), std::move(now));
  }
  co_return Result<void>();
}

bool Reloader::is_due(const FileStamps& now) {
  const bool rests = last_ == now;
  last_ = now;
  if (insisted_) return rests;
  if (refused_ == now) return ++looks_since_refusal_ % kLooksBetweenRetries == 0;
  return rests && in_force_ != now;
}

void Reloader::take(Built built, FileStamps seen) {
  const bool again = in_force_.has_value();
  built.swap();
  in_force_ = std::move(seen);
  refused_.reset();
  show(!built.flaw);
  if (again) {
    log_.write(LogLine(LogLevel::info, kLogger, "reloaded", "a change is in force")
                   .with("what", watched_.what));
  }
  if (built.flaw && built.flaw->what() != told_) {
    log_.write(LogLine(LogLevel::error, kLogger, "partly_reloaded",
                       "a part of a change is bad; what was good before stays in force")
                   .with("what", watched_.what)
                   .with("error", built.flaw->what()));
  }
  told_ = built.flaw ? built.flaw->what() : std::string();
}

void Reloader::refuse(const Error& error, FileStamps seen) {
  show(false);
  refused_ = std::move(seen);
  looks_since_refusal_ = 0;
  if (error.what() == told_) return;
  told_ = error.what();
  log_.write(LogLine(LogLevel::error, kLogger, "reload_failed",
                     "a change is bad; what was in force before stays")
                 .with("what", watched_.what)
                 .with("error", error.what()));
}

void Reloader::show(bool good) {
  metrics_.config_last_reload_successful.set({watched_.what}, good ? 1 : 0);
  if (!good) return;
  const auto now = static_cast<double>(clock_().time_since_epoch().count());
  metrics_.config_last_reload_success_timestamp.set({watched_.what}, now);
}

}  // namespace signet
