#include "core/base/bytes.hpp"

#include <gtest/gtest.h>

namespace signet {
namespace {

std::string all_octets() {
  std::string octets;
  for (int i = 0; i < 256; ++i)
    octets.push_back(static_cast<char>(i));
  return octets;
}

TEST(HexTest, WritesLowerCase) {
  EXPECT_EQ(hex(""), "");
  EXPECT_EQ(hex(std::string("\x00\x0f\xa0\xff", 4)), "000fa0ff");
}

TEST(HexTest, ReadsWhatItWrites) {
  const auto back = unhex(hex(all_octets()));

  ASSERT_TRUE(back);
  EXPECT_EQ(*back, all_octets());
}

TEST(HexTest, RefusesOtherSpellings) {
  for (const std::string& bad :
       {std::string("a"), std::string("abc"), std::string("AB"), std::string("0x00"),
        std::string("0g"), std::string(" 00"), std::string("0\n"), std::string("\0\0", 2)}) {
    SCOPED_TRACE(bad);
    const auto refused = unhex(bad);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().reason(), Reason::malformed_object);
  }
}

TEST(Base64Test, FollowsTheVectorsOfRfc4648) {
  struct Row {
    const char* plain;
    const char* text;
  };
  for (const Row& row :
       {Row{"", ""}, Row{"f", "Zg=="}, Row{"fo", "Zm8="}, Row{"foo", "Zm9v"},
        Row{"foob", "Zm9vYg=="}, Row{"fooba", "Zm9vYmE="}, Row{"foobar", "Zm9vYmFy"}}) {
    SCOPED_TRACE(row.text);
    EXPECT_EQ(base64(row.plain), row.text);
    const auto back = unbase64(row.text, Base64::standard);
    ASSERT_TRUE(back);
    EXPECT_EQ(*back, row.plain);
  }
}

TEST(Base64Test, ReadsWhatItWritesWhateverTheLength) {
  const std::string octets = all_octets();
  for (std::size_t size = 0; size <= octets.size(); ++size) {
    const Bytes part = Bytes(octets).substr(0, size);
    for (const Base64 variant : {Base64::standard, Base64::with_lines, Base64::any}) {
      const auto back = unbase64(base64(part), variant);
      ASSERT_TRUE(back) << size;
      EXPECT_EQ(*back, part);
    }
  }
}

TEST(Base64Test, EachVariantTakesItsOwnSpellings) {
  enum : unsigned { kStandard = 1, kLines = 2, kAny = 4, kAll = 7 };
  struct Row {
    std::string text;
    unsigned good;
  };
  for (const Row& row : {
           Row{"YWJj", kAll},
           Row{"+/+/", kAll},
           Row{"-_-_", kAny},
           Row{"-_8", kAny},
           Row{"-_8=", kAny},
           Row{"Zg", kAny},
           Row{"Zm8", kAny},
           Row{"YW\nJj\r\n", kLines},
           Row{"\nYWJj", kLines},
           Row{"Zg==\n", kLines},
           Row{"Z\ng=\n=", kLines},
           Row{"Zh==", kAll},  // non-zero trailing bits, as Go accepts them
           Row{"+_+_", 0},
           Row{"-/8=", 0},
           Row{"Zg=", 0},
           Row{"Zg===", 0},
           Row{"Zg==Zg==", 0},
           Row{"=", 0},
           Row{"====", 0},
           Row{"Z", 0},
           Row{"YWJjZ", 0},
           Row{"YW Jj", 0},
           Row{"YW\tJj", 0},
           Row{" YWJj", 0},
           Row{"YWJ*", 0},
           Row{std::string("YW\0j", 4), 0},
           Row{"YWJ\xc3", 0},
       }) {
    SCOPED_TRACE(row.text);
    EXPECT_EQ(unbase64(row.text, Base64::standard).has_value(), (row.good & kStandard) != 0);
    EXPECT_EQ(unbase64(row.text, Base64::with_lines).has_value(), (row.good & kLines) != 0);
    EXPECT_EQ(unbase64(row.text, Base64::any).has_value(), (row.good & kAny) != 0);
  }
}

TEST(Base64Test, BothAlphabetsMeanTheSame) {
  const auto standard = unbase64("+/8=", Base64::any);
  const auto url = unbase64("-_8", Base64::any);

  ASSERT_TRUE(standard && url);
  EXPECT_EQ(*standard, *url);
  EXPECT_EQ(hex(*url), "fbff");
}

}  // namespace
}  // namespace signet
