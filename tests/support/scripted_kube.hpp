#pragma once
// A KubeApi that answers from a script and remembers what it was asked. A line of the script is
// "GET /api/v1/secrets?limit=500", or without its query, which then stands for any. What the script
// does not name is a 404.

#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "server/kube/api.hpp"

namespace signet::testing {

inline KubeReply kube_reply(unsigned status, std::string body = "") {
  KubeReply reply;
  reply.status = status;
  reply.body = std::move(body);
  return reply;
}

// A Status, as the API server says no.
inline KubeReply kube_refusal(unsigned status, const std::string& message) {
  return kube_reply(status, R"({"kind":"Status","apiVersion":"v1","status":"Failure","message":")" +
                                message + R"(","code":)" + std::to_string(status) + "}");
}

// The lines of one stream, and how it ends: as given, or, `stays_open`, when silence or the
// deadline ends it.
struct KubeStream {
  std::vector<std::string> lines{};
  Result<KubeReply> ends = kube_reply(200);
  bool stays_open = false;
};

class ScriptedKube final : public KubeApi {
 public:
  using Handler = std::function<Result<KubeReply>(const KubeRequest&)>;

  // Answers to one line in their order; the last one is given again and again.
  void on(const std::string& line, Result<KubeReply> reply) {
    on_call(line, [reply = std::move(reply)](const KubeRequest&) { return reply; });
  }
  void on_call(const std::string& line, Handler handler) {
    replies_[line].push_back(std::move(handler));
  }
  void on_stream(const std::string& line, KubeStream stream) {
    streams_[line].push_back(std::move(stream));
  }

  Task<Result<KubeReply>> send(KubeRequest request, Deadline) override {
    remember(request);
    const std::optional<Handler> handler = next(replies_, request);
    if (!handler) co_return kube_refusal(404, "not in the script");
    co_return (*handler)(request);
  }

  Task<Result<KubeReply>> stream(KubeRequest request, OnLine on_line,
                                 std::chrono::milliseconds silence, Deadline deadline) override {
    remember(request);
    const std::optional<KubeStream> script = next(streams_, request);
    if (!script) co_return kube_refusal(404, "not in the script");
    for (const std::string& line : script->lines) {
      const auto taken = on_line(line);
      if (!taken) co_return taken.error();
    }
    if (!script->stays_open) co_return script->ends;
    asio::steady_timer timer(co_await asio::this_coro::executor, sooner(deadline, silence));
    co_await timer.async_wait(signet::kToken);
    co_return Error(Reason::registry_timeout, "nothing came");
  }

  // How often a line, with its query or without, was asked.
  std::size_t asked(const std::string& line) const {
    std::size_t times = 0;
    for (const std::string& one : lines)
      times += one == line || without_query(one) == line ? 1 : 0;
    return times;
  }

  std::vector<KubeRequest> requests;
  std::vector<std::string> lines;

 private:
  static std::string without_query(const std::string& line) {
    return line.substr(0, line.find('?'));
  }

  void remember(const KubeRequest& request) {
    requests.push_back(request);
    lines.push_back(request.method + " " + request.path);
  }

  // The next of its line; the last one stays.
  template <class T>
  static std::optional<T> next(std::map<std::string, std::deque<T>>& script,
                               const KubeRequest& request) {
    const std::string line = request.method + " " + request.path;
    auto found = script.find(line);
    if (found == script.end()) found = script.find(without_query(line));
    if (found == script.end()) return std::nullopt;
    T one = found->second.front();
    if (found->second.size() > 1) found->second.pop_front();
    return one;
  }

  std::map<std::string, std::deque<Handler>> replies_;
  std::map<std::string, std::deque<KubeStream>> streams_;
};

}  // namespace signet::testing
