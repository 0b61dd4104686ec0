#include "server/kube/namespaces.hpp"

#include <gtest/gtest.h>

#include <boost/asio/experimental/awaitable_operators.hpp>

#include "core/base/text.hpp"
#include "tests/support/run.hpp"
#include "tests/support/scripted_kube.hpp"

namespace signet {
namespace {

using namespace std::chrono_literals;
using namespace asio::experimental::awaitable_operators;
using testing::kube_refusal;
using testing::kube_reply;

std::string object_of(const std::string& name, const std::string& tier) {
  return cat(R"({"kind":"Namespace","metadata":{"name":")", name, R"(","labels":{"tier":")", tier,
             R"(","team":"x","kubernetes.io/metadata.name":")", name, R"("}}})");
}

struct NamespaceLabelsTest : ::testing::Test {
  static KubeObject record(const std::string& name, const std::string& tier) {
    return *parse_kube_object(object_of(name, tier));
  }
  std::optional<Labels> find(const std::string& name) { return namespaces.find(name, keys); }
  Result<Labels> get(const std::string& name) {
    return testing::run(namespaces.get(name, keys, deadline_in(10s)));
  }
  void say(const std::string& name, Result<KubeReply> reply) {
    kube.on(cat("GET /api/v1/namespaces/", name), std::move(reply));
  }

  const std::vector<std::string> keys = {"signet.dev/enforce", "tier"};
  Deadline now = Deadline(1000h);
  Metrics metrics{TimePoint()};
  testing::ScriptedKube kube;
  NamespaceLabels namespaces{kube, &metrics, [this] { return now; }};
};

TEST_F(NamespaceLabelsTest, KnowsWhatTheWatchTold) {
  namespaces.replace({record("shop", "prod"), record("dev", "test")});
  EXPECT_EQ(find("shop"), (Labels{{"tier", "prod"}}));
  EXPECT_EQ(metrics.namespaces.value({}), 2);

  namespaces.put(record("shop", "test"));
  EXPECT_EQ(find("shop"), (Labels{{"tier", "test"}}));
  namespaces.put(*parse_kube_object(R"({"metadata":{"name":"shop","labels":null}})"));
  EXPECT_EQ(find("shop"), Labels());
  namespaces.remove(KubeKey{"", "shop"});
  EXPECT_EQ(find("shop"), std::nullopt);

  namespaces.replace({record("other", "prod")});
  EXPECT_EQ(find("dev"), std::nullopt);
  EXPECT_EQ(metrics.namespaces.value({}), 1);
  EXPECT_TRUE(kube.lines.empty());
}

TEST_F(NamespaceLabelsTest, GivesTheLabelsThatAreAskedFor) {
  namespaces.put(record("shop", "prod"));
  EXPECT_EQ(namespaces.find("shop", {}), Labels());
  EXPECT_EQ(namespaces.find("shop", {"team", "tier"}), (Labels{{"team", "x"}, {"tier", "prod"}}));
  EXPECT_EQ(namespaces.find("shop", {"kubernetes.io/metadata.name"}),
            (Labels{{"kubernetes.io/metadata.name", "shop"}}));
}

// T-NS-2
TEST_F(NamespaceLabelsTest, AsksOnceForANamespaceThatTheWatchHasNotToldOf) {
  namespaces.replace({});
  say("new", kube_reply(200, object_of("new", "prod")));

  EXPECT_EQ(find("new"), std::nullopt);
  const auto both = testing::run(namespaces.get("new", keys, deadline_in(10s)) &&
                                 namespaces.get("new", keys, deadline_in(10s)));
  EXPECT_EQ(*std::get<0>(both), (Labels{{"tier", "prod"}}));
  EXPECT_EQ(*std::get<1>(both), (Labels{{"tier", "prod"}}));
  EXPECT_EQ(find("new"), (Labels{{"tier", "prod"}}));
  EXPECT_EQ(kube.lines.size(), 1U);
  EXPECT_EQ(metrics.namespace_reads.value({"ok"}), 1);
}

// T-NS-1
TEST_F(NamespaceLabelsTest, KnowsNothingWhereTheAnswerIsAnError) {
  say("refused", kube_refusal(403, "namespaces is forbidden"));
  say("broken", kube_reply(500, "{}"));
  say("garbage", kube_reply(200, "[["));
  say("nameless", kube_reply(200, R"({"kind":"Namespace"})"));
  say("another", kube_reply(200, object_of("shop", "test")));
  say("silent", Error(Reason::registry_timeout, "no answer"));
  for (const std::string name :
       {"gone", "refused", "broken", "garbage", "nameless", "another", "silent", "../x"}) {
    const auto labels = get(name);
    ASSERT_FALSE(labels) << name;
    EXPECT_EQ(labels.error().reason(), Reason::config_not_ready);
    EXPECT_TRUE(labels.error().what().starts_with(
        cat("the labels of namespace ", name, " are not known: ")))
        << labels.error().what();
    EXPECT_EQ(find(name), std::nullopt);
  }
  EXPECT_EQ(find("shop"), std::nullopt);
  EXPECT_EQ(metrics.namespace_reads.value({"missing"}), 1);
  EXPECT_EQ(metrics.namespace_reads.value({"forbidden"}), 1);
}

TEST_F(NamespaceLabelsTest, AsksAgainOnlyAMomentAfterAnError) {
  say("new", kube_reply(500, "{}"));
  say("new", kube_reply(200, object_of("new", "prod")));
  EXPECT_FALSE(get("new"));
  now += 4999ms;
  EXPECT_FALSE(get("new"));
  EXPECT_EQ(kube.lines.size(), 1U);
  now += 1ms;
  EXPECT_TRUE(get("new"));
}

// T-NS-3, as rulings.md 25 has it: labels of old are a hint, and the last that anybody knows.
TEST_F(NamespaceLabelsTest, AsksForWhatIsFiveMinutesOldAndKeepsItWhereNobodyAnswers) {
  namespaces.replace({record("shop", "prod"), record("dev", "test")});
  now += 5min - 1ms;
  EXPECT_TRUE(find("shop"));
  now += 1ms;
  EXPECT_EQ(find("shop"), std::nullopt);

  say("shop", kube_reply(200, object_of("shop", "moved")));
  EXPECT_EQ(*get("shop"), (Labels{{"tier", "moved"}}));
  EXPECT_EQ(find("shop"), (Labels{{"tier", "moved"}}));

  say("dev", Error(Reason::registry_timeout, "no answer"));
  EXPECT_EQ(*get("dev"), (Labels{{"tier", "test"}}));
  EXPECT_EQ(find("dev"), (Labels{{"tier", "test"}}));
  now += 5s;
  EXPECT_EQ(find("dev"), std::nullopt);

  namespaces.alive();
  EXPECT_EQ(find("dev"), (Labels{{"tier", "test"}}));
}

TEST_F(NamespaceLabelsTest, ADeletedNamespaceIsUnknown) {
  namespaces.replace({record("shop", "prod")});
  now += 5min;
  EXPECT_FALSE(get("shop"));
  EXPECT_EQ(find("shop"), std::nullopt);
}

TEST_F(NamespaceLabelsTest, WhatCannotBeReadIsUnknown) {
  for (const std::string labels : {"[]", "7", R"({"b":7})", R"({"b":"\u0000c"})"}) {
    namespaces.replace({record("shop", "prod")});
    namespaces.put(
        *parse_kube_object(cat(R"({"metadata":{"name":"shop","labels":)", labels, "}}")));
    EXPECT_EQ(find("shop"), std::nullopt) << labels;
  }
}

TEST_F(NamespaceLabelsTest, ThousandsAreSmall) {
  std::vector<KubeObject> all;
  for (int i = 0; i < 5000; ++i)
    all.push_back(record(cat("team-", std::to_string(i)), "prod"));
  namespaces.replace(std::move(all));
  EXPECT_EQ(namespaces.size(), 5000U);
  EXPECT_EQ(find("team-4999"), (Labels{{"tier", "prod"}}));
}

}  // namespace
}  // namespace signet
