#pragma once
// A Transport that answers from a script and remembers what it was asked. What the script does not
// name is a 404 without a body.

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "server/net/transport.hpp"

namespace signet::testing {

inline HttpReply reply_of(unsigned status, std::string body = "", HttpHeaders headers = {}) {
  HttpReply reply;
  reply.status = status;
  reply.body = std::move(body);
  reply.headers = std::move(headers);
  return reply;
}

class ScriptedTransport final : public Transport {
 public:
  // Answers to one request line, "GET https://reg.io/v2/x/manifests/1", in their order; the last
  // one is given again and again.
  void on(const std::string& line, Result<HttpReply> reply) {
    script_[line].push_back(std::move(reply));
  }

  Task<Result<HttpReply>> send(HttpRequest request, Deadline) override {
    const std::string line = request.method + " " + request.url.str();
    requests.push_back(request);
    lines.push_back(line);
    const auto found = script_.find(line);
    if (found == script_.end()) co_return reply_of(404);
    Result<HttpReply> reply = found->second.front();
    if (found->second.size() > 1) found->second.pop_front();
    if (!reply) co_return reply;
    reply->url = request.url;
    if (request.method == "HEAD") reply->body.clear();
    if (reply->body.size() > request.body_limit) {
      co_return Error(Reason::limit_exceeded, "the body is longer than asked for");
    }
    co_return reply;
  }

  // The value of a field of the n-th request; empty where it was not sent.
  std::string sent(std::size_t n, const std::string& name) const {
    for (const auto& [field, value] : requests.at(n).headers) {
      if (field == name) return value;
    }
    return "";
  }

  std::vector<HttpRequest> requests;
  std::vector<std::string> lines;

 private:
  std::map<std::string, std::deque<Result<HttpReply>>> script_;
};

}  // namespace signet::testing
