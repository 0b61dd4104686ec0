#include "server/kube/reflector.hpp"

#include <gtest/gtest.h>

#include <map>

#include "core/base/text.hpp"
#include "server/runtime/metrics.hpp"
#include "tests/support/run.hpp"
#include "tests/support/scripted_kube.hpp"

namespace signet::testing {
namespace {

using std::chrono::seconds;

const std::string kPath = "/apis/signet.dev/v1alpha1/trustpolicies";
const std::string kList = "GET " + kPath + "?limit=500";
const std::string kWatch = "GET " + kPath;

std::string object(const std::string& name, int generation, int version) {
  return cat(R"({"metadata":{"namespace":"shop","name":")", name, R"(","uid":"u-)", name,
             R"(","resourceVersion":")", std::to_string(version), R"(","generation":)",
             std::to_string(generation), R"(,"managedFields":[{}]}})");
}
std::string list_of(const std::vector<std::string>& items, const std::string& next = "") {
  return cat(R"({"metadata":{"resourceVersion":"10","continue":")", next, R"("},"items":[)",
             join(items, ","), "]}");
}
std::string event(const std::string& type, const std::string& what) {
  return cat(R"({"type":")", type, R"(","object":)", what, "}");
}

// Keeps names and generations, and doubts what is older.
struct KeepingSink final : WatchSink {
  std::vector<KubeKey> replace(std::vector<KubeObject> all) override {
    std::map<std::string, std::int64_t> next;
    std::vector<KubeKey> doubted;
    for (const KubeObject& one : all) {
      const auto found = known.find(one.name);
      const bool older = found != known.end() && found->second > one.generation;
      next[one.name] = older ? found->second : one.generation;
      if (older) doubted.push_back({one.ns, one.name});
    }
    known = next;
    ++replaced;
    return doubted;
  }
  bool put(KubeObject one) override {
    if (known.contains(one.name) && known[one.name] > one.generation) return false;
    known[one.name] = one.generation;
    last_json = one.json;
    return true;
  }
  void confirm(KubeObject one) override { known[one.name] = one.generation; }
  void remove(const KubeKey& key) override { known.erase(key.name); }
  void refused(const std::string& why) override { refusal = why; }

  std::map<std::string, std::int64_t> known;
  std::string last_json;
  std::string refusal;
  int replaced = 0;
};

struct ReflectorTest : ::testing::Test {
  Reflector::Means means() {
    return {[] { return TimePoint(seconds(1'800'000'000)); }, metrics, log, [this] { return now; },
            [this](Deadline until) { return pause(until); }};
  }
  Task<void> pause(Deadline until) {
    paused.push_back(std::chrono::duration_cast<seconds>(until - now));
    now = until;
    co_return;
  }
  void turn(int times = 1) {
    for (int i = 0; i < times; ++i)
      run(reflector.turn());
  }
  double restarts(std::string_view reason) const {
    return metrics.kube_watch_restarts.value({"trustpolicies", reason});
  }
  double events(std::string_view type) const {
    return metrics.kube_watch_events.value({"trustpolicies", type});
  }

  Deadline now{seconds(1'000'000)};
  std::vector<seconds> paused;
  std::vector<std::string> logged;
  Metrics metrics{TimePoint()};
  Log log{LogLevel::info, [](std::string_view) {}};
  ScriptedKube kube;
  KeepingSink sink;
  Reflector reflector{kube, {kPath, "trustpolicies", ""}, sink, means()};
};

TEST_F(ReflectorTest, ListsPageByPageAndReplacesInOneStep) {
  kube.on(kList, kube_reply(200, list_of({object("a", 1, 1)}, "a+b/c=")));
  kube.on(kList + "&continue=a%2Bb%2Fc%3D", kube_reply(200, list_of({object("b", 2, 2)})));

  turn();
  EXPECT_EQ(sink.replaced, 0);
  EXPECT_FALSE(reflector.synced());
  turn();

  EXPECT_EQ(sink.replaced, 1);
  EXPECT_EQ(sink.known, (std::map<std::string, std::int64_t>{{"a", 1}, {"b", 2}}));
  EXPECT_TRUE(reflector.synced());
}

TEST_F(ReflectorTest, FollowsEventsAndBookmarks) {
  kube.on(kList, kube_reply(200, list_of({object("a", 1, 1)})));
  kube.on_stream(
      kWatch, KubeStream{{event("ADDED", object("b", 1, 11)), event("MODIFIED", object("a", 2, 12)),
                          event("DELETED", object("b", 1, 13)),
                          event("BOOKMARK", R"({"metadata":{"resourceVersion":"99"}})")}});
  turn(2);

  EXPECT_EQ(sink.known, (std::map<std::string, std::int64_t>{{"a", 2}}));
  EXPECT_EQ(sink.last_json.find("managedFields"), std::string::npos);
  EXPECT_EQ(reflector.next().version, "99");
  EXPECT_NE(kube.lines.back().find("watch=1&allowWatchBookmarks=true&resourceVersion=10&timeout"),
            std::string::npos)
      << kube.lines.back();
  EXPECT_EQ(restarts("closed"), 1);
  EXPECT_EQ(events("bookmark"), 1);
}

TEST_F(ReflectorTest, GoneInTheStreamListsAnewAndKeepsWhatItHadUntilThen) {
  kube.on(kList, kube_reply(200, list_of({object("a", 1, 1)})));
  kube.on(kList, kube_reply(200, list_of({object("a", 3, 30)})));
  kube.on_stream(kWatch, KubeStream{{event("MODIFIED", object("a", 2, 12)),
                                     event("ERROR", R"({"kind":"Status","code":410})")}});
  turn(2);
  EXPECT_EQ(sink.known["a"], 2);
  EXPECT_EQ(restarts("gone"), 1);

  turn();
  EXPECT_EQ(sink.known["a"], 3);
  EXPECT_TRUE(paused.empty());
}

TEST_F(ReflectorTest, GoneOnTheContinueTokenListsWithoutPages) {
  kube.on(kList, kube_reply(200, list_of({object("a", 1, 1)}, "t")));
  kube.on(kList + "&continue=t", kube_refusal(410, "too old"));
  kube.on("GET " + kPath, kube_reply(200, list_of({object("a", 1, 1), object("b", 1, 1)})));

  turn(3);

  EXPECT_EQ(kube.lines.back(), "GET " + kPath);
  EXPECT_EQ(sink.known.size(), 2U);
}

TEST_F(ReflectorTest, AVersionFromTheFutureAnErrorInTheStreamAndA429AreWaitedFor) {
  KubeReply busy = kube_refusal(429, "too many");
  busy.retry_after = seconds(7);
  kube.on(kList, kube_reply(200, list_of({})));
  kube.on_stream(kWatch, KubeStream{{}, kube_refusal(504, "Too large resource version: 10")});
  kube.on_stream(kWatch, KubeStream{{event("ERROR", R"({"kind":"Status","code":500})")}});
  kube.on_stream(kWatch, KubeStream{{}, busy});
  kube.on_stream(kWatch, KubeStream{{event("ADDED", object("a", 1, 11))}});

  turn(2);
  EXPECT_EQ(reflector.next().kind, WatchStep::Kind::list);
  turn(2);
  EXPECT_EQ(paused.size(), 1U);
  EXPECT_EQ(reflector.next().kind, WatchStep::Kind::watch) << "500 is tried again";
  turn(2);

  EXPECT_EQ(paused.back(), seconds(7));
  EXPECT_EQ(sink.known.size(), 1U);
}

TEST_F(ReflectorTest, AWatchThatEndsAtOnceIsBackedOff) {
  kube.on(kList, kube_reply(200, list_of({})));
  kube.on_stream(kWatch, KubeStream{});
  turn(3);
  EXPECT_EQ(restarts("short"), 2);
  EXPECT_EQ(paused.size(), 1U);
}

TEST_F(ReflectorTest, GarbageIsCountedAndIgnored) {
  kube.on(kList, kube_reply(200, list_of({object("a", 1, 1), R"({"spec":{}})", "7"})));
  kube.on_stream(kWatch, KubeStream{{"no json", "[]", event("ODD", object("x", 1, 1)),
                                     event("ADDED", R"({"spec":{}})"),
                                     event("ADDED", R"({"metadata":{"name":""}})"),
                                     event("ADDED", object("b", 1, 12))}});
  turn(2);

  EXPECT_EQ(events("ignored"), 7);
  EXPECT_EQ(sink.known.size(), 2U) << "what can be read counts";
  EXPECT_EQ(reflector.next().version, "12");
}

TEST_F(ReflectorTest, AListThatCannotBeReadChangesNothing) {
  kube.on(kList, kube_reply(200, list_of({object("a", 1, 1)})));
  turn();
  for (const std::string body : {"", "[]", R"({"items":[]})", R"({"metadata":{},"items":[]})",
                                 R"({"metadata":{"resourceVersion":"1"},"items":7})"}) {
    SCOPED_TRACE(body);
    ScriptedKube broken;
    broken.on(kList, kube_reply(200, body));
    KeepingSink kept;
    Reflector other(broken, {kPath, "trustpolicies", ""}, kept, means());
    run(other.turn());
    EXPECT_EQ(kept.replaced, 0);
    EXPECT_FALSE(other.synced());
    EXPECT_FALSE(other.trouble().empty());
  }
}

TEST_F(ReflectorTest, ADeletedDefinitionKeepsTheLastAndSyncsWhenItIsBack) {
  kube.on(kList, kube_reply(200, list_of({object("a", 1, 1)})));
  kube.on(kList, kube_refusal(404, "could not find the requested resource"));
  kube.on(kList, kube_refusal(404, "could not find the requested resource"));
  kube.on(kList, kube_reply(200, list_of({object("b", 1, 20)})));
  kube.on_stream(kWatch, KubeStream{{}, kube_refusal(404, "could not find it")});

  turn(4);
  EXPECT_EQ(sink.known, (std::map<std::string, std::int64_t>{{"a", 1}}));
  EXPECT_EQ(paused.back(), seconds(30));
  EXPECT_NE(reflector.trouble(), "");

  turn();
  EXPECT_EQ(sink.known, (std::map<std::string, std::int64_t>{{"b", 1}}));
  EXPECT_EQ(reflector.trouble(), "");
}

// T-ROLL-1 of security.md 24.
TEST_F(ReflectorTest, AnOlderGenerationCountsOnceAFreshGetConfirmsIt) {
  const std::string get = "GET /apis/signet.dev/v1alpha1/namespaces/shop/trustpolicies/a";
  kube.on(kList, kube_reply(200, list_of({object("a", 5, 1)})));
  kube.on(kList, kube_reply(200, list_of({object("a", 4, 1)})));
  kube.on(get, kube_refusal(503, "away"));
  kube.on(get, kube_reply(200, object("a", 5, 1)));
  kube.on(get, kube_reply(200, object("a", 4, 1)));
  kube.on_stream(kWatch, KubeStream{{event("ERROR", R"({"code":410})")}});

  turn(3);
  EXPECT_EQ(sink.known["a"], 5) << "nobody confirms it";
  EXPECT_EQ(reflector.next().kind, WatchStep::Kind::list);
  turn();
  EXPECT_EQ(sink.known["a"], 5) << "the fresh one is as it was known";
  turn(2);
  EXPECT_EQ(sink.known["a"], 4) << "the API server means it";
}

TEST_F(ReflectorTest, AnOlderGenerationInAWatchIsReadAnewAndTheWatchGoesOn) {
  kube.on(kList, kube_reply(200, list_of({object("a", 5, 1)})));
  kube.on("GET /apis/signet.dev/v1alpha1/namespaces/shop/trustpolicies/a",
          kube_reply(200, object("a", 6, 14)));
  kube.on_stream(kWatch, KubeStream{{event("MODIFIED", object("a", 4, 12))}});

  turn(2);

  EXPECT_EQ(sink.known["a"], 6);
  EXPECT_EQ(reflector.next().kind, WatchStep::Kind::watch);
  EXPECT_EQ(reflector.next().version, "12");
}

TEST_F(ReflectorTest, OneNameIsSelectedAndARefusalIsTold) {
  const std::string secrets = "/api/v1/namespaces/signet/secrets";
  Reflector one(kube, {secrets, "secrets", "keys"}, sink, means());
  kube.on("GET " + secrets, kube_refusal(403, "secrets is forbidden"));

  run(one.turn());

  EXPECT_EQ(kube.lines.back(), "GET " + secrets + "?fieldSelector=metadata.name%3Dkeys&limit=500");
  EXPECT_EQ(sink.refusal, "secrets is forbidden");
  EXPECT_FALSE(one.synced());
}

}  // namespace
}  // namespace signet::testing
