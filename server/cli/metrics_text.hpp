#pragma once
// Reads the text that a scraper reads (Prometheus text format 0.0.4), only to see that it can be
// read.

#include <string_view>

#include "core/base/result.hpp"

namespace signet {

// The number of samples. Fails with malformed_object and names the first line that is none.
Result<std::size_t> count_samples(std::string_view text);

}  // namespace signet
