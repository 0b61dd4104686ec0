#include "server/net/host_port.hpp"

#include <gtest/gtest.h>

#include "server/net/settings.hpp"

namespace signet {
namespace {

TEST(HostPortTest, ReadsEveryFormOfAHost) {
  struct Row {
    const char* text;
    const char* host;
    std::optional<std::uint16_t> port;
  };
  const std::vector<Row> rows = {
      {"Reg.IO", "reg.io", {}},
      {"reg.io:5000", "reg.io", 5000},
      {"10.0.0.1:80", "10.0.0.1", 80},
      {"::1", "::1", {}},
      {"[::1]", "::1", {}},
      {"[::1]:5000", "::1", 5000},
      {"[0:0::1]:65535", "::1", 65535},
      {"FD00::A", "fd00::a", {}},
      {"reg.io:0", "", {}},
      {"reg.io:65536", "", {}},
      {"reg.io:", "", {}},
      {"*.corp.example", "*.corp.example", {}},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.text);
    const HostPort parsed = HostPort::parse(row.text);
    EXPECT_EQ(parsed.host, row.host);
    EXPECT_EQ(parsed.port, row.port);
  }
}

TEST(HostPortTest, WithoutAPortTheUsualOneIsMeant) {
  EXPECT_TRUE(HostPort::parse("reg.io").names("reg.io", 80, 80));
  EXPECT_FALSE(HostPort::parse("reg.io").names("reg.io", 5000, 80));
  EXPECT_TRUE(HostPort::parse("reg.io:5000").names("reg.io", 5000, 80));
  EXPECT_FALSE(HostPort::parse("reg.io:5000").names("reg.io", 80, 80));
  EXPECT_FALSE(HostPort::parse("reg.io").names("xreg.io", 80, 80));
}

TEST(HostPortTest, PlainHttpIsForTheListedPortAlone) {
  NetSettings settings;
  settings.plain_http = {"bare.test", "reg.test:5000", "[::1]:5000"};
  EXPECT_TRUE(settings.is_plain_http("bare.test", 80));
  EXPECT_FALSE(settings.is_plain_http("bare.test", 5000));
  EXPECT_TRUE(settings.is_plain_http("reg.test", 5000));
  EXPECT_FALSE(settings.is_plain_http("reg.test", 80));
  EXPECT_TRUE(settings.is_plain_http("::1", 5000));
  EXPECT_FALSE(settings.is_plain_http("::1", 80));
}

}  // namespace
}  // namespace signet
