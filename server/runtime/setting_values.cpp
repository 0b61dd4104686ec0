#include "server/runtime/setting_values.hpp"

#include "server/runtime/duration.hpp"

namespace signet {

Result<void> assign(std::string& field, std::string_view value) {
  if (value.empty()) return malformed("must not be empty");
  field = value;
  return {};
}

Result<void> assign(std::chrono::milliseconds& field, std::string_view value,
                    std::chrono::milliseconds least, std::chrono::milliseconds most) {
  const auto span = parse_duration(value);
  if (!span || *span < least || *span > most) {
    return malformed(cat("must be a duration from ", format_duration(least), " to ",
                         format_duration(most), ", as in \"10s\" or \"500ms\""));
  }
  field = *span;
  return {};
}

Result<void> assign(std::size_t& field, std::string_view value, std::size_t least,
                    std::size_t most) {
  const auto number = parse_number(value);
  if (!number || *number < least || *number > most) {
    return malformed(
        cat("must be a number from ", std::to_string(least), " to ", std::to_string(most)));
  }
  field = static_cast<std::size_t>(*number);
  return {};
}

Result<void> add_to(std::vector<std::string>& list, std::string_view value) {
  if (value.empty()) return malformed("must not be empty");
  list.emplace_back(value);
  return {};
}

}  // namespace signet
