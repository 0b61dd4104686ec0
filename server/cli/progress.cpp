#include "server/cli/progress.hpp"

#include "core/base/text.hpp"

namespace signet {
namespace {

constexpr std::chrono::milliseconds kBetween{100};
// To the start of the line, and what stands there away.
constexpr std::string_view kClear = "\r\x1b[K";

}  // namespace

Progress::Progress(std::ostream& out, bool terminal, std::string verb, std::size_t all,
                   std::string things, Clock clock)
    : out_(out),
      terminal_(terminal),
      verb_(std::move(verb)),
      all_(all),
      things_(std::move(things)),
      clock_(std::move(clock)) {}

void Progress::show(std::size_t done) {
  if (!terminal_) return;
  const auto now = clock_();
  if (last_ && now - *last_ < kBetween) return;
  last_ = now;
  const std::string of = all_ == 0 ? "" : cat(" of ", std::to_string(all_));
  out_ << kClear << verb_ << ' ' << done << of << ' ' << things_;
  out_.flush();
  visible_ = true;
}

void Progress::hide() {
  if (!visible_) return;
  out_ << kClear;
  out_.flush();
  visible_ = false;
}

}  // namespace signet
