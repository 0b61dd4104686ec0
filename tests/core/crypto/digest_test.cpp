#include "core/crypto/digest.hpp"

#include <gtest/gtest.h>

namespace signet {
namespace {

constexpr const char* kEmpty =
    "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

TEST(DigestTest, HashesWithSha256) {
  EXPECT_EQ(Digest::of("").str(), kEmpty);
  EXPECT_EQ(Digest::of("abc").hex_part(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_NE(Digest::of(std::string(1, '\0')), Digest::of(""));
}

TEST(DigestTest, ParsesExactlyOneSpelling) {
  const auto parsed = Digest::parse(kEmpty);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(*parsed, Digest::of(""));
  EXPECT_EQ(parsed->str(), kEmpty);

  const std::string good = kEmpty;
  for (const std::string& bad :
       {std::string(), good.substr(7), good + "0", good.substr(0, good.size() - 1), " " + good,
        good + "\n", "SHA256:" + good.substr(7), "sha256:E" + good.substr(8),
        "sha256-" + good.substr(7), "sha256:g" + good.substr(8), "sha512:" + good.substr(7),
        "sha256:" + std::string(64, ' ')}) {
    SCOPED_TRACE(bad);
    const auto refused = Digest::parse(bad);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().reason(), Reason::invalid_reference);
  }
}

TEST(DigestTest, RefusesSha512ByName) {
  const auto refused = Digest::parse("sha512:" + std::string(128, 'a'));

  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().what().find("sha512 digests are not supported"), std::string::npos);
}

}  // namespace
}  // namespace signet
