#include "server/kube/api.hpp"

#include <gtest/gtest.h>

#include "tests/support/run.hpp"
#include "tests/support/scripted_kube.hpp"

namespace signet::testing {
namespace {

TEST(KubeReply, SaysWhatTheApiServerSays) {
  EXPECT_EQ(kube_refusal(403, "secrets is forbidden").message(), "secrets is forbidden");
}

TEST(KubeReply, NamesTheStatusWhereNothingElseIsSaid) {
  for (const std::string body : {"", "<html>", "[]", R"({"message":""})", R"({"message":7})"}) {
    SCOPED_TRACE(body);
    EXPECT_EQ(kube_reply(502, body).message(), "the API server answered 502");
  }
}

TEST(ScriptedKube, AnswersInOrderAndGivesTheLastAgain) {
  ScriptedKube kube;
  kube.on("GET /a", kube_reply(200, "1"));
  kube.on("GET /a", kube_reply(200, "2"));

  std::string bodies;
  for (int i = 0; i < 3; ++i)
    bodies += run(kube.send(KubeRequest("GET", "/a?limit=1"), deadline_in(std::chrono::seconds(5))))
                  ->body;

  EXPECT_EQ(bodies, "122");
  EXPECT_EQ(kube.asked("GET /a"), 3U);
}

TEST(ScriptedKube, StreamsItsLines) {
  ScriptedKube kube;
  kube.on_stream("GET /w", KubeStream{{"x", "y"}});
  std::string seen;

  const auto ended = run(kube.stream(
      KubeRequest("GET", "/w?watch=1"),
      [&seen](std::string_view line) {
        seen += line;
        return Result<void>();
      },
      std::chrono::seconds(5), deadline_in(std::chrono::seconds(5))));

  ASSERT_TRUE(ended);
  EXPECT_EQ(seen, "xy");
}

}  // namespace
}  // namespace signet::testing
