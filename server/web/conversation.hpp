#pragma once
// The requests of one connection, over any stream. Used by session.cpp alone; a template so that
// TLS and plain connections share every rule.

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <random>

#include "core/base/text.hpp"
#include "server/web/read_buffer.hpp"
#include "server/web/request_body.hpp"
#include "server/web/session.hpp"
#include "server/web/watchdog.hpp"

namespace signet {

template <class Stream>
class Conversation {
 public:
  Conversation(Stream& stream, Watchdog& watchdog, SessionHost& host, Session& session)
      : stream_(stream), watchdog_(watchdog), host_(host), session_(session) {}

  Task<void> run() {
    const auto oldest = std::chrono::steady_clock::now() + jittered(host_.timers.age);
    while (open_) {
      const bool came = co_await wait_for_request();
      if (!came) co_return;
      const bool read = co_await read_head();
      if (!read) co_return;
      if (++requests_ >= host_.limits.requests) end_after_this("max_requests");
      if (std::chrono::steady_clock::now() >= oldest) end_after_this("max_age");
      co_await answer_request();
    }
    co_await discard_unread();
  }

  // Why it ended, as a label.
  std::string_view ended_by() const {
    if (session_.draining() || host_.closing) return "drain";
    return ended_by_;
  }

 private:
  static constexpr std::size_t kReadBytes = 16 * 1024;
  static constexpr std::size_t kChunkHeaderBytes = 4 * 1024;
  static constexpr std::size_t kDiscardedBytes = 64 * 1024 * 1024;

  // 20 % either way, so that connections made together do not end together.
  static std::chrono::milliseconds jittered(std::chrono::milliseconds span) {
    std::minstd_rand dice(std::random_device{}());
    const auto spread = span.count() / 5;
    return span + std::chrono::milliseconds(
                      std::uniform_int_distribution<std::int64_t>(-spread, spread)(dice));
  }

  void end_after_this(std::string_view why) {
    last_ = true;
    ended_by_ = why;
  }

  // Reads what there is into the buffer; false at the end of the stream or of the time.
  Task<bool> read_some() {
    const auto room = buffer_.room(kReadBytes);
    const auto [failure, count] = co_await stream_.async_read_some(room, kToken);
    buffer_.commit(count);
    if (failure && watchdog_.barked()) ended_by_ = session_.idle() ? "idle" : "timeout";
    co_return !failure;
  }

  // A connection that waits for its next request is idle: a drain may end it.
  Task<bool> wait_for_request() {
    started_ = std::chrono::steady_clock::now();
    if (requests_ == 0 || !buffer_.empty()) co_return true;
    session_.set_idle(true);
    watchdog_.guard(host_.timers.idle);
    const bool read = co_await read_some();
    session_.set_idle(false);
    started_ = std::chrono::steady_clock::now();
    co_return read;
  }

  // The head into head_text_ and head_; false where there is nothing more to say.
  Task<bool> read_head() {
    watchdog_.guard(host_.timers.header);
    std::size_t end = buffer_.view().find("\r\n\r\n");
    while (end == std::string::npos && may_begin_request(buffer_.view()) &&
           buffer_.size() <= kHeadBytes) {
      const bool read = co_await read_some();
      if (!read) co_return false;
      end = buffer_.view().find("\r\n\r\n");
    }
    auto refusal = take_head(end);
    if (!refusal) co_return true;
    co_await refuse(std::move(*refusal));
    co_await discard_unread();
    co_return false;
  }

  std::optional<Refusal> take_head(std::size_t end) {
    if (end == std::string::npos && !may_begin_request(buffer_.view())) {
      return Refusal{400, "this is not HTTP/1.1"};
    }
    if (end == std::string::npos || end + 4 > kHeadBytes) {
      return Refusal{431, "the header is larger than 32 KiB"};
    }
    head_text_ = buffer_.view().substr(0, end + 4);
    buffer_.consume(end + 4);
    auto parsed = parse_request_head(head_text_);
    if (auto* refusal = std::get_if<Refusal>(&parsed)) return std::move(*refusal);
    head_ = std::move(std::get<RequestHead>(parsed));
    if (head_.wants_close) end_after_this("client");
    return std::nullopt;
  }

  Task<void> answer_request() {
    auto found = host_.router.find(head_);
    if (auto* reply = std::get_if<WebReply>(&found)) {
      // Nothing is read for an answer that is already known.
      if (head_.chunked || head_.content_length.value_or(0) > 0) reply->close = true;
      co_await send(std::move(*reply));
      co_return;
    }
    const Route* route = std::get<const Route*>(found);
    WebRequest request;
    auto refusal = co_await read_body(request);
    if (!open_) co_return;
    if (refusal) {
      co_await send(std::move(*refusal));
      co_return;
    }
    request.method = head_.method;
    request.path = head_.path;
    request.query = head_.query;
    request.accept = head_.accept;
    request.received = started_;
    watchdog_.rest();
    WebReply reply = co_await ask(*route, std::move(request));
    co_await send(std::move(reply));
  }

  // The body into `request`, or the answer that ends the connection.
  Task<std::optional<WebReply>> read_body(WebRequest& request) {
    unread_ = head_.chunked ? kDiscardedBytes : head_.content_length.value_or(0);
    RequestBody body(head_, head_text_, host_.limits.body);
    if (body.refusal()) co_return closing(*body.refusal());
    request.hold = BudgetHold(host_.bodies);
    watchdog_.guard(host_.timers.body);
    if (head_.expects_continue && !body.done()) {
      if (auto full = room_for(request, 0)) co_return std::move(full);
      const bool written = co_await write("HTTP/1.1 100 Continue\r\n\r\n");
      if (!written) co_return std::nullopt;
    }
    while (!body.done()) {
      auto taken = body.put(buffer_.view());
      if (auto* refusal = std::get_if<Refusal>(&taken)) co_return closing(*refusal);
      const std::size_t count = std::get<std::size_t>(taken);
      buffer_.consume(count);
      unread_ -= std::min<std::uint64_t>(unread_, count);
      if (auto full = room_for(request, count)) co_return std::move(full);
      if (body.done()) break;
      if (buffer_.size() > kChunkHeaderBytes) co_return closing(Refusal{400, "a chunk has no end"});
      const bool read = co_await read_some();
      if (!read) {
        open_ = false;
        co_return std::nullopt;
      }
    }
    unread_ = 0;
    request.body = body.take();
    co_return std::nullopt;
  }

  // Room for the next bytes of a body, or the answer where there is none.
  std::optional<WebReply> room_for(WebRequest& request, std::size_t more) {
    if (host_.memory.is_short()) {
      host_.metrics.shed.add({"memory"});
      return overloaded("memory is short\n");
    }
    if (request.hold.grow(more)) return std::nullopt;
    host_.metrics.shed.add({"bytes"});
    return overloaded("too many requests at one time\n");
  }

  static WebReply closing(const Refusal& refusal) {
    WebReply reply = WebReply::text(refusal.status, refusal.what + "\n");
    reply.close = true;
    return reply;
  }

  static WebReply overloaded(std::string what) {
    WebReply reply = WebReply::text(503, std::move(what));
    reply.retry_after = true;
    reply.close = true;
    return reply;
  }

  Task<void> refuse(Refusal refusal) {
    head_ = RequestHead{};
    unread_ = kDiscardedBytes;
    WebReply reply = closing(refusal);
    co_await send(std::move(reply));
  }

  // A handler that throws is a bug: counted, told, and never an "allowed".
  Task<WebReply> ask(const Route& route, WebRequest request) {
    std::string what = "unknown exception";
    try {
      co_return co_await route.handler(std::move(request));
    } catch (const std::exception& failure) {
      what = failure.what();
    } catch (...) {
    }
    const std::string id = host_.ids.next();
    host_.log.write(LogLine(LogLevel::error, "http", "handler_failed", "a handler threw")
                        .with("request_id", id)
                        .with("path", head_.path)
                        .with("error", what));
    co_return WebReply::text(500, cat("internal error, request id ", id, "\n"));
  }

  Task<bool> write(std::string bytes) {
    const auto whole = asio::buffer(bytes);
    const auto [failure, count] = co_await asio::async_write(stream_, whole, kToken);
    co_return !failure && count == bytes.size();
  }

  Task<void> send(WebReply reply) {
    const bool close = reply.close || last_ || host_.closing || session_.draining();
    std::string bytes = reply_head(reply, reply.body.size(), close);
    if (head_.method != "HEAD") bytes.append(reply.body);
    if (reply.close) ended_by_ = "error";
    host_.metrics.http_responses.add(
        {host_.listener, host_.router.label_of(head_), std::to_string(reply.status)});
    watchdog_.guard(host_.timers.write);
    const bool written = co_await write(std::move(bytes));
    if (!written) unread_ = 0;
    if (!written) ended_by_ = watchdog_.barked() ? "timeout" : "client";
    if (!written || close) open_ = false;
  }

  // A socket closed over unread bytes is reset, and the peer may lose the answer: what was
  // announced is read for a moment and thrown away.
  Task<void> discard_unread() {
    unread_ -= std::min<std::uint64_t>(unread_, buffer_.size());
    watchdog_.guard(host_.timers.linger);
    while (unread_ > 0) {
      buffer_.clear();
      const bool read = co_await read_some();
      if (!read) co_return;
      unread_ -= std::min<std::uint64_t>(unread_, buffer_.size());
    }
  }

  Stream& stream_;
  Watchdog& watchdog_;
  SessionHost& host_;
  Session& session_;
  ReadBuffer buffer_;
  std::string head_text_;
  RequestHead head_;
  Deadline started_{};
  std::uint64_t unread_ = 0;  // bytes of a body that are still to come
  std::string_view ended_by_ = "client";
  std::size_t requests_ = 0;
  bool last_ = false;
  bool open_ = true;
};

}  // namespace signet
