#include "core/base/json.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace signet {
namespace {

void expect_refused(std::string_view text, Reason reason, std::string_view says) {
  SCOPED_TRACE(text.substr(0, 80));
  const auto parsed = parse_json(text);
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().reason(), reason);
  EXPECT_NE(parsed.error().what().find(says), std::string::npos) << parsed.error().what();
}

TEST(JsonTest, ReadsEveryKindOfValue) {
  const auto parsed = parse_json(
      R"( {"s": "A\u00e9\ud83d\ude00", "n": -1, "u": 18446744073709551615, "f": 1.5,
           "t": true, "f2": false, "z": null, "a": [1, [], {}], "o": {"s": "again"}} )");

  ASSERT_TRUE(parsed) << parsed.error().what();
  EXPECT_EQ(parsed->at("s"), "A\xc3\xa9\xf0\x9f\x98\x80");
  EXPECT_EQ(parsed->at("u").get<std::uint64_t>(), 18446744073709551615U);
  EXPECT_EQ(parsed->at("a").size(), 3U);
  EXPECT_EQ(parsed->at("o").at("s"), "again");
}

TEST(JsonTest, RefusesDuplicateMembersAtEveryDepth) {
  expect_refused(R"({"a": 1, "a": 1})", Reason::malformed_object, "\"a\" stands twice");
  expect_refused(R"({"a": 1, "\u0061": 2})", Reason::malformed_object, "stands twice");
  expect_refused(R"([{"b": {"a": 1, "c": 2, "a": 3}}])", Reason::malformed_object, "stands twice");
  expect_refused(R"({"a": null, "a": 1})", Reason::malformed_object, "stands twice");
  EXPECT_TRUE(parse_json(R"([{"a": 1}, {"a": 2}])"));
  EXPECT_TRUE(parse_json(R"({"a": 1, "A": 2})"));
}

TEST(JsonTest, RefusesWhatIsNotJson) {
  for (const std::string& text : {
           std::string(),
           std::string(" "),
           std::string("{"),
           std::string("{}}"),
           std::string("{} x"),
           std::string("{}{}"),
           std::string("[1,]"),
           std::string("{'a': 1}"),
           std::string("{\"a\": 01}"),
           std::string("{\"a\": NaN}"),
           std::string("{\"a\": 1} // no"),
           std::string("\"\xff\""),
           std::string("\"\xc0\x80\""),
           std::string("\"\\ud800\""),
           std::string("\"a\nb\""),
           std::string("{\"a\": tru}"),
           std::string("{}\0", 3),
           std::string("{}\0{}", 5),
           std::string("\"\0\"", 3),
           std::string("1e999"),
       }) {
    expect_refused(text, Reason::malformed_object, "not JSON");
  }
  expect_refused("\xef\xbb\xbf{}", Reason::malformed_object, "byte order mark");
}

TEST(JsonTest, SaysWhereItStopped) {
  expect_refused("{\"a\": x}", Reason::malformed_object, "at byte 7");
}

TEST(JsonTest, BoundsItsDepth) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_TRUE(parse_json(nested(kJsonDepth)));
  expect_refused(nested(kJsonDepth + 1), Reason::limit_exceeded, "deeper than 64");
  expect_refused(nested(500'000), Reason::limit_exceeded, "deeper than 64");
  EXPECT_TRUE(parse_json("[{}]", {100, 2}));
  EXPECT_FALSE(parse_json("[{\"a\": []}]", {100, 2}));
}

TEST(JsonTest, BoundsItsSize) {
  const std::string filling(kJsonBytes - 1, ' ');
  expect_refused("x" + filling, Reason::malformed_object, "at byte 1");
  expect_refused("x " + filling, Reason::limit_exceeded, "16777216 bytes");
  EXPECT_TRUE(parse_json("[1]", {3, 64}));
  EXPECT_FALSE(parse_json("[1] ", {3, 64}));
}

TEST(JsonTest, MembersAreFoundOrNamed) {
  const auto parsed = parse_json(
      R"({"s": "x", "n": 7, "o": {}, "a": [], "z": null, "neg": -1, "f": 1.0,
          "big": 9007199254740992, "bigger": 9007199254740993})");
  ASSERT_TRUE(parsed);
  const Json& object = *parsed;

  EXPECT_NE(find_member(object, "s"), nullptr);
  EXPECT_EQ(find_member(object, "z"), nullptr);
  EXPECT_EQ(find_member(object, "S"), nullptr);
  EXPECT_EQ(find_member(object.at("a"), "s"), nullptr);

  EXPECT_EQ(*string_member(object, "s"), "x");
  EXPECT_EQ(*number_member(object, "n"), 7U);
  EXPECT_EQ(*number_member(object, "big"), std::uint64_t{1} << 53);
  EXPECT_TRUE(object_member(object, "o"));
  EXPECT_TRUE(array_member(object, "a"));

  for (const char* name : {"n", "o", "z", "absent"})
    EXPECT_FALSE(string_member(object, name));
  for (const char* name : {"s", "neg", "f", "bigger", "z", "absent"}) {
    EXPECT_FALSE(number_member(object, name)) << name;
  }
  EXPECT_FALSE(object_member(object, "a"));
  EXPECT_FALSE(array_member(object, "o"));
  EXPECT_EQ(string_member(object, "absent").error().what(),
            "member \"absent\" is missing or not a string");
}

}  // namespace
}  // namespace signet
