#pragma once
// Text broken into lines of a width, between words where that is possible.

#include <string>
#include <string_view>
#include <vector>

namespace signet {

// At least one line. A word that is longer than a line is cut; `width` 0 is no limit. Lines that
// the text already has stay lines.
std::vector<std::string> wrapped(std::string_view text, std::size_t width);

}  // namespace signet
