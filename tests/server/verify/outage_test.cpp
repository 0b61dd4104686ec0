// Many reviews of one image at once, and a registry that is down.

#include "tests/server/verify/memory_fixture.hpp"

namespace signet {
namespace {

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
