#include "core/base/wrap.hpp"

#include "core/base/text.hpp"

namespace signet {
namespace {

// How much of `text` makes one line, without the blank it ends at.
std::size_t line_of(std::string_view text, std::size_t width) {
  if (text.size() <= width) return text.size();
  const std::size_t blank = text.rfind(' ', width);
  return blank == std::string_view::npos || blank == 0 ? width : blank;
}

void wrap_line(std::string_view text, std::size_t width, std::vector<std::string>& lines) {
  do {
    const std::size_t taken = line_of(text, width);
    lines.emplace_back(text.substr(0, taken));
    text.remove_prefix(taken);
    if (text.starts_with(' ')) text.remove_prefix(1);
  } while (!text.empty());
}

}  // namespace

std::vector<std::string> wrapped(std::string_view text, std::size_t width) {
  std::vector<std::string> lines;
  for (const std::string_view line : split(text, '\n'))
    wrap_line(line, width == 0 ? line.size() : width, lines);
  return lines;
}

}  // namespace signet
