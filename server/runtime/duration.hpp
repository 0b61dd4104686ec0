#pragma once
// Spans of time as Go and Kubernetes write them: "10s", "1m30s", "500ms", "1.5s".

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace signet {

// Units h, m, s, ms; at least one, no sign; at most 400 days. Nothing for any other text.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);
std::string format_duration(std::chrono::milliseconds span);

}  // namespace signet
