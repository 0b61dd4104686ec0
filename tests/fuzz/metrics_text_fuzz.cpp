// Feeds texts of metrics to their reader: it must end, and count no more samples than lines.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "server/cli/metrics_text.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto lines = 1 + std::count(text.begin(), text.end(), '\n');
  const auto samples = signet::count_samples(text);
  if (samples && *samples > static_cast<std::size_t>(lines)) std::abort();
  return 0;
}
