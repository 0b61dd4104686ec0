#include "server/runtime/reloader.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/support/run.hpp"
#include "tests/support/temporary_directory.hpp"

namespace signet {
namespace {

// A value that is the text of a file; "bad" cannot be loaded, "half" has a flaw.
class ReloaderTest : public ::testing::Test {
 protected:
  ReloaderTest() { write("one"); }

  void write(const std::string& text) { directory_.write("value", text); }

  Watched watched() {
    const std::string file = directory_.str() + "/value";
    const auto build = [this, file]() -> Result<Built> {
      ++built_;
      if (while_reading_) while_reading_();
      auto text = read_file(file, 100);
      if (!text) return text.error();
      if (*text == "bad") return Error(Reason::config_not_ready, "it is bad");
      std::optional<Error> flaw;
      if (*text == "half") flaw = Error(Reason::config_not_ready, "a half is bad");
      return Built{[this, text = *text] { value_ = text; }, flaw};
    };
    return Watched{"credentials", [file] { return stamps_of({file}); }, build};
  }

  void look(Reloader& reloader, int times) {
    for (int i = 0; i < times; ++i)
      EXPECT_TRUE(testing::run(reloader.look()));
  }
  double good() const { return metrics_.config_last_reload_successful.value({"credentials"}); }

  TemporaryDirectory directory_;
  Metrics metrics_{TimePoint{}};
  Log log_{LogLevel::error, [](std::string_view) {}};
  std::string value_;
  int built_ = 0;
  std::function<void()> while_reading_;
  Reloader reloader_{watched(), [] { return TimePoint(std::chrono::seconds(5)); }, metrics_, log_};
};

TEST_F(ReloaderTest, TakesAChangeThatTwoLooksSaw) {
  ASSERT_TRUE(reloader_.load());
  EXPECT_EQ(value_, "one");
  look(reloader_, 3);
  EXPECT_EQ(built_, 1) << "nothing has changed";

  write("a second one");
  look(reloader_, 1);
  EXPECT_EQ(value_, "one") << "it may still be written";
  look(reloader_, 1);
  EXPECT_EQ(value_, "a second one");
  EXPECT_EQ(good(), 1);
  EXPECT_EQ(metrics_.config_last_reload_success_timestamp.value({"credentials"}), 5);
}

TEST_F(ReloaderTest, KeepsTheOldValueWhereTheNewOneIsBadAndTriesAgain) {
  ASSERT_TRUE(reloader_.load());
  write("bad");
  look(reloader_, 2);
  EXPECT_EQ(value_, "one");
  EXPECT_EQ(good(), 0);
  const int before = built_;
  look(reloader_, 9);
  EXPECT_EQ(built_, before) << "not at every look";
  look(reloader_, 1);
  EXPECT_EQ(built_, before + 1) << "the reason may pass without the file changing";

  write("better");
  look(reloader_, 2);
  EXPECT_EQ(value_, "better");
  EXPECT_EQ(good(), 1);
}

TEST_F(ReloaderTest, AFileThatIsGoneForAMomentChangesNothing) {
  ASSERT_TRUE(reloader_.load());
  std::filesystem::remove(directory_.path() / "value");
  look(reloader_, 2);
  EXPECT_EQ(value_, "one");
  EXPECT_EQ(good(), 0);
  write("back");
  look(reloader_, 2);
  EXPECT_EQ(value_, "back");
}

TEST_F(ReloaderTest, TakesNothingThatChangedWhileItWasRead) {
  ASSERT_TRUE(reloader_.load());
  write("new");
  while_reading_ = [this] { write("newer yet"); };
  look(reloader_, 2);
  EXPECT_EQ(value_, "one");
  while_reading_ = nullptr;
  look(reloader_, 2);
  EXPECT_EQ(value_, "newer yet");
}

TEST_F(ReloaderTest, AValueWithAFlawIsInForceAndSaysSo) {
  ASSERT_TRUE(reloader_.load());
  write("half");
  look(reloader_, 2);
  EXPECT_EQ(value_, "half");
  EXPECT_EQ(good(), 0);
}

TEST_F(ReloaderTest, LoadsAnewWhenAskedThoughNothingChanged) {
  ASSERT_TRUE(reloader_.load());
  look(reloader_, 1);
  reloader_.insist();
  look(reloader_, 2);
  EXPECT_EQ(built_, 2);
}

}  // namespace
}  // namespace signet
