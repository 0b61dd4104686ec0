#include "core/crypto/der.hpp"

#include <gtest/gtest.h>

namespace signet {
namespace {

Blob bytes(std::initializer_list<int> octets) {
  Blob blob;
  for (const int one : octets)
    blob.push_back(static_cast<char>(one));
  return blob;
}

TEST(DerTest, ReadsElementsInOrder) {
  const Blob input = bytes({0x02, 0x01, 0x05, 0x04, 0x00});
  DerReader reader(input);

  const auto number = reader.next(der::kInteger, "number");
  const auto absent = reader.next_if(der::kSequence);
  const auto octets = reader.next();

  ASSERT_TRUE(number && absent && octets);
  EXPECT_EQ(number->content, bytes({0x05}));
  EXPECT_EQ(number->whole, bytes({0x02, 0x01, 0x05}));
  EXPECT_FALSE(*absent);
  EXPECT_EQ(octets->tag, der::kOctetString);
  EXPECT_TRUE(reader.at_end());
  EXPECT_FALSE(reader.next());
}

TEST(DerTest, RefusesWhatIsNotDer) {
  const std::vector<Blob> inputs = {
      bytes({0x02}),
      bytes({0x02, 0x02, 0x05}),
      bytes({0x30, 0x80, 0x00, 0x00}),
      bytes({0x04, 0x81, 0x01, 0x00}),
      bytes({0x04, 0x82, 0x00, 0x80}),
      bytes({0x04, 0x85, 0x01, 0x00, 0x00, 0x00, 0x00}),
      bytes({0x04, 0x84, 0xff, 0xff, 0xff, 0xff}),
      bytes({0x1f, 0x81, 0x00, 0x00}),
      bytes({0x01, 0x01, 0x01}),
      bytes({0x01, 0x02, 0x00, 0x00}),
      bytes({0x02, 0x00}),
      bytes({0x02, 0x02, 0x00, 0x7f}),
      bytes({0x02, 0x02, 0xff, 0x80}),
      bytes({0x30, 0x03, 0x02, 0x02, 0x01}),
      bytes({0x30, 0x04, 0x30, 0x02, 0x01, 0x00}),
  };
  for (const Blob& input : inputs) {
    SCOPED_TRACE(hex(input));
    EXPECT_FALSE(check_der(input));
  }
}

TEST(DerTest, AcceptsWhatIsDer) {
  for (const Blob& input : {bytes({}), bytes({0x02, 0x02, 0x00, 0x80}), bytes({0x02, 0x01, 0x80}),
                            bytes({0x01, 0x01, 0xff}), bytes({0x30, 0x03, 0x02, 0x01, 0x00}),
                            der_element(der::kOctetString, Blob(0x80, 'x')),
                            der_element(der::kOctetString, Blob(0x10000, 'x'))}) {
    const auto good = check_der(input);
    EXPECT_TRUE(good) << good.error().what();
  }
}

TEST(DerTest, BoundsNesting) {
  Blob nested;
  for (int depth = 0; depth < 31; ++depth)
    nested = der_element(der::kSequence, nested);
  EXPECT_TRUE(check_der(nested));
  nested = der_element(der::kSequence, nested);

  const auto deeper = check_der(nested);

  ASSERT_FALSE(deeper);
  EXPECT_EQ(deeper.error().reason(), Reason::limit_exceeded);
}

TEST(DerTest, ASoleElementIsFollowedByNothing) {
  const Blob sequence = der_element(der::kSequence, "");

  EXPECT_TRUE(sole_element(sequence, der::kSequence, "thing"));
  EXPECT_FALSE(sole_element(sequence + '\0', der::kSequence, "thing"));
  EXPECT_FALSE(sole_element(sequence, der::kInteger, "thing"));
}

TEST(DerTest, WritesObjectIdentifiersDotted) {
  struct Row {
    Blob content;
    std::optional<std::string> text;
  };
  for (const Row& row : {
           Row{bytes({0x55, 0x1d, 0x11}), "2.5.29.17"},
           Row{bytes({0x2b, 0x06, 0x01, 0x04, 0x01, 0x83, 0xbf, 0x30, 0x01, 0x08}),
               "1.3.6.1.4.1.57264.1.8"},
           Row{bytes({0x88, 0x37, 0x03}), "2.999.3"},
           Row{bytes({0x00}), "0.0"},
           Row{bytes({}), std::nullopt},
           Row{bytes({0x55, 0x80, 0x01}), std::nullopt},
           Row{bytes({0x55, 0x81}), std::nullopt},
           Row{Blob(1, '\x55') + Blob(10, '\xff') + bytes({0x7f}), std::nullopt},
           Row{Blob(64, '\x01'), "0.1" + std::string([] {
                                   std::string text;
                                   for (int i = 1; i < 64; ++i)
                                     text += ".1";
                                   return text;
                                 }())},
           Row{Blob(65, '\x01'), std::nullopt},
       }) {
    SCOPED_TRACE(hex(row.content));
    const auto text = oid_text(row.content);
    EXPECT_EQ(text.has_value(), row.text.has_value());
    if (text) {
      EXPECT_EQ(*text, *row.text);
    }
  }
}

TEST(DerTest, ReadsTimesOfTheProfileOnly) {
  struct Row {
    unsigned char tag;
    const char* text;
    const char* time;  // nullptr: refused
  };
  for (const Row& row : {
           Row{der::kUtcTime, "260131100000Z", "2026-01-31T10:00:00Z"},
           Row{der::kUtcTime, "491231235959Z", "2049-12-31T23:59:59Z"},
           Row{der::kUtcTime, "500101000000Z", "1950-01-01T00:00:00Z"},
           Row{der::kGeneralizedTime, "99991231235959Z", "9999-12-31T23:59:59Z"},
           Row{der::kUtcTime, "2601311000Z", nullptr},
           Row{der::kUtcTime, "260131100000", nullptr},
           Row{der::kUtcTime, "260131100000+0000", nullptr},
           Row{der::kUtcTime, "260231100000Z", nullptr},
           Row{der::kUtcTime, "26013110000aZ", nullptr},
           Row{der::kGeneralizedTime, "20260131100000.5Z", nullptr},
           Row{der::kGeneralizedTime, "20260131250000Z", nullptr},
           Row{der::kOctetString, "260131100000Z", nullptr},
       }) {
    SCOPED_TRACE(row.text);
    const auto time = der_time({row.tag, row.text, row.text});
    EXPECT_EQ(time.has_value(), row.time != nullptr);
    if (time) {
      EXPECT_EQ(format_time(*time), row.time);
    }
  }
}

}  // namespace
}  // namespace signet
