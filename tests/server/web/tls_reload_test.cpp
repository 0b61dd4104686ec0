#include "server/web/tls_reload.hpp"

#include <gtest/gtest.h>

#include "tests/support/run.hpp"
#include "tests/support/temporary_directory.hpp"

namespace signet {
namespace {

constexpr TimePoint kNow{std::chrono::sys_days{std::chrono::year{2026} / 6 / 1}};

KeyPair some_pair(std::chrono::seconds valid_for = std::chrono::hours(24)) {
  return *make_self_signed({"localhost"}, kNow, valid_for);
}

class TlsReloadTest : public ::testing::Test {
 protected:
  void write(const KeyPair& pair) {
    directory_.write("tls.crt", pair.chain_pem);
    directory_.write("tls.key", pair.key_pem);
  }
  Result<void> refresh() { return testing::run(tls_.refresh()); }
  double reloads(std::string_view result) const {
    return metrics_.tls_reloads.value({"serving", result});
  }

  TemporaryDirectory directory_;
  TimePoint now_ = kNow;
  Metrics metrics_{TimePoint{}};
  Log log_{LogLevel::error, [](std::string_view) {}};
  TlsReload tls_{TlsFiles{directory_.str() + "/tls.crt", directory_.str() + "/tls.key"},
                 [this] { return now_; }, metrics_, log_};
};

TEST_F(TlsReloadTest, TakesAChangedPair) {
  write(some_pair());
  ASSERT_TRUE(tls_.load());
  const TlsContext first = tls_.current();
  EXPECT_TRUE(refresh());
  EXPECT_EQ(tls_.current(), first) << "nothing has changed";
  EXPECT_EQ(reloads("ok"), 0);

  const KeyPair second = some_pair(std::chrono::hours(48));
  write(second);
  EXPECT_TRUE(refresh());
  EXPECT_NE(tls_.current(), first);
  EXPECT_EQ(tls_.chain_pem(), second.chain_pem);
  EXPECT_EQ(reloads("ok"), 1);
}

TEST_F(TlsReloadTest, KeepsTheOldPairWhereTheNewOneCannotServe) {
  const KeyPair good = some_pair();
  write(good);
  ASSERT_TRUE(tls_.load());
  const TlsContext first = tls_.current();
  KeyPair mixed = some_pair();
  mixed.key_pem = some_pair().key_pem;
  const KeyPair rows[] = {
      {"", ""},
      {"garbage", good.key_pem},
      {good.key_pem, good.key_pem},
      {good.chain_pem, "garbage"},
      mixed,
      *make_self_signed({"localhost"}, kNow - std::chrono::hours(48), std::chrono::hours(24))};
  double failed = 0;
  for (const KeyPair& row : rows) {
    SCOPED_TRACE(failed);
    write(row);
    const auto done = refresh();
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().reason(), Reason::config_not_ready);
    EXPECT_EQ(tls_.current(), first);
    EXPECT_TRUE(tls_.usable());
    EXPECT_EQ(reloads("failed"), ++failed);
  }
}

TEST_F(TlsReloadTest, NamesTheFileThatIsMissing) {
  const auto done = tls_.load();
  ASSERT_FALSE(done);
  EXPECT_NE(done.error().what().find("tls.crt"), std::string::npos);
  EXPECT_FALSE(tls_.usable());
  EXPECT_EQ(tls_.current(), nullptr);
}

TEST_F(TlsReloadTest, IsNotUsableOnceTheCertificateHasEnded) {
  write(some_pair());
  ASSERT_TRUE(tls_.load());
  EXPECT_TRUE(tls_.usable());
  now_ += std::chrono::hours(25);
  EXPECT_FALSE(tls_.usable());
}

TEST_F(TlsReloadTest, MakesACertificateOfItsOwn) {
  ASSERT_TRUE(tls_.make_own({"localhost", "127.0.0.1"}));
  EXPECT_TRUE(tls_.usable());
  EXPECT_NE(tls_.chain_pem().find("BEGIN CERTIFICATE"), std::string::npos);
}

}  // namespace
}  // namespace signet
