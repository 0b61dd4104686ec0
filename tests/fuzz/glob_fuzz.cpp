// Feeds "pattern\nname" to the image globs and the name patterns, and compares them with the
// plainest matcher there is.

#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "core/base/text.hpp"
#include "core/policy/glob.hpp"

namespace {

using namespace signet;
using Pieces = std::vector<std::string_view>;

constexpr std::size_t kShort = 48;  // the plain matchers take exponential time

bool plain_component(std::string_view pattern, std::string_view text, bool question_mark) {
  if (pattern.empty()) return text.empty();
  if (pattern[0] == '*') {
    return plain_component(pattern.substr(1), text, question_mark) ||
           (!text.empty() && plain_component(pattern, text.substr(1), question_mark));
  }
  if (text.empty()) return false;
  const bool one = pattern[0] == text[0] || (question_mark && pattern[0] == '?');
  return one && plain_component(pattern.substr(1), text.substr(1), question_mark);
}

bool plain_path(const Pieces& pattern, std::size_t p, const Pieces& path, std::size_t c) {
  if (p == pattern.size()) return c == path.size();
  if (c == path.size()) return false;
  if (pattern[p] == "**") {
    return plain_path(pattern, p + 1, path, c + 1) || plain_path(pattern, p, path, c + 1);
  }
  return plain_component(pattern[p], path[c], false) && plain_path(pattern, p + 1, path, c + 1);
}

// Only where the pattern's host is in its canonical form already.
bool plain_match(std::string_view pattern, std::string_view name) {
  if (pattern == "**") return true;
  const auto host_of = [](std::string_view text) { return text.substr(0, text.find('/')); };
  const std::string_view wanted = host_of(pattern);
  const std::string_view host = host_of(name);
  const bool same = wanted.starts_with("*.")
                        ? host.size() > wanted.size() - 1 && host.ends_with(wanted.substr(1))
                        : host == wanted;
  if (!same || host.size() == name.size()) return false;
  return plain_path(split(pattern.substr(wanted.size() + 1), '/'), 0,
                    split(name.substr(host.size() + 1), '/'), 0);
}

bool is_canonical_host(std::string_view pattern) {
  const std::string_view host = pattern.substr(0, pattern.find('/'));
  return !host.ends_with(":443") && !host.ends_with("docker.io") && !host.ends_with("docker.com") &&
         !host.starts_with('[');
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto line = input.find('\n');
  if (line == std::string_view::npos) return 0;
  const std::string_view pattern = input.substr(0, line);
  const std::string_view name = input.substr(line + 1);
  const bool is_short = pattern.size() <= kShort && name.size() <= kShort;

  const bool named = matches_name(pattern, name);
  if (is_short && named != plain_component(pattern, name, true)) std::abort();

  const auto glob = ImageGlob::parse(pattern);
  if (!glob) return 0;
  const bool matched = glob->matches(name);
  if (is_short && is_canonical_host(pattern) && matched != plain_match(pattern, name)) std::abort();
  const auto again = ImageGlob::parse(glob->text());
  if (!again || again->matches(name) != matched) std::abort();
  return 0;
}
