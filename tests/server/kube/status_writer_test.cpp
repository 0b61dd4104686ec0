#include "server/kube/status_writer.hpp"

#include <gtest/gtest.h>
#include <prometheus/registry.h>

#include "tests/server/kube/kube_store.hpp"
#include "tests/support/run.hpp"

namespace signet {
namespace {

using std::chrono::seconds;
using testing::kube_refusal;
using testing::KubeStore;

const std::string kStatusPath = "/apis/signet.dev/v1alpha1/clustertrustpolicies/teams";
const std::string kOfNamespace = "/apis/signet.dev/v1alpha1/namespaces/shop/trustpolicies/ours";

StatusTarget teams() {
  return StatusTarget{"ClusterTrustPolicy", "clustertrustpolicies", "", "teams", "u1"};
}

ObjectStatus ready(std::int64_t generation) {
  return ObjectStatus{generation,
                      {{"Ready", "True", "Ready", "enforces"}, {"Compiled", "True", "Valid", ""}}};
}

ObjectStatus broken(std::int64_t generation) {
  return ObjectStatus{generation, {{"Ready", "False", "Invalid", "spec.match: no host"}}};
}

class StatusWriterTest : public ::testing::Test {
 protected:
  StatusWriterTest() { put(kStatusPath, "u1"); }

  void put(const std::string& path, const std::string& uid) {
    store_.put(path, {{"metadata", {{"name", "x"}, {"uid", uid}}}, {"spec", {{"mode", "warn"}}}});
  }
  Result<void> run() { return testing::run(writer_.run()); }
  std::size_t writes() const { return store_.count("PATCH "); }
  const KubeStore::Object& condition(std::size_t at) const {
    return store_.at(kStatusPath)["status"]["conditions"][at];
  }

  KubeStore store_;
  prometheus::Registry registry_;
  WriterMetrics metrics_{registry_};
  TimePoint now_ = *parse_time("2026-03-01T10:00:00Z");
  bool leads_ = true;
  std::vector<std::string> told_;
  StatusWriter writer_{
      store_,
      StatusWriter::Needs{
          [this] { return leads_; },
          [this](const StatusTarget& target, const StatusCondition& is, const std::string& was) {
            told_.push_back(cat(target.name, ": ", was, " -> ", is.status));
          }},
      [this] { return now_; }, metrics_};
};

TEST_F(StatusWriterTest, WritesConditionsOfTheirGenerationWithTheMoment) {
  writer_.want({{teams(), ready(3)}});
  ASSERT_TRUE(run());
  const auto& status = store_.at(kStatusPath)["status"];
  EXPECT_EQ(status["observedGeneration"], 3);
  ASSERT_EQ(status["conditions"].size(), 2u);
  EXPECT_EQ(condition(0)["type"], "Ready");
  EXPECT_EQ(condition(0)["status"], "True");
  EXPECT_EQ(condition(0)["observedGeneration"], 3);
  EXPECT_EQ(condition(0)["lastTransitionTime"], "2026-03-01T10:00:00Z");
  EXPECT_EQ(condition(0)["reason"], "Ready");
  EXPECT_EQ(condition(0)["message"], "enforces");
  EXPECT_EQ(metrics_.status_writes.value({"ok"}), 1);
}

// K-G06
TEST_F(StatusWriterTest, OwnFieldsAloneAreForced) {
  writer_.want({{teams(), ready(3)}});
  ASSERT_TRUE(run());
  EXPECT_EQ(store_.lines.back(), "PATCH " + kStatusPath + "/status?fieldManager=signet&force=true");
  const auto body = KubeStore::Object::parse(store_.bodies.back());
  EXPECT_EQ(body["apiVersion"], "signet.dev/v1alpha1");
  EXPECT_EQ(body["kind"], "ClusterTrustPolicy");
  EXPECT_EQ(body["metadata"], (KubeStore::Object{{"name", "teams"}, {"uid", "u1"}}));
  EXPECT_FALSE(body.contains("spec"));
  EXPECT_EQ(body["status"].size(), 2u);
}

TEST_F(StatusWriterTest, WhatIsUnchangedIsNotWritten) {
  writer_.want({{teams(), ready(3)}});
  ASSERT_TRUE(run());
  const std::size_t calls = store_.lines.size();
  now_ += seconds(3600);
  writer_.want({{teams(), ready(3)}});
  ASSERT_TRUE(run());
  EXPECT_EQ(store_.lines.size(), calls);
  // Nor by the next leader, which has to look.
  StatusWriter other(
      store_, StatusWriter::Needs{[] { return true; }, {}}, [this] { return now_; }, metrics_);
  other.want({{teams(), ready(3)}});
  ASSERT_TRUE(testing::run(other.run()));
  EXPECT_EQ(writes(), 1u);
}

TEST_F(StatusWriterTest, TheMomentChangesWithTheStatusAlone) {
  writer_.want({{teams(), ready(3)}});
  ASSERT_TRUE(run());
  now_ += seconds(60);
  ObjectStatus reworded = ready(4);
  reworded.conditions[0].message = "enforces, 2 risks";
  writer_.want({{teams(), reworded}});
  ASSERT_TRUE(run());
  EXPECT_EQ(condition(0)["message"], "enforces, 2 risks");
  EXPECT_EQ(condition(0)["observedGeneration"], 4);
  EXPECT_EQ(condition(0)["lastTransitionTime"], "2026-03-01T10:00:00Z");
  writer_.want({{teams(), broken(5)}});
  ASSERT_TRUE(run());
  EXPECT_EQ(condition(0)["lastTransitionTime"], "2026-03-01T10:01:00Z");
  EXPECT_EQ(told_, (std::vector<std::string>{"teams:  -> True", "teams: True -> False"}));
}

TEST_F(StatusWriterTest, TheLeaderAloneWrites) {
  leads_ = false;
  writer_.want({{teams(), ready(3)}});
  ASSERT_TRUE(run());
  EXPECT_TRUE(store_.lines.empty());
  leads_ = true;
  ASSERT_TRUE(run());
  EXPECT_EQ(writes(), 1u);
}

TEST_F(StatusWriterTest, WhoLeadsAgainLooksAtEverythingAgain) {
  writer_.want({{teams(), ready(3)}});
  ASSERT_TRUE(run());
  leads_ = false;
  ASSERT_TRUE(run());
  auto object = store_.at(kStatusPath);
  object["status"] = KubeStore::Object::object();
  store_.put(kStatusPath, object);
  leads_ = true;
  ASSERT_TRUE(run());
  EXPECT_EQ(writes(), 2u);
}

TEST_F(StatusWriterTest, AnotherObjectOfTheSameNameIsNotWritten) {
  put(kStatusPath, "u2");
  writer_.want({{teams(), ready(3)}});
  ASSERT_TRUE(run());
  EXPECT_EQ(writes(), 0u);
  EXPECT_EQ(writer_.waiting(), 0u);
}

TEST_F(StatusWriterTest, WhatIsGoneIsForgotten) {
  store_.objects.clear();
  writer_.want({{teams(), ready(3)}});
  ASSERT_TRUE(run());
  EXPECT_EQ(writer_.waiting(), 0u);
  writer_.want({{teams(), broken(4)}});
  writer_.want({});
  EXPECT_EQ(writer_.waiting(), 0u);
}

TEST_F(StatusWriterTest, ObjectsOfNamespacesAreWrittenThere) {
  put(kOfNamespace, "u9");
  writer_.want({{StatusTarget{"TrustPolicy", "trustpolicies", "shop", "ours", "u9"}, ready(1)}});
  ASSERT_TRUE(run());
  EXPECT_EQ(store_.at(kOfNamespace)["status"]["observedGeneration"], 1);
}

TEST_F(StatusWriterTest, AFailureIsToldOnceAndTriedAgainLater) {
  store_.fault = [](const KubeRequest& request) -> std::optional<Result<KubeReply>> {
    if (request.method != "PATCH") return std::nullopt;
    return Result<KubeReply>(kube_refusal(403, "cannot patch status"));
  };
  writer_.want({{teams(), ready(3)}});
  const auto done = run();
  ASSERT_FALSE(done);
  EXPECT_NE(done.error().what().find("cannot patch status"), std::string::npos);
  EXPECT_EQ(metrics_.status_writes.value({"failed"}), 1);
  now_ += seconds(9);
  EXPECT_TRUE(run());
  EXPECT_EQ(writes(), 1u);
  now_ += seconds(1);
  EXPECT_TRUE(run());  // it failed again, and was told already
  EXPECT_EQ(writes(), 2u);
  store_.fault = nullptr;
  now_ += seconds(10);
  EXPECT_TRUE(run());
  EXPECT_EQ(store_.at(kStatusPath)["status"]["observedGeneration"], 3);
}

TEST_F(StatusWriterTest, ManyAreWrittenInSeveralRuns) {
  WantedStatuses wanted;
  for (int i = 0; i <= static_cast<int>(StatusWriter::kWritesOfOneRun); ++i) {
    StatusTarget target = teams();
    target.name = "p" + std::to_string(i);
    put(path_of(target), "u1");
    wanted.emplace(target, ready(1));
  }
  writer_.want(std::move(wanted));
  ASSERT_TRUE(run());
  EXPECT_EQ(writes(), StatusWriter::kWritesOfOneRun);
  ASSERT_TRUE(run());
  EXPECT_EQ(writes(), StatusWriter::kWritesOfOneRun + 1);
}

}  // namespace
}  // namespace signet
