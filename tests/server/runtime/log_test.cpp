#include "server/runtime/log.hpp"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <nlohmann/json.hpp>
#include <type_traits>

namespace signet {
namespace {

using nlohmann::json;

// The lines that a log writes until it ends.
template <class Write>
std::vector<json> written(LogLevel least, Write write) {
  std::vector<json> lines;
  {
    Log log(least, [&lines](std::string_view line) { lines.push_back(json::parse(line)); });
    write(log);
  }
  return lines;
}

LogLine line_of(LogLevel level) {
  return LogLine(level, "main", "an_event", "a message");
}

TEST(LogTest, WritesOneObjectALine) {
  const auto lines = written(LogLevel::info, [](Log& log) {
    log.write(line_of(LogLevel::warn)
                  .with("count", 7)
                  .with("flag", true)
                  .with("text", "x")
                  .raw("list", "[1]"));
  });
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0]["level"], "warn");
  EXPECT_EQ(lines[0]["logger"], "main");
  EXPECT_EQ(lines[0]["event"], "an_event");
  EXPECT_EQ(lines[0]["msg"], "a message");
  EXPECT_EQ(lines[0]["count"], 7);
  EXPECT_EQ(lines[0]["flag"], true);
  EXPECT_EQ(lines[0]["list"], json::array({1}));
  EXPECT_EQ(lines[0]["ts"].get<std::string>().size(),
            std::string("2026-01-01T00:00:00.000000000Z").size());
}

TEST(LogTest, LeavesOutWhatIsBelowItsLevel) {
  const auto lines = written(LogLevel::warn, [](Log& log) {
    log.write(line_of(LogLevel::info));
    log.write(line_of(LogLevel::error));
    log.set_level(LogLevel::debug);
    log.write(line_of(LogLevel::debug));
  });
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0]["level"], "error");
  EXPECT_EQ(lines[1]["level"], "debug");
}

TEST(LogTest, TextsFromOutsideStayInsideTheirLine) {
  const auto lines = written(LogLevel::info, [](Log& log) {
    log.write(line_of(LogLevel::info)
                  .with("image", "a\n{\"level\":\"info\"}\x1b[31m\xe2\x80\xae\xff\"")
                  .with("long", std::string(1 << 20, 'x')));
  });
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0]["image"], "a\\x0a{\"level\":\"info\"}\\x1b[31m\\xe2\\x80\\xae\\xff\"");
  EXPECT_LE(lines[0].dump().size(), 16U * 1024);
}

TEST(LogTest, AFullLineKeepsItsFirstMembers) {
  LogLine line = line_of(LogLevel::info);
  for (int i = 0; i < 100; ++i)
    line.with("k" + std::to_string(i), std::string(1000, 'x'));
  EXPECT_LE(line.members().size(), 17U * 1024);
  const json members = json::parse("{" + line.members() + "}");
  EXPECT_TRUE(members.contains("k0"));
  EXPECT_FALSE(members.contains("k99"));
}

TEST(LogTest, NeverWaitsForASinkAndCountsWhatItDrops) {
  std::mutex mutex;
  std::condition_variable changed;
  bool blocked = true;
  std::vector<std::string> lines;
  const auto out = [&](std::string_view line) {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&blocked] { return !blocked; });
    lines.emplace_back(line);
  };
  {
    Log log(LogLevel::info, out);
    for (int i = 0; i < 5000; ++i)
      log.write(line_of(LogLevel::info));
    EXPECT_GT(log.dropped(), 3000U);
    log.write(line_of(LogLevel::info));
    const std::lock_guard lock(mutex);
    blocked = false;
    changed.notify_all();
  }
  EXPECT_LT(lines.size(), 2000U);
  EXPECT_TRUE(json::parse(lines.back()).contains("dropped"));
}

template <class T>
concept Loggable = requires(LogLine line, const T& value) {
  line.with("key", value);
};

TEST(LogTest, HasNoWayInForASecret) {
  static_assert(Loggable<std::string> && Loggable<int> && Loggable<bool> && Loggable<const char*>);
  static_assert(!Loggable<SecretString>);
  static_assert(!std::is_convertible_v<SecretString, std::string>);
  EXPECT_EQ(SecretString("s").reveal(), "s");
}

}  // namespace
}  // namespace signet
