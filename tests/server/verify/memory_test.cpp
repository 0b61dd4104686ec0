// A warm verifier beside an empty one: whatever flips, both give the same answer.

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/base/text.hpp"
#include "core/policy/loader.hpp"
#include "server/verify/verifier.hpp"
#include "tests/core/sigstore/signer.hpp"
#include "tests/support/memory_source.hpp"
#include "tests/support/run.hpp"

namespace signet {
namespace {

using namespace std::chrono_literals;

constexpr const char* kRepository = "registry.example/shop/app";

// A source whose logins a test can change.
class LoginSource final : public ImageSource {
 public:
  explicit LoginSource(MemorySource& inner) : inner_(inner) {}
  std::string login = "first";
  bool held = false;  // until `opened`, referrers are not answered
  Waiters opened;

  Task<Result<Digest>> resolve(Repository repository, std::string tag, Access access,
                               Deadline deadline) override {
    return inner_.resolve(std::move(repository), std::move(tag), std::move(access), deadline);
  }
  Task<Result<FetchedManifest>> manifest(Repository repository, std::string name, Access access,
                                         Deadline deadline) override {
    return inner_.manifest(std::move(repository), std::move(name), std::move(access), deadline);
  }
  Task<Result<Blob>> blob(Repository repository, Descriptor descriptor, std::size_t limit,
                          Access access, Deadline deadline) override {
    return inner_.blob(std::move(repository), std::move(descriptor), limit, std::move(access),
                       deadline);
  }
  Task<Result<Referrers>> referrers(Repository repository, Digest subject, Access access,
                                    Deadline deadline) override {
    const bool waits = held;
    if (waits) co_await opened.wait(Deadline::max());
    co_return co_await inner_.referrers(repository, subject, access, deadline);
  }
  std::string identity(const Repository&, const Access&) const override { return login; }

 private:
  MemorySource& inner_;
};

std::shared_ptr<Policy> policy_with(Trust trust) {
  auto policy = std::make_shared<Policy>();
  policy->name = "shop";
  policy->match.images.push_back(*ImageGlob::parse("registry.example/**"));
  CertificateRule rule;
  rule.trust = std::make_shared<const Trust>(std::move(trust));
  rule.identities.push_back(IdentityRule{*TextPattern::regexp(".*"), SubjectType::any,
                                         *TextPattern::regexp(".*"), std::nullopt});
  Authority authority;
  authority.name = "team";
  authority.rule = std::move(rule);
  policy->authorities.push_back(std::move(authority));
  return policy;
}

std::shared_ptr<const PolicySet> set_of(std::vector<std::shared_ptr<Policy>> policies) {
  Loaded loaded;
  for (auto& policy : policies)
    loaded.policies.push_back(std::move(policy));
  return std::make_shared<const PolicySet>(make_policy_set(std::move(loaded), NoMatch::deny));
}

class MemoryTest : public ::testing::Test {
 protected:
  MemoryTest() { digest = push("1.0"); }

  Digest push(const std::string& tag) {
    return source.put(kRepository, cat(R"({"an":"image )", tag, "\"}"), tag);
  }

  void sign(const Digest& image) {
    sign_with(image, test::signer().legacy(test::payload_for(image)));
  }

  void sign_with(const Digest& image, const Candidate& candidate) {
    Descriptor layer =
        source.put_blob(*candidate.content, "application/vnd.dev.cosign.simplesigning.v1+json");
    const Descriptor config = source.put_blob("{}", "application/vnd.oci.image.config.v1+json");
    const Json manifest = {{"schemaVersion", 2},
                           {"mediaType", "application/vnd.oci.image.manifest.v1+json"},
                           {"config", json_of(config)},
                           {"layers", {json_of(layer)}}};
    Json signed_manifest = manifest;
    signed_manifest["layers"][0]["annotations"] = candidate.annotations;
    source.put(kRepository, signed_manifest.dump(), cat("sha256-", image.hex_part(), ".sig"));
  }

  static Json json_of(const Descriptor& descriptor) {
    return {{"mediaType", descriptor.media_type},
            {"digest", descriptor.digest.str()},
            {"size", descriptor.size}};
  }

  std::unique_ptr<Verifier> make_verifier() {
    VerifierOptions options;
    options.ticks = [this] { return ticks; };
    return std::make_unique<Verifier>(
        logins, [this] { return now; }, std::move(options));
  }

  std::string pinned() const { return cat(kRepository, "@", digest.str()); }

  Verdict verify_by(Verifier& verifier, const std::string& image) {
    Workload workload;
    workload.ns = ns;
    workload.labels = labels;
    return testing::run_on(
        loop, verifier.verify(*Reference::parse(image), workload, policies, Deadline::max()));
  }
  Verdict verify() { return verify_by(*warm, pinned()); }

  // Registries see this many questions during `act`.
  template <class Act>
  std::size_t questions_of(Act act) {
    source.questions.clear();
    act();
    return source.questions.size();
  }

  // The warm verifier says what an empty one says, and another thing than before.
  void expect_flipped(bool allowed) {
    const auto empty = make_verifier();
    const Verdict fresh = verify_by(*empty, pinned());
    const Verdict verdict = verify();
    EXPECT_EQ(verdict.allowed(), allowed) << verdict.detail;
    EXPECT_EQ(verdict.allowed(), fresh.allowed()) << fresh.detail;
    EXPECT_EQ(verdict.reason, fresh.reason);
  }

  void warm_up() {
    sign(digest);
    ASSERT_TRUE(verify().allowed()) << verify().detail;
    ASSERT_EQ(questions_of([&] { verify(); }), 0u);
  }

  TimePoint now = test::signer().at();
  Deadline ticks = Deadline(std::chrono::hours(1000));
  std::string ns = "shop";
  Labels labels;
  MemorySource source;
  LoginSource logins{source};
  Digest digest = Digest::of("an image");
  std::shared_ptr<const PolicySet> policies = set_of({policy_with(test::signer().trust())});
  asio::io_context loop;
  std::unique_ptr<Verifier> warm = make_verifier();
};

TEST_F(MemoryTest, AKnownImageCostsNoQuestion) {
  warm_up();

  const auto recalled = warm->recall(*Reference::parse(pinned()), Workload{ns, {}, {}}, policies);
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

// ---- many at once

class HerdTest : public MemoryTest {
 protected:
  HerdTest() { sign(digest); }

  static Task<void> keep(Task<Verdict> task, std::vector<Verdict>& verdicts) {
    verdicts.push_back(co_await std::move(task));
  }

  void spawn(std::vector<Verdict>& verdicts, Deadline deadline) {
    Workload workload;
    workload.ns = ns;
    auto verdict = warm->verify(*Reference::parse(pinned()), workload, policies, deadline);
    asio::co_spawn(loop, keep(std::move(verdict), verdicts), [](const std::exception_ptr&) {});
  }

  void open() {
    logins.held = false;
    logins.opened.notify();
    loop.restart();
    loop.run();
  }
};

TEST_F(HerdTest, FI27_AThousandAtOnceAskWhatOneAsks) {
  const auto alone = make_verifier();
  const std::size_t cold = questions_of([&] { verify_by(*alone, pinned()); });
  source.questions.clear();
  logins.held = true;
  std::vector<Verdict> verdicts;
  for (int i = 0; i < 1000; ++i)
    spawn(verdicts, Deadline::max());
  loop.restart();
  loop.poll();
  ASSERT_TRUE(verdicts.empty());

  open();

  EXPECT_EQ(source.questions.size(), cold);
  ASSERT_EQ(verdicts.size(), 1000u);
  EXPECT_TRUE(std::all_of(verdicts.begin(), verdicts.end(),
                          [](const Verdict& verdict) { return verdict.allowed(); }));
}

TEST_F(HerdTest, FI29_WhoeverStartedMayLeaveAndTheOthersAreAnswered) {
  logins.held = true;
  std::vector<Verdict> hasty;
  std::vector<Verdict> patient;
  spawn(hasty, deadline_in(5ms));
  for (int i = 0; i < 3; ++i)
    spawn(patient, Deadline::max());
  loop.restart();
  while (hasty.empty())
    loop.run_one();
  EXPECT_EQ(hasty.front().reason, Reason::deadline);
  ASSERT_TRUE(patient.empty());

  open();

  ASSERT_EQ(patient.size(), 3u);
  for (const Verdict& verdict : patient)
    EXPECT_TRUE(verdict.allowed()) << verdict.detail;
}

TEST_F(HerdTest, WorkThatNobodyWaitsForFillsTheMemory) {
  const Reference tag = *Reference::parse(cat(kRepository, ":1.0"));
  testing::run_on(loop, warm->prepare(tag, Workload{ns, {}, {}}, policies));

  EXPECT_TRUE(
      warm->is_prepared(*Reference::parse(tag.pinned(digest)), Workload{ns, {}, {}}, policies));
  EXPECT_FALSE(warm->is_prepared(tag, Workload{ns, {}, {}}, policies));
}

// ---- a registry that is down

class OutageTest : public MemoryTest {
 protected:
  void fail_with(Reason reason) {
    const std::string tag = cat("sha256-", digest.hex_part(), ".sig");
    const Error error(reason, "because");
    source.failures.insert_or_assign(cat("manifest ", kRepository, " ", tag), error);
    source.failures.insert_or_assign(cat("referrers ", kRepository, " ", digest.str()), error);
    source.failures.insert_or_assign(cat("resolve ", kRepository, " 1.0"), error);
  }
};

TEST_F(OutageTest, OldEvidenceIsJudgedAndSaysSo) {
  warm_up();
  ticks += 600s;
  fail_with(Reason::registry_unreachable);

  const Verdict verdict = verify();

  EXPECT_TRUE(verdict.allowed()) << verdict.detail;
  ASSERT_TRUE(verdict.stale);
  EXPECT_NE(verdict.stale->find("cannot be reached"), std::string::npos) << *verdict.stale;
}

TEST_F(OutageTest, OldEvidenceIsJudgedByTheClockOfToday) {
  warm_up();
  const TimePoint end = *verify().stable_until;
  ticks += 600s;
  fail_with(Reason::registry_unreachable);
  ASSERT_TRUE(verify().allowed());
  now = end;

  EXPECT_FALSE(verify().allowed());
}

TEST_F(OutageTest, OldEvidenceIsJudgedByThePoliciesOfToday) {
  warm_up();
  ticks += 600s;
  fail_with(Reason::registry_unreachable);
  Trust other = test::signer().trust();
  other.authorities[0].anchors = {test::Signer().root().certificate};
  policies = set_of({policy_with(other)});

  EXPECT_FALSE(verify().allowed());
}

TEST_F(OutageTest, ARefusalOfTheRegistryIsNoOutage) {
  warm_up();
  ticks += 600s;
  fail_with(Reason::registry_forbidden);

  EXPECT_EQ(verify().reason, Reason::registry_forbidden);
}

TEST_F(OutageTest, OldEvidenceEnds) {
  warm_up();
  fail_with(Reason::registry_unreachable);

  ticks += 600s + 3600s - 1ms;
  EXPECT_TRUE(verify().allowed());
  ticks += 1ms;
  EXPECT_EQ(verify().reason, Reason::registry_unreachable);
}

TEST_F(OutageTest, ATagServesForFiveMinutesMore) {
  sign(digest);
  const std::string tag = cat(kRepository, ":1.0");
  ASSERT_TRUE(verify_by(*warm, tag).allowed());
  fail_with(Reason::registry_unreachable);

  const Verdict verdict = verify_by(*warm, tag);
  EXPECT_TRUE(verdict.allowed()) << verdict.detail;
  EXPECT_TRUE(verdict.stale);
  ticks += 30s + 300s - 1ms;
  EXPECT_TRUE(verify_by(*warm, tag).allowed());
  ticks += 1ms;
  EXPECT_EQ(verify_by(*warm, tag).reason, Reason::registry_unreachable);
}

}  // namespace
}  // namespace signet
