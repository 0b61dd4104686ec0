#pragma once
// What text must hold: a part, or several in this order.

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace signet::testing {

inline bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

inline void expect_in_order(const std::string& text, const std::vector<std::string>& parts) {
  std::size_t at = 0;
  for (const std::string& part : parts) {
    SCOPED_TRACE(part);
    const std::size_t found = text.find(part, at);
    ASSERT_NE(found, std::string::npos) << text;
    at = found;
  }
}

}  // namespace signet::testing
