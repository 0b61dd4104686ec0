#pragma once
// A webhook without a server around it, and judges that fail as a test wants.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/core/admission/reviews.hpp"
#include "tests/server/web/web_fixture.hpp"

namespace signet::testing {

using Policies = std::shared_ptr<const PolicySet>;
using nlohmann::json;

class Hook {
 public:
  explicit Hook(Judge judge = trusting_judge(), WebhookSettings settings = {},
                Policies set = some_policies())
      : policies(std::move(set)),
        log(std::make_unique<Log>(LogLevel::info,
                                  [this](std::string_view line) { lines.emplace_back(line); })),
        webhook(std::make_unique<Webhook>(std::move(judge), policies, std::move(settings), metrics,
                                          *log)) {}

  WebReply validate(std::string body, std::string query = "timeout=10s") {
    return run_on(loop, webhook->validate(request(std::move(body), std::move(query))));
  }
  WebReply mutate(std::string body, std::string query = "timeout=10s") {
    return run_on(loop, webhook->mutate(request(std::move(body), std::move(query))));
  }

  // The lines of one event. Ends the webhook, for only then all of them are written.
  std::vector<json> logged(std::string_view event) {
    webhook.reset();
    log.reset();
    std::vector<json> found;
    for (const std::string& line : lines) {
      json parsed = json::parse(line);
      if (parsed["event"] == event) found.push_back(std::move(parsed));
    }
    return found;
  }

  static WebRequest request(std::string body, std::string query) {
    WebRequest asked;
    asked.body = std::move(body);
    asked.query = std::move(query);
    asked.received = std::chrono::steady_clock::now();
    return asked;
  }

  std::vector<std::string> lines;
  Snapshot<PolicySet> policies;
  Metrics metrics{TimePoint{}};
  std::unique_ptr<Log> log;
  std::unique_ptr<Webhook> webhook;
  asio::io_context loop;  // ends before what its coroutines refer to
};

inline json response_of(const WebReply& reply) {
  EXPECT_EQ(reply.status, 200) << reply.body;
  return json::parse(reply.body)["response"];
}

inline const std::string kPod = create_pod(pod_of("quay.io/x/app:1")).str();

inline Judge throwing_judge() {
  Judge judge;
  judge.verify = [](Reference, Workload, Policies, Deadline) -> Task<Verdict> {
    throw std::runtime_error("a bug");
    co_return Verdict();
  };
  judge.resolve = [](Reference, Workload, Deadline) -> Task<Result<Digest>> {
    throw std::runtime_error("a bug");
    co_return Error(Reason::internal, "");
  };
  return judge;
}

inline Judge refusing_judge(Reason reason) {
  Judge judge = trusting_judge();
  judge.verify = [reason](Reference image, Workload, Policies, Deadline) -> Task<Verdict> {
    co_return refused(image, reason);
  };
  judge.resolve = [reason](Reference, Workload, Deadline) -> Task<Result<Digest>> {
    co_return Error(reason, "as the test says");
  };
  return judge;
}

// Answers when the loop has nothing else to do, long after every deadline.
inline Judge hanging_judge() {
  Judge judge = trusting_judge();
  judge.verify = [](Reference image, Workload, Policies, Deadline) -> Task<Verdict> {
    asio::steady_timer timer(co_await asio::this_coro::executor, std::chrono::seconds(20));
    co_await timer.async_wait(kToken);
    co_return trusted(image);
  };
  return judge;
}

}  // namespace signet::testing
