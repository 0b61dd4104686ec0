#include <gtest/gtest.h>

#include "server/kube/ca_secret.hpp"

namespace signet {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

const ServiceNames kServiceNames = {"signet.signet-system.svc"};

class CaRotationTest : public ::testing::Test {
 protected:
  ServingAuthority authority() const {
    return *make_serving_authority(kServiceNames, now_, times_.ca_validity);
  }
  CaStep step(const CaSecret& secret, bool in_sync = true) const {
    return next_step(CaView{secret, in_sync}, kServiceNames, times_, now_);
  }
  void take(CaSecret& secret, CaStep expected) {
    ASSERT_EQ(step(secret), expected);
    secret = after_step(expected, secret, authority(), now_);
  }

  TimePoint now_ = *parse_time("2026-03-01T10:00:00Z");
  CaTimes times_;
};

TEST_F(CaRotationTest, NothingIsDoneInTheFirstTwoThirds) {
  const CaSecret secret = secret_of(authority());
  const TimePoint made = now_;
  now_ = made + times_.ca_validity * 2 / 3 - seconds(1);
  EXPECT_EQ(step(secret), CaStep::none);
  now_ += seconds(1);
  EXPECT_EQ(step(secret), CaStep::add_next);
}

TEST_F(CaRotationTest, TheBundleIsPublishedBeforeAnythingElse) {
  CaSecret secret = secret_of(authority());
  EXPECT_EQ(step(secret, false), CaStep::publish);
  now_ += times_.ca_validity;
  EXPECT_EQ(step(secret, false), CaStep::publish);
  secret = after_step(CaStep::add_next, secret, authority(), now_);
  EXPECT_EQ(step(secret, false), CaStep::publish);
}

TEST_F(CaRotationTest, AWholeRotationOverlaps) {
  CaSecret secret = secret_of(authority());
  const Certificate old = secret.current.certificate;
  now_ += times_.ca_validity * 2 / 3;
  take(secret, CaStep::add_next);
  EXPECT_EQ(secret.current.certificate, old);
  EXPECT_EQ(secret.bundle.size(), 2u);
  const Certificate next = secret.next->certificate;
  take(secret, CaStep::mark_published);
  EXPECT_EQ(step(secret), CaStep::none);
  now_ += times_.propagation_delay - seconds(1);
  EXPECT_EQ(step(secret), CaStep::none);
  now_ += seconds(1);
  take(secret, CaStep::promote);
  EXPECT_EQ(secret.current.certificate, next);
  EXPECT_FALSE(secret.next);
  EXPECT_EQ(secret.bundle, (std::vector<Certificate>{next, old}));
  now_ += times_.leaf_validity + hours(24) - seconds(1);
  EXPECT_EQ(step(secret), CaStep::none);
  now_ += seconds(1);
  take(secret, CaStep::drop_old);
  EXPECT_EQ(secret.bundle, std::vector<Certificate>{next});
  EXPECT_EQ(step(secret), CaStep::none);
}

TEST_F(CaRotationTest, ARotationIsAskedForByAnnotation) {
  CaSecret secret = secret_of(authority());
  secret.asked = true;
  take(secret, CaStep::add_next);
  EXPECT_FALSE(secret.asked);
}

TEST_F(CaRotationTest, WhereTheSigningCaEndedThereIsNothingToWaitFor) {
  CaSecret secret = secret_of(authority());
  now_ += times_.ca_validity;
  take(secret, CaStep::add_next);
  take(secret, CaStep::mark_published);
  take(secret, CaStep::promote);
  EXPECT_EQ(secret.bundle.size(), 2u);  // it ends with this second
  EXPECT_TRUE(is_usable(secret.current, kServiceNames, now_));
}

TEST_F(CaRotationTest, ACaForOtherNamesIsReplacedAtOnce) {
  const CaSecret secret = secret_of(authority());
  const ServiceNames more = {kServiceNames.front(), "127.0.0.1"};
  EXPECT_EQ(next_step(CaView{secret, true}, more, times_, now_), CaStep::add_next);
}

TEST_F(CaRotationTest, ANextCaThatCannotBeUsedIsMadeAnew) {
  CaSecret secret = secret_of(authority());
  secret.next = *make_serving_authority({"signet.other.svc"}, now_, times_.ca_validity);
  secret.bundle.push_back(secret.next->certificate);
  take(secret, CaStep::add_next);
  EXPECT_EQ(secret.bundle.size(), 2u);
  EXPECT_EQ(secret.bundle.back(), secret.next->certificate);
  EXPECT_FALSE(secret.published);
}

TEST_F(CaRotationTest, AMomentToComeIsNotBelieved) {
  CaSecret secret = after_step(CaStep::add_next, secret_of(authority()), authority(), now_);
  secret.published = now_ + hours(1);
  take(secret, CaStep::mark_published);
  EXPECT_EQ(secret.published, now_);
  secret = after_step(CaStep::promote, secret, std::nullopt, now_ + hours(1));
  take(secret, CaStep::mark_promoted);
  EXPECT_EQ(secret.promoted, now_);
  secret.promoted.reset();
  EXPECT_EQ(step(secret), CaStep::mark_promoted);
}

TEST_F(CaRotationTest, ABundleIsBounded) {
  CaSecret secret = secret_of(authority());
  std::vector<Certificate> others;
  for (int i = 0; i < 10; ++i)
    others.push_back(authority().certificate);
  secret = trusting(std::move(secret), others, now_);
  EXPECT_EQ(secret.bundle.size(), 8u);
  EXPECT_EQ(secret.promoted, now_);
  EXPECT_EQ(secret.bundle.front(), secret.current.certificate);
}

// ---- the Secret

class CaSecretTest : public CaRotationTest {
 protected:
  // With a version, as the API server gives it.
  static std::string stored(CaSecret secret) {
    secret.resource_version = "7";
    return ca_secret_json("signet", "signet-webhook-ca", secret);
  }
  static std::string without(std::string json, const std::string& key) {
    const auto at = json.find("\"" + key + "\"");
    EXPECT_NE(at, std::string::npos) << key;
    return json.replace(at, key.size() + 2, "\"gone\"");
  }
};

TEST_F(CaSecretTest, IsReadBackAsItWasWrittenAtEveryStep) {
  CaSecret secret = secret_of(authority());
  now_ += times_.ca_validity * 2 / 3;
  for (const CaStep one :
       {CaStep::none, CaStep::add_next, CaStep::mark_published, CaStep::promote}) {
    secret = after_step(one, secret, authority(), now_);
    const auto read = parse_ca_secret(stored(secret));
    ASSERT_TRUE(read);
    EXPECT_EQ(read->current.certificate, secret.current.certificate);
    ASSERT_EQ(read->next.has_value(), secret.next.has_value());
    if (read->next) {
      EXPECT_EQ(read->next->certificate, secret.next->certificate);
    }
    EXPECT_EQ(read->bundle, secret.bundle);
    EXPECT_EQ(read->published, secret.published);
    EXPECT_EQ(read->promoted, secret.promoted);
    EXPECT_EQ(read->resource_version, "7");
  }
}

TEST_F(CaSecretTest, WhatIsMissingOrBrokenIsNamed) {
  CaSecret secret = after_step(CaStep::add_next, secret_of(authority()), authority(), now_);
  const std::string good = stored(secret);
  for (const char* const key : {"ca.crt", "ca.key", "ca-bundle.crt", "next-ca.key", "data"}) {
    const auto read = parse_ca_secret(without(good, key));
    ASSERT_FALSE(read) << key;
    EXPECT_NE(read.error().what().find(key), std::string::npos) << read.error().what();
    EXPECT_EQ(resource_version_in(without(good, key)), "7");
  }
  EXPECT_FALSE(parse_ca_secret(""));
  EXPECT_FALSE(parse_ca_secret("[]"));
  EXPECT_EQ(resource_version_in("[]"), "");
}

TEST_F(CaSecretTest, TheBundleAlwaysHoldsWhatSignsAndWhatWill) {
  CaSecret secret = after_step(CaStep::add_next, secret_of(authority()), authority(), now_);
  const Certificate other = authority().certificate;
  secret.bundle = {other};
  const auto read = parse_ca_secret(stored(secret));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->bundle, (std::vector<Certificate>{secret.current.certificate,
                                                    secret.next->certificate, other}));
}

}  // namespace
}  // namespace signet
