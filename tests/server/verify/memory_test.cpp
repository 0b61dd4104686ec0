// A warm verifier beside an empty one: whatever flips, both give the same answer.

#include "tests/server/verify/memory_fixture.hpp"

namespace signet {
namespace {

TEST_F(MemoryTest, AKnownImageCostsNoQuestion) {
  warm_up();

  const auto recalled = warm->recall(pinned(), Workload{ns, {}, {}}, policies);
  ASSERT_TRUE(recalled);
  EXPECT_TRUE(recalled->allowed());
}

TEST_F(MemoryTest, AnotherPolicyDecidesAnew) {
  warm_up();
  auto strict = policy_with(test::signer().trust());
  auto& rule = std::get<CertificateRule>(strict->authorities[0].rule);
  rule.identities[0].subject = TextPattern::exact("somebody-else");
  policies = set_of({strict});

  expect_flipped(false);
}

TEST_F(MemoryTest, AnotherRootDecidesAnew) {
  warm_up();
  Trust other = test::signer().trust();
  other.authorities[0].anchors = {test::Signer().root().certificate};
  policies = set_of({policy_with(other)});

  expect_flipped(false);
}

TEST_F(MemoryTest, AnotherNamespaceDecidesAnew) {
  auto elsewhere = policy_with(test::signer().trust());
  elsewhere->match.namespaces = {"shop"};
  policies = set_of({elsewhere});
  warm_up();
  ns = "other";

  expect_flipped(false);
}

TEST_F(MemoryTest, AnotherLabelDecidesAnew) {
  auto cluster = policy_with(test::signer().trust());
  auto namespaced = policy_with(test::signer().trust());
  namespaced->kind = PolicyKind::namespaced;
  namespaced->ns = "shop";
  namespaced->match.object_selector = Selector{{{"strict", Selector::Operator::in, {"yes"}}}};
  auto& rule = std::get<CertificateRule>(namespaced->authorities[0].rule);
  rule.identities[0].subject = TextPattern::exact("somebody-else");
  policies = set_of({cluster, namespaced});
  warm_up();
  labels["strict"] = "yes";

  expect_flipped(false);
}

TEST_F(MemoryTest, AnotherRepositoryIsSearchedForItself) {
  warm_up();
  const std::string elsewhere = cat("registry.example/other/app@", digest.str());

  EXPECT_FALSE(verify_by(*warm, elsewhere).allowed());
}

TEST_F(MemoryTest, FI42_AnotherLoginDiscoversForItself) {
  warm_up();
  source.manifests.erase(cat(kRepository, " sha256-", digest.hex_part(), ".sig"));
  EXPECT_TRUE(verify().allowed());
  logins.login = "second";

  expect_flipped(false);
}

TEST_F(MemoryTest, AClockPastTheEndOfACertificateDecidesAnew) {
  warm_up();
  const auto end = verify().stable_until;
  ASSERT_TRUE(end);

  now = *end - 1s;
  expect_flipped(true);
  now = *end;
  expect_flipped(false);
}

TEST_F(MemoryTest, AClockThatWasPutBackDecidesAnew) {
  warm_up();
  now -= std::chrono::hours(24 * 365 * 50);

  expect_flipped(false);
}

TEST_F(MemoryTest, ARefusalIsRememberedAsLongAsADiscoveryOfNothing) {
  EXPECT_EQ(verify().reason, Reason::no_signature);
  EXPECT_EQ(questions_of([&] { verify(); }), 0u);
  sign(digest);

  ticks += 15s - 1ms;
  EXPECT_EQ(verify().reason, Reason::no_signature);
  ticks += 1ms;
  EXPECT_TRUE(verify().allowed());
}

TEST_F(MemoryTest, ADiscoveryServesForItsLifeAndNoLonger) {
  warm_up();

  ticks += 600s - 1ms;
  EXPECT_EQ(questions_of([&] { verify(); }), 0u);
  ticks += 1ms;
  EXPECT_EQ(questions_of([&] { verify(); }), 3u);
}

TEST_F(MemoryTest, AFailureIsNeverAVerdictToRemember) {
  sign(digest);
  const std::string question = cat("manifest ", kRepository, " sha256-", digest.hex_part(), ".sig");
  source.failures.insert_or_assign(question, Error(Reason::registry_timeout, "no answer"));
  EXPECT_EQ(verify().reason, Reason::registry_timeout);
  source.failures.clear();

  EXPECT_TRUE(verify().allowed());
}

// A tag that moves while everything about it is remembered: what it now means is judged.
TEST_F(MemoryTest, ATagThatMovedIsJudgedByWhatItMeansNow) {
  const std::string tag = cat(kRepository, ":1.0");
  sign(digest);
  ASSERT_TRUE(verify_by(*warm, tag).allowed());
  source.put(kRepository, R"({"another":"image"})", "1.0");

  EXPECT_EQ(verify_by(*warm, tag).reason, Reason::no_signature);
}

TEST_F(MemoryTest, ATagIsPinnedToWhatWasVerifiedAndNeverToWhatWasNot) {
  const Reference tag = *Reference::parse(cat(kRepository, ":1.0"));
  const Workload workload{ns, {}, {}};
  sign(digest);
  const auto resolve = [&] {
    return *testing::run_on(loop, warm->resolve(tag, workload, Deadline::max()));
  };
  ASSERT_EQ(resolve(), digest);
  const Digest moved = source.put(kRepository, R"({"another":"image"})", "1.0");

  // Mutation may still pin to the image of before; whatever it pins to is judged as itself.
  const std::string before = tag.pinned(resolve());
  EXPECT_TRUE(verify_by(*warm, before).allowed());
  EXPECT_FALSE(verify_by(*warm, tag.pinned(moved)).allowed());
  ticks += 30s;
  EXPECT_EQ(resolve(), moved);
  EXPECT_FALSE(verify_by(*warm, tag.pinned(resolve())).allowed());
}

}  // namespace
}  // namespace signet
