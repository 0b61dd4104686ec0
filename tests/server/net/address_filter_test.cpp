#include "server/net/address_filter.hpp"

#include <gtest/gtest.h>

namespace signet {
namespace {

using asio::ip::make_address;

Cidr cidr(const std::string& text) {
  return *Cidr::parse(text);
}

AddressFilter filter_allowing(const std::string& host, const std::string& block) {
  AddressFilterSettings settings;
  settings.allow_private.push_back(AllowPrivate{host, {cidr(block)}});
  return AddressFilter(std::move(settings));
}

TEST(AddressFilterTest, PermitsPublicAddresses) {
  for (const char* text :
       {"1.1.1.1", "8.8.8.8", "172.15.255.255", "172.32.0.0", "100.63.255.255", "100.128.0.0",
        "169.253.1.1", "223.255.255.255", "192.0.1.1", "2606:4700::1111", "2a00:1450::1",
        "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"}) {
    SCOPED_TRACE(text);
    EXPECT_TRUE(is_public(make_address(text)));
  }
}

TEST(AddressFilterTest, BlocksEveryFormThatLeadsInside) {
  for (const char* text : {"0.0.0.0",
                           "0.1.2.3",
                           "10.0.0.1",
                           "10.255.255.255",
                           "100.64.0.0",
                           "100.127.255.255",
                           "127.0.0.1",
                           "127.255.255.254",
                           "169.254.1.1",
                           "172.16.0.0",
                           "172.31.255.255",
                           "192.0.0.1",
                           "192.0.2.1",
                           "192.88.99.1",
                           "192.168.0.1",
                           "198.18.0.1",
                           "198.19.255.255",
                           "198.51.100.1",
                           "203.0.113.1",
                           "224.0.0.1",
                           "239.255.255.255",
                           "240.0.0.1",
                           "255.255.255.255",
                           "::",
                           "::1",
                           "fc00::1",
                           "fdff::1",
                           "fe80::1",
                           "febf::1",
                           "fec0::1",
                           "ff02::1",
                           "100::1",
                           "2001:db8::1",
                           "3fff::1",
                           "64:ff9b:1::1",
                           "::ffff:10.0.0.1",
                           "::ffff:127.0.0.1",
                           "::10.0.0.1",
                           "::127.0.0.1",
                           "64:ff9b::a00:1",
                           "64:ff9b::7f00:1",
                           "2002:a00:1::",
                           "2002:7f00:1::1",
                           "2002:c0a8:101::1",
                           "2001:0:a00:1::1",
                           "2001:0:808:808::f5ff:fffe"}) {
    SCOPED_TRACE(text);
    EXPECT_FALSE(is_public(make_address(text)));
  }
}

TEST(AddressFilterTest, BlocksAScopedAddress) {
  asio::ip::address_v6 scoped = asio::ip::make_address_v6("2606:4700::1111");
  scoped.scope_id(2);
  EXPECT_FALSE(is_public(scoped));
}

TEST(AddressFilterTest, KnowsMetadataServicesInEveryForm) {
  for (const char* text :
       {"169.254.169.254", "169.254.170.2", "169.254.170.23", "100.100.100.200", "168.63.129.16",
        "fd00:ec2::254", "fd00:ec2::23", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe",
        "2002:a9fe:a9fe::", "::169.254.169.254", "2002:a83f:8110::1"}) {
    SCOPED_TRACE(text);
    EXPECT_TRUE(is_metadata(make_address(text)));
    EXPECT_FALSE(is_public(make_address(text)));
  }
  EXPECT_FALSE(is_metadata(make_address("168.63.129.17")));
}

TEST(AddressFilterTest, AllowsPrivateAddressesOfTheNamedHostAlone) {
  const AddressFilter filter = filter_allowing("reg.corp", "10.0.0.0/8");
  EXPECT_TRUE(filter.permits("reg.corp", 443, make_address("10.1.2.3")));
  EXPECT_TRUE(filter.permits("REG.corp", 443, make_address("10.1.2.3")));
  EXPECT_TRUE(filter.permits("reg.corp", 443, make_address("::ffff:10.1.2.3")));
  EXPECT_FALSE(filter.permits("reg.corp", 443, make_address("192.168.0.1")));
  EXPECT_FALSE(filter.permits("other.corp", 443, make_address("10.1.2.3")));
  EXPECT_FALSE(filter.permits("sub.reg.corp", 443, make_address("10.1.2.3")));
  EXPECT_FALSE(filter.permits("reg.corp", 443, make_address("64:ff9b::a01:203")));
}

TEST(AddressFilterTest, NeverAllowsMetadata) {
  const AddressFilter filter = filter_allowing("reg.corp", "169.254.0.0/16");
  EXPECT_TRUE(filter.permits("reg.corp", 443, make_address("169.254.1.1")));
  EXPECT_FALSE(filter.permits("reg.corp", 443, make_address("169.254.169.254")));
  EXPECT_FALSE(filter.permits("reg.corp", 443, make_address("::ffff:169.254.169.254")));
}

TEST(AddressFilterTest, BlocksWhatTheOperatorAdds) {
  AddressFilterSettings settings;
  settings.also_blocked.push_back(cidr("8.8.0.0/16"));
  const AddressFilter filter(std::move(settings));
  EXPECT_FALSE(filter.permits("x", 443, make_address("8.8.8.8")));
  EXPECT_FALSE(filter.permits("x", 443, make_address("64:ff9b::808:808")));
  EXPECT_TRUE(filter.permits("x", 443, make_address("8.9.8.8")));
}

TEST(AddressFilterTest, KeepsThePermittedAddressesInOrder) {
  const AddressFilter filter{AddressFilterSettings{}};
  const auto kept = filter.permitted(
      "reg.io", 443, {make_address("10.0.0.1"), make_address("8.8.8.8"), make_address("1.1.1.1")});
  ASSERT_TRUE(kept);
  EXPECT_EQ(*kept, (std::vector{make_address("8.8.8.8"), make_address("1.1.1.1")}));
}

TEST(AddressFilterTest, NamesNoAddressWhenItRefuses) {
  const AddressFilter filter{AddressFilterSettings{}};
  const auto kept = filter.permitted("reg.io", 443, {make_address("10.0.0.1")});
  ASSERT_FALSE(kept);
  EXPECT_EQ(kept.error().reason(), Reason::registry_blocked);
  EXPECT_EQ(kept.error().what().find("10.0.0.1"), std::string::npos);
  EXPECT_NE(kept.error().what().find("registry.allowPrivate"), std::string::npos);
}

TEST(AddressFilterTest, RefusesPortsOfOtherServices) {
  const AddressFilter filter = filter_allowing("reg.corp", "10.0.0.0/8");
  for (const std::uint16_t port : {22, 25, 53, 2379, 6379, 10250}) {
    SCOPED_TRACE(port);
    EXPECT_FALSE(filter.permits_port("reg.io", port));
    EXPECT_FALSE(filter.permits_port("reg.corp", port));
    EXPECT_EQ(filter.permitted("reg.io", port, {make_address("8.8.8.8")}).error().reason(),
              Reason::registry_blocked);
  }
  for (const std::uint16_t port : {80, 443, 5000, 8443}) {
    EXPECT_TRUE(filter.permits_port("reg.io", port));
  }
}

TEST(AddressFilterTest, AnExceptionWithAPortIsForThatPortAlone) {
  const AddressFilter filter = filter_allowing("reg.corp:10250", "10.0.0.0/8");
  EXPECT_TRUE(filter.permits("reg.corp", 10250, make_address("10.1.2.3")));
  EXPECT_FALSE(filter.permits("reg.corp", 443, make_address("10.1.2.3")));
  EXPECT_TRUE(filter.permits_port("reg.corp", 10250));
  EXPECT_FALSE(filter.permits_port("reg.corp", 2379));
  EXPECT_TRUE(filter_allowing("[::1]:5000", "::1/128").permits("::1", 5000, make_address("::1")));
}

TEST(AddressFilterTest, PermitsAllWhenItIsOff) {
  AddressFilterSettings settings;
  settings.enabled = false;
  const AddressFilter filter(std::move(settings));
  EXPECT_TRUE(filter.permits("x", 443, make_address("127.0.0.1")));
  EXPECT_TRUE(filter.permits_port("x", 22));
}

TEST(CidrTest, ReadsBlocksAndAddresses) {
  EXPECT_TRUE(cidr("10.0.0.0/8").contains(make_address("10.255.0.1")));
  EXPECT_FALSE(cidr("10.0.0.0/8").contains(make_address("11.0.0.0")));
  EXPECT_TRUE(cidr("10.1.1.1").contains(make_address("10.1.1.1")));
  EXPECT_FALSE(cidr("10.1.1.1").contains(make_address("10.1.1.2")));
  EXPECT_TRUE(cidr("0.0.0.0/0").contains(make_address("255.1.2.3")));
  EXPECT_TRUE(cidr("fd00::/8").contains(make_address("fd12::1")));
  EXPECT_FALSE(cidr("fd00::/8").contains(make_address("10.0.0.1")));
  EXPECT_FALSE(cidr("10.0.0.0/8").contains(make_address("fd12::1")));
  EXPECT_TRUE(cidr("::/0").contains(make_address("fd12::1")));
}

TEST(CidrTest, MayTakeBitsBehindThePrefix) {
  EXPECT_TRUE(Cidr::parse_any("10.1.2.3/8")->contains(make_address("10.255.0.1")));
  EXPECT_TRUE(Cidr::parse_any("fd00::1/8")->contains(make_address("fd12::1")));
  EXPECT_FALSE(Cidr::parse_any("10.1.2.3/33"));
}

TEST(CidrTest, RefusesWhatIsNoBlock) {
  for (const char* text : {"", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/08", "10.0.0",
                           "10.0.0.1/8", "fd00::/129", "fd00::1/8", "reg.corp", "10.0.0.0/8/8"}) {
    SCOPED_TRACE(text);
    EXPECT_FALSE(Cidr::parse(text));
  }
}

}  // namespace
}  // namespace signet
