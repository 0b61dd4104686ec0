#include "core/oci/domain.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace signet {
namespace {

struct Canonical {
  const char* text;
  const char* canonical;
};

TEST(DomainTest, WritesEqualHostsEqually) {
  const std::vector<Canonical> rows = {
      {"quay.io", "quay.io"},
      {"quay.io:443", "quay.io"},
      {"quay.io:8443", "quay.io:8443"},
      {"docker.io", "docker.io"},
      {"index.docker.io", "docker.io"},
      {"registry-1.docker.io:443", "docker.io"},
      {"registry.hub.docker.com", "docker.io"},
      {"10.0.0.7:5000", "10.0.0.7:5000"},
      {"[::1]:5000", "[::1]:5000"},
      {"[2001:0db8:0000:0000:0000:0000:0000:0001]", "[2001:db8::1]"},
      {"[2001:db8:0:1:1:1:1:1]", "[2001:db8:0:1:1:1:1:1]"},
      {"[2001:0:0:1:0:0:0:1]:443", "[2001:0:0:1::1]"},
      {"[2001:db8:0:0:1:0:0:1]", "[2001:db8::1:0:0:1]"},
      {"[::]", "[::]"},
      {"[fe80::]", "[fe80::]"},
  };
  for (const Canonical& row : rows) {
    SCOPED_TRACE(row.text);
    const auto domain = Domain::parse(row.text);
    ASSERT_TRUE(domain) << domain.error().what();
    EXPECT_EQ(domain->canonical(), row.canonical);
  }
}

TEST(DomainTest, RefusesWhatOtherParsersReadAsAnotherHost) {
  const std::vector<const char*> rows = {
      "",
      "127.1",
      "0x7f.1",
      "0177.0.0.1",
      "1.2.3",
      "2130706433",
      "1.0x7f",
      "256.1.1.1",
      "01.2.3.4",
      "x.com.",
      ".x.com",
      "x..com",
      "-x.com",
      "x-.com",
      "x_y.com",
      "Foo",
      "x.com:",
      "x.com:0",
      "x.com:80a",
      "x.com:65536",
      "x.com:0080",
      "x.com:+80",
      "[::1",
      "[::1]5000",
      "[]",
      "[::1%25eth0]",
      "[::1.2.3.4]",
      "[::ffff:1.2.3.4]",
      "[:::]",
      "[1:2:3:4:5:6:7]",
      "[1:2:3:4:5:6:7:8:9]",
      "[1::2::3]",
      "[12345::]",
      "[::1:2:3:4:5:6:7:8]",
      "[2001:DB8::1]",
      "a b",
      "user@x.com",
      "::1",
  };
  for (const char* row : rows) {
    SCOPED_TRACE(row);
    const auto domain = Domain::parse(row);
    ASSERT_FALSE(domain);
    EXPECT_EQ(domain.error().reason(), Reason::invalid_reference);
  }
}

TEST(DomainTest, SplitsThePortBehindTheBracket) {
  const auto domain = Domain::parse("[2001:db8::1]:5000");

  ASSERT_TRUE(domain);
  EXPECT_EQ(domain->host, "[2001:db8::1]");
  EXPECT_EQ(domain->port, 5000);
}

TEST(DomainTest, TakesPortsUpToTheLast) {
  EXPECT_TRUE(Domain::parse("x.com:1"));
  EXPECT_TRUE(Domain::parse("x.com:65535"));
  EXPECT_FALSE(Domain::parse("x.com:65536"));
}

}  // namespace
}  // namespace signet
