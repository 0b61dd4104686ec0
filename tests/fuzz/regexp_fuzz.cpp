// Feeds "pattern\nvalue" to the identity patterns: what is accepted is bounded, matches no absent
// value and none that goes on behind a NUL or a line end that was not asked for.

#include <cstdint>
#include <cstdlib>
#include <string>

#include "core/base/limits.hpp"
#include "core/policy/identities.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace signet;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto line = input.find('\n');
  const std::string_view pattern = input.substr(0, line);
  const std::string value(line == std::string_view::npos ? "" : input.substr(line + 1));

  const auto compiled = TextPattern::regexp(pattern);
  if (!compiled) return 0;
  if (pattern.empty() || pattern.size() > kPatternBytes) std::abort();
  if (compiled->matches("") || compiled->matches(value + '\0')) std::abort();
  // `.` stops at a line end and `$` does not, unless the flags that are refused get through.
  const bool has_class = pattern.find_first_of("\\[") != std::string_view::npos;
  if (!has_class && pattern.find('\n') == std::string_view::npos && value.ends_with('\n') &&
      compiled->matches(value)) {
    std::abort();
  }
  const TextPattern copy = *compiled;
  if (copy.matches(value) != compiled->matches(value)) std::abort();
  if (copy.text() != pattern) std::abort();
  return 0;
}
