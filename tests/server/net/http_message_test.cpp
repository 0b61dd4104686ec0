#include "server/net/http_message.hpp"

#include <gtest/gtest.h>

namespace signet {
namespace {

TEST(HttpMessageTest, FindsFieldsInAnyCase) {
  HttpReply reply;
  reply.headers = {{"Link", "one"}, {"link", "two"}, {"ETag", "x"}};
  ASSERT_NE(reply.header("LINK"), nullptr);
  EXPECT_EQ(*reply.header("LINK"), "one");
  EXPECT_EQ(reply.headers_named("Link"), (std::vector<std::string_view>{"one", "two"}));
  EXPECT_EQ(reply.header("Location"), nullptr);
  EXPECT_TRUE(reply.headers_named("Location").empty());
}

}  // namespace
}  // namespace signet
