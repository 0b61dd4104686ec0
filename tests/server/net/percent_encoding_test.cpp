#include "server/net/percent_encoding.hpp"

#include <gtest/gtest.h>

namespace signet {
namespace {

TEST(PercentEncodingTest, OnlyUnreservedCharactersStay) {
  EXPECT_EQ(percent_encoded("aZ0-._~/\r\n\xff"), "aZ0-._~%2F%0D%0A%FF");
}

}  // namespace
}  // namespace signet
