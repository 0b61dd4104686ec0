#pragma once
// Text that must hold several parts in this order.

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace signet::testing {

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
