#pragma once
// Asks a running webhook as an API server would, and says in a line each what was found, with what
// to do where it is not good. What answers wrongly outweighs what does not answer.

#include <memory>
#include <string>

#include "server/cli/output.hpp"
#include "server/net/connection.hpp"
#include "server/net/http_message.hpp"
#include "server/net/resolver.hpp"

namespace signet {

// One hook, and whose certificates it may have.
struct HookTarget {
  std::string name;  // what its lines begin with
  Url url;
  std::string server_name;  // that its certificate must be for; empty: the URL's host
  std::string ca_pem;       // empty: the system's authorities
  bool tls_only = false;
};

class WebhookCheck {
 public:
  // `resolver` outlives it. Each question gets `timeout`.
  WebhookCheck(Resolver& resolver, std::chrono::seconds timeout, Output output)
      : resolver_(resolver), timeout_(timeout), output_(output) {}

  Task<void> hook(HookTarget target);
  Task<void> readiness(Url url);
  Task<void> metrics(Url url);

  void good(std::string_view name, std::string_view what);
  void bad(std::string_view name, std::string_view what);
  void unasked(std::string_view name, std::string_view what);
  // What was found so far, as an exit code.
  int code() const;

 private:
  using Dialled = std::unique_ptr<Connection>;

  Task<Result<Dialled>> dial(HookTarget target, Deadline deadline);
  Task<Result<HttpReply>> exchange(Connection* connection, HttpRequest request, Deadline deadline);
  Task<Result<HttpReply>> get(Url url);
  Task<void> ask_review(Connection* connection, const HookTarget* target, Deadline deadline);
  void judge_answer(const HookTarget& target, const std::string& uid, const HttpReply& reply);
  void fail(std::string_view name, const Error& error);

  Resolver& resolver_;
  std::chrono::seconds timeout_;
  Output output_;
  bool bad_ = false;
  bool unasked_ = false;
};

}  // namespace signet
