#include "server/web/tls_reload.hpp"

#include <gtest/gtest.h>

#include "core/crypto/serving.hpp"
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
  // What a Reloader does where a file has changed.
  Result<void> refresh() {
    auto built = pair_.build();
    if (!built) return built.error();
    built->swap();
    return {};
  }
  double reloads(std::string_view result) const {
    return metrics_.tls_reloads.value({"serving", result});
  }

  TemporaryDirectory directory_;
  TimePoint now_ = kNow;
  Metrics metrics_{TimePoint{}};
  TlsReload tls_{TlsFiles{directory_.str() + "/tls.crt", directory_.str() + "/tls.key"},
                 [this] { return now_; }, metrics_};
  Watched pair_ = tls_.pair();
};

TEST_F(TlsReloadTest, TakesAChangedPair) {
  write(some_pair());
  ASSERT_TRUE(refresh());
  const TlsContext first = tls_.current();
  EXPECT_EQ(reloads("ok"), 0) << "the first pair is no reload";

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
  ASSERT_TRUE(refresh());
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

TEST_F(TlsReloadTest, ACertificateServesFromItsFirstSecondToItsLast) {
  write(*make_self_signed({"localhost"}, kNow, std::chrono::hours(24)));
  const TimePoint begins = kNow - kServingBackdated;
  now_ = begins - std::chrono::seconds(1);
  const auto early = refresh();
  ASSERT_FALSE(early);
  EXPECT_NE(early.error().what().find("is not valid before"), std::string::npos);
  now_ = begins;
  EXPECT_TRUE(refresh());
  now_ = kNow + std::chrono::hours(24);
  EXPECT_TRUE(refresh());
  now_ += std::chrono::seconds(1);
  EXPECT_FALSE(refresh());
}

TEST_F(TlsReloadTest, ACertificateInAFileNamesTheService) {
  TlsFiles files{directory_.str() + "/tls.crt", directory_.str() + "/tls.key"};
  files.host = "signet.signet-system.svc";
  TlsReload tls(
      files, [this] { return now_; }, metrics_);
  write(*make_self_signed({"localhost"}, kNow));
  const auto other = tls.pair().build();
  ASSERT_FALSE(other);
  EXPECT_NE(other.error().what().find("tls.crt: the certificate does not name " + files.host),
            std::string::npos);
  write(*make_self_signed({files.host}, kNow));
  EXPECT_TRUE(tls.pair().build());
}

TEST_F(TlsReloadTest, BlamesTheFileOfTheKeyForTheKey) {
  KeyPair mixed = some_pair();
  mixed.key_pem = some_pair().key_pem;
  write(mixed);
  const auto done = refresh();
  ASSERT_FALSE(done);
  EXPECT_NE(done.error().what().find("tls.key: "), std::string::npos);
  EXPECT_EQ(done.error().what().find("tls.crt"), std::string::npos);
}

TEST_F(TlsReloadTest, NamesTheFileThatIsMissing) {
  const auto done = refresh();
  ASSERT_FALSE(done);
  EXPECT_NE(done.error().what().find("tls.crt"), std::string::npos);
  EXPECT_FALSE(tls_.usable());
  EXPECT_EQ(tls_.current(), nullptr);
}

TEST_F(TlsReloadTest, IsNotUsableOnceTheCertificateHasEnded) {
  write(some_pair());
  ASSERT_TRUE(refresh());
  EXPECT_TRUE(tls_.usable());
  now_ += std::chrono::hours(25);
  EXPECT_FALSE(tls_.usable());
}

TEST_F(TlsReloadTest, KeepsTheAuthoritiesOfClientsWhereTheNewOnesCannotBeRead) {
  write(some_pair());
  TlsFiles files{directory_.str() + "/tls.crt", directory_.str() + "/tls.key"};
  files.client_ca = directory_.write("clients.pem", some_pair().chain_pem);
  TlsReload tls(
      files, [this] { return now_; }, metrics_);
  const auto load = [](const Watched& watched) {
    auto built = watched.build();
    if (built) built->swap();
    return static_cast<bool>(built);
  };
  ASSERT_TRUE(load(tls.client_ca()));
  ASSERT_TRUE(load(tls.pair()));
  const TlsContext first = tls.current();

  directory_.write("clients.pem", "rubbish");
  EXPECT_FALSE(load(tls.client_ca()));
  EXPECT_EQ(tls.current(), first);
  EXPECT_EQ(metrics_.tls_reloads.value({"client_ca", "failed"}), 1);

  directory_.write("clients.pem", some_pair().chain_pem);
  EXPECT_TRUE(load(tls.client_ca()));
  EXPECT_NE(tls.current(), first);
}

TEST_F(TlsReloadTest, MakesACertificateOfItsOwn) {
  ASSERT_TRUE(tls_.make_own({"localhost", "127.0.0.1"}));
  EXPECT_TRUE(tls_.usable());
  EXPECT_NE(tls_.chain_pem().find("BEGIN CERTIFICATE"), std::string::npos);
}

TEST_F(TlsReloadTest, TakesAPairThatIsMadeElsewhereAndKeepsItWhereTheNextIsBad) {
  const KeyPair first = some_pair();
  ASSERT_TRUE(tls_.use(first));
  const KeyPair second = some_pair();
  ASSERT_TRUE(tls_.use(second));
  EXPECT_EQ(tls_.chain_pem(), second.chain_pem);
  EXPECT_EQ(reloads("ok"), 1);
  EXPECT_FALSE(tls_.use(KeyPair{second.chain_pem, first.key_pem}));
  EXPECT_EQ(tls_.chain_pem(), second.chain_pem);
  EXPECT_EQ(reloads("failed"), 1);
  EXPECT_TRUE(tls_.usable());
}

}  // namespace
}  // namespace signet
