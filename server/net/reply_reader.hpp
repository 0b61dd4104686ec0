#pragma once
// Reads one HTTP/1.1 reply from octets, wherever they come from. Beast parses; before it does, the
// head must pass checks that Beast 1.81 does not make (registry.md B.8, H.10): a reply that two
// readers could frame differently is refused, and its connection with it.

#include <memory>
#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "server/net/byte_budget.hpp"
#include "server/net/http_message.hpp"

namespace signet {

// The octets of a request. Fails with registry_protocol where a field would break the line.
Result<std::string> request_octets(const HttpRequest& request, std::string_view user_agent);

// How the peer ended its octets.
enum class Ending {
  clean,      // FIN, or close_notify inside TLS
  truncated,  // FIN inside TLS without close_notify: an attacker can do that
};

class ReplyReader {
 public:
  // What it holds is taken from `budget`, if there is one, as it comes.
  explicit ReplyReader(const HttpRequest& request, ByteBudget* budget = nullptr);
  ~ReplyReader();
  ReplyReader(const ReplyReader&) = delete;
  ReplyReader& operator=(const ReplyReader&) = delete;

  // Takes the octets that came. Fails with registry_protocol, limit_exceeded or overloaded; the
  // reader is useless then.
  Result<void> feed(std::string_view octets);
  // Fails with registry_unreachable where the reply is not complete.
  Result<void> end(Ending ending);

  bool started() const { return received_ > 0; }
  bool done() const { return done_; }
  std::size_t received() const { return received_; }
  // The silence that a streamed reply may keep; nothing for one that is read as a whole.
  std::optional<std::chrono::milliseconds> silence() const;
  // Complete by its own framing, HTTP/1.1, not to be closed, and no octet too many.
  bool reusable() const;

  HttpReply take();

 private:
  class Body;

  Result<void> read_head();
  Result<void> begin(std::string_view head);
  Result<void> read_body();
  Result<void> hand_out();
  void finish_early();
  Result<void> hold_what_came();

  bool head_only_;
  bool hash_verified_;
  std::size_t body_limit_;
  std::optional<BodyStream> stream_;
  std::string buffer_;
  std::size_t received_ = 0;
  std::size_t interim_ = 0;
  bool keep_alive_ = false;
  bool done_ = false;
  bool cut_ = false;           // the rest of an error body is not read
  bool discard_body_ = false;  // of an error, encoded in a way that was not asked for
  HttpReply reply_;
  ByteBudget::Share share_;
  std::unique_ptr<Body> body_;  // there once the head is read
};

}  // namespace signet
