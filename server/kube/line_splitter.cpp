#include "server/kube/line_splitter.hpp"

#include <utility>

#include "core/base/text.hpp"

namespace signet {

Result<void> LineSplitter::feed(std::string_view octets) {
  while (true) {
    const std::size_t end = octets.find('\n');
    const std::string_view piece = octets.substr(0, end);
    if (piece.size() > longest_ - rest_.size()) {
      return too_large(cat("a line is longer than ", std::to_string(longest_), " bytes"));
    }
    if (end == std::string_view::npos) {
      rest_.append(piece);
      return {};
    }
    octets.remove_prefix(end + 1);
    std::string line = std::exchange(rest_, std::string());
    line.append(piece);
    const Result<void> given = give(line);
    if (!given) return given;
  }
}

Result<void> LineSplitter::give(std::string_view line) {
  const std::string_view content = trim(line);
  if (content.empty()) return {};
  return on_line_(content);
}

}  // namespace signet
