#include "core/admission/warnings.hpp"

#include <algorithm>

#include "core/base/limits.hpp"
#include "core/base/text.hpp"

namespace signet {
namespace {

constexpr std::size_t kNoteBytes = 20;  // "... and 999999 more"

std::string cut_at_the_end(std::string text) {
  if (text.size() <= kWarningBytes) return text;
  text.resize(kWarningBytes - 3);
  return text.append("...");
}

// A line break would be shown as \x0a; a space reads better.
std::string on_one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

}  // namespace

std::vector<std::string> bounded_warnings(std::span<const std::string> warnings) {
  std::vector<std::string> distinct;
  for (const std::string& warning : warnings) {
    std::string text = cut_at_the_end(printable(on_one_line(warning), 4 * kWarningBytes));
    if (text.empty()) continue;
    if (std::find(distinct.begin(), distinct.end(), text) == distinct.end()) {
      distinct.push_back(std::move(text));
    }
  }
  std::vector<std::string> kept;
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < distinct.size(); ++i) {
    const bool last = i + 1 == distinct.size();
    const std::size_t reserve = last ? 0 : kNoteBytes;
    const bool has_room = bytes + distinct[i].size() + reserve <= kWarningsBytes;
    if (!has_room || (kept.size() + 1 == kWarnings && !last)) {
      kept.push_back(cat("... and ", std::to_string(distinct.size() - i), " more"));
      break;
    }
    bytes += distinct[i].size();
    kept.push_back(distinct[i]);
  }
  return kept;
}

}  // namespace signet
