#include "server/runtime/log.hpp"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <nlohmann/json.hpp>
#include <type_traits>

#include "server/runtime/metrics.hpp"

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
  std::vector<std::string> lines;
  for (const LogFormat format : {LogFormat::json, LogFormat::text}) {
    Log log(
        LogLevel::info, [&lines](std::string_view line) { lines.emplace_back(line); }, format);
    LogLine line = line_of(LogLevel::info);
    for (int i = 0; i < 100; ++i)
      line.with("k" + std::to_string(i), std::string(1000, 'x'));
    log.write(line.with("short", "fits"));
  }
  ASSERT_EQ(lines.size(), 2U);
  for (const std::string& line : lines) {
    EXPECT_GT(line.size(), 15U * 1024);
    EXPECT_LE(line.size(), 16U * 1024);
    EXPECT_NE(line.find("k0"), std::string::npos);
    EXPECT_NE(line.find("short"), std::string::npos);
    EXPECT_EQ(line.find("k99"), std::string::npos);
  }
  EXPECT_TRUE(json::accept(lines[0]));
}

TEST(LogTest, AMemberFitsOrIsLeftOut) {
  const std::size_t left = LogLine::kBytes - 128 - line_of(LogLevel::info).members().size();
  const std::size_t around = std::string(R"(,"k":"")").size();
  const auto with = [&](std::size_t size) {
    return line_of(LogLevel::info).raw("k", "\"" + std::string(size, 'x') + "\"").members();
  };
  EXPECT_EQ(with(left - around).size(), LogLine::kBytes - 128);
  EXPECT_EQ(with(left - around + 1), line_of(LogLevel::info).members());
}

TEST(LogTest, ALineForPeopleSaysTheSame) {
  std::vector<std::string> lines;
  {
    Log log(
        LogLevel::info, [&lines](std::string_view line) { lines.emplace_back(line); },
        LogFormat::text);
    log.write(line_of(LogLevel::warn)
                  .with("count", 7)
                  .with("image", "a/b:c")
                  .with("why", "two words\n\"quoted\"")
                  .with("none", "")
                  .raw("list", "[1]"));
  }
  ASSERT_EQ(lines.size(), 1U);
  const std::string line = lines[0];
  EXPECT_EQ(line.substr(std::string("2026-01-01T00:00:00.000000000Z").size()),
            R"( WARN main: a message event=an_event count=7 image=a/b:c )"
            R"(why="two words\\x0a\"quoted\"" none="" list=[1])");
}

TEST(LogTest, DebugCanBeHadForTenMinutes) {
  using std::chrono::minutes;
  const auto now = std::chrono::steady_clock::now();
  const auto lines = written(LogLevel::warn, [now](Log& log) {
    EXPECT_FALSE(log.wants(LogLevel::debug));
    EXPECT_TRUE(log.toggle_debug(now));
    EXPECT_TRUE(log.wants(LogLevel::debug));
    log.write(line_of(LogLevel::debug));
    EXPECT_FALSE(log.toggle_debug(now)) << "a second time ends it";
    EXPECT_FALSE(log.wants(LogLevel::info));
    log.write(line_of(LogLevel::debug));
    EXPECT_TRUE(log.toggle_debug(now - minutes(10)));
    EXPECT_FALSE(log.wants(LogLevel::debug)) << "it ends by itself";
    EXPECT_TRUE(log.wants(LogLevel::warn));
    EXPECT_TRUE(log.toggle_debug(now)) << "it has ended, so that this is a first time";
  });
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0]["level"], "debug");
}

TEST(LogTest, LinesAreCountedByTheirLevel) {
  Metrics metrics(TimePoint{});
  written(LogLevel::info, [&metrics](Log& log) {
    log.count_in(metrics.log_messages, metrics.log_dropped);
    log.write(line_of(LogLevel::debug));
    log.write(line_of(LogLevel::info));
    log.write(line_of(LogLevel::error));
    log.write(line_of(LogLevel::error));
  });
  EXPECT_EQ(metrics.log_messages.value({"debug"}), 0) << "it was not written";
  EXPECT_EQ(metrics.log_messages.value({"info"}), 1);
  EXPECT_EQ(metrics.log_messages.value({"error"}), 2);
  EXPECT_EQ(metrics.log_dropped.value({}), 0);
}

TEST(LogTest, NeverWaitsForASinkAndCountsWhatItDrops) {
  Metrics metrics(TimePoint{});
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
    log.count_in(metrics.log_messages, metrics.log_dropped);
    for (int i = 0; i < 5000; ++i)
      log.write(line_of(LogLevel::info));
    EXPECT_GT(log.dropped(), 3000U);
    log.write(line_of(LogLevel::info));
    EXPECT_GT(metrics.log_dropped.value({}), 3000);
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
