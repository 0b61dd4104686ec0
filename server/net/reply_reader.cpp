#include "server/net/reply_reader.hpp"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

#include "core/base/limits.hpp"
#include "core/base/text.hpp"
#include "server/net/reply_head.hpp"

namespace signet {
namespace {

namespace http = boost::beast::http;
using boost::beast::error_code;
using boost::beast::string_view;

constexpr std::string_view kHeadEnd = "\r\n\r\n";

bool is_line_safe(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    const auto octet = static_cast<unsigned char>(c);
    return octet < 0x20 || octet >= 0x7f;
  });
}

bool is_success(unsigned status) {
  return status >= 200 && status < 300;
}

bool may_have_body(unsigned status) {
  return status != 204 && status != 304;
}

bool has_foreign_encoding(const HttpReply& reply) {
  const auto encodings = reply.headers_named("Content-Encoding");
  return std::any_of(encodings.begin(), encodings.end(), [](std::string_view encoding) {
    return !encoding.empty() && !equals_ignoring_case(encoding, "identity");
  });
}

}  // namespace

Result<std::string> request_octets(const HttpRequest& request, std::string_view user_agent) {
  std::string octets =
      cat(request.method, " ", request.url.target, " HTTP/1.1\r\nHost: ", request.url.host_header(),
          "\r\nUser-Agent: ", user_agent, "\r\nAccept-Encoding: identity\r\n");
  for (const auto& [name, value] : request.headers) {
    if (!is_line_safe(name) || !is_line_safe(value)) {
      return Error(Reason::registry_protocol, cat("the field ", printable(name),
                                                  " would hold characters that no request may"));
    }
    octets.append(cat(name, ": ", value, "\r\n"));
  }
  if (request.method != "GET" && request.method != "HEAD") {
    octets.append(cat("Content-Length: ", std::to_string(request.body.size()), "\r\n"));
  }
  octets.append("\r\n");
  octets.append(request.body);
  return octets;
}

// Takes the body out of its framing. The fields were read before, so only octets of the body are
// kept, as they come: nothing is reserved by an announced length.
class ReplyReader::Body final : public http::basic_parser<false> {
 public:
  std::string content;
  bool overrun = false;  // of chunk extensions

 private:
  void on_request_impl(http::verb, string_view, string_view, int, error_code&) override {}
  void on_response_impl(int, string_view, int, error_code&) override {}
  void on_field_impl(http::field, string_view, string_view, error_code&) override {}
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(string_view octets, error_code&) override {
    content.append(octets.data(), octets.size());
    return octets.size();
  }
  void on_chunk_header_impl(std::uint64_t, string_view extensions, error_code& failure) override {
    extension_bytes_ += extensions.size();
    if (extension_bytes_ <= kChunkOverheadBytes) return;
    overrun = true;
    failure = http::error::bad_chunk_extension;
  }
  std::size_t on_chunk_body_impl(std::uint64_t, string_view octets, error_code&) override {
    content.append(octets.data(), octets.size());
    return octets.size();
  }
  void on_finish_impl(error_code&) override {}

  std::size_t extension_bytes_ = 0;
};

ReplyReader::ReplyReader(const HttpRequest& request, ByteBudget* budget)
    : head_only_(request.method == "HEAD"),
      hash_verified_(request.hash_verified),
      body_limit_(request.body_limit),
      stream_(request.stream),
      share_(budget, request.tenant) {}

ReplyReader::~ReplyReader() = default;

Result<void> ReplyReader::feed(std::string_view octets) {
  received_ += octets.size();
  buffer_.append(octets);
  if (!body_) {
    const Result<void> head = read_head();
    if (!head || !body_) return head;
  }
  if (!done_) {
    const Result<void> read = read_body();
    if (!read) return read;
    const Result<void> taken = hand_out();
    if (!taken) return taken;
  }
  return hold_what_came();
}

std::optional<std::chrono::milliseconds> ReplyReader::silence() const {
  if (!stream_) return std::nullopt;
  return stream_->silence;
}

Result<void> ReplyReader::hand_out() {
  if (!stream_ || !is_success(reply_.status) || body_->content.empty()) return {};
  const Result<void> taken = stream_->take(body_->content);
  body_->content.clear();
  return taken;
}

// Counts what is allocated: a text grows in steps, to twice its size.
Result<void> ReplyReader::hold_what_came() {
  const std::size_t bytes = buffer_.capacity() + (body_ ? body_->content.capacity() : 0);
  if (share_.hold(bytes)) return {};
  return Error(Reason::overloaded, "too many large replies of registries are being read");
}

// Reads heads until one is final: up to five interim ones may come before it.
Result<void> ReplyReader::read_head() {
  while (!body_) {
    constexpr std::string_view kVersion = "HTTP/1.";
    if (!kVersion.starts_with(std::string_view(buffer_).substr(0, kVersion.size()))) {
      return not_http("its first line names no HTTP/1.1");
    }
    const auto end = buffer_.find(kHeadEnd);
    if (end == std::string::npos) {
      if (buffer_.size() > kReplyHeadBytes) return not_http("its head is longer than 64 KiB");
      return {};
    }
    const std::string head = buffer_.substr(0, end + kHeadEnd.size());
    buffer_.erase(0, head.size());
    const Result<void> begun = begin(head);
    if (!begun) return begun;
  }
  return {};
}

Result<void> ReplyReader::begin(std::string_view text) {
  auto head = parse_reply_head(text);
  if (!head) return head.error();
  if (head->status == 101) return not_http("it switches to a protocol that was not asked for");
  if (head->status < 200) {
    if (++interim_ > kInterimReplies) return not_http("it has too many interim replies");
    return {};
  }
  keep_alive_ = head->keeps_alive();
  reply_.status = head->status;
  reply_.headers = std::move(head->headers);
  const bool has_body = !head_only_ && may_have_body(reply_.status);
  const bool success = is_success(reply_.status);
  if (has_body && has_foreign_encoding(reply_)) {
    if (success) return not_http("its body is encoded, which was not asked for");
    discard_body_ = true;
  }
  const bool until_close = has_body && !head->chunked && !head->content_length;
  if (until_close && success && !hash_verified_) {
    return not_http("its body has no length and would end with the connection");
  }
  if (until_close) keep_alive_ = false;

  body_ = std::make_unique<Body>();
  body_->eager(true);
  body_->skip(head_only_);
  body_->header_limit(static_cast<std::uint32_t>(kReplyHeadBytes + kChunkOverheadBytes));
  const bool limited = success && !stream_;
  body_->body_limit(limited ? boost::optional<std::uint64_t>(body_limit_) : boost::none);
  buffer_.insert(0, text);
  return {};
}

Result<void> ReplyReader::read_body() {
  while (!buffer_.empty() && !body_->is_done()) {
    error_code failure;
    const std::size_t used = body_->put(boost::asio::buffer(buffer_), failure);
    buffer_.erase(0, used);
    if (failure == http::error::need_more) break;
    if (failure == http::error::body_limit) {
      return too_large(
          cat("the reply is larger than ", std::to_string(body_limit_), " bytes, its limit here"));
    }
    if (body_->overrun) return not_http("its chunk extensions are longer than 4 KiB");
    if (failure) return not_http(cat("its body is not well framed (", failure.message(), ")"));
    if (used == 0) break;
  }
  if (body_->is_done()) {
    done_ = true;
    return {};
  }
  if (buffer_.size() > kChunkOverheadBytes) return not_http("its chunk lines are too long");
  if (!is_success(reply_.status) && body_->content.size() >= kErrorBodyBytes) finish_early();
  return {};
}

void ReplyReader::finish_early() {
  body_->content.resize(kErrorBodyBytes);
  cut_ = true;
  done_ = true;
}

Result<void> ReplyReader::end(Ending ending) {
  if (done_) return {};
  if (!started()) {
    return Error(Reason::registry_unreachable, "the connection was closed before any reply");
  }
  const bool may_end_here = body_ && body_->need_eof() && buffer_.empty();
  if (may_end_here && (ending == Ending::clean || !is_success(reply_.status))) {
    cut_ = true;
    done_ = true;
    return {};
  }
  return Error(Reason::registry_unreachable, "the connection was closed in the middle of a reply");
}

bool ReplyReader::reusable() const {
  return done_ && keep_alive_ && !cut_ && buffer_.empty();
}

HttpReply ReplyReader::take() {
  if (!discard_body_) reply_.body = std::move(body_->content);
  // It may be kept for long; what it grew by beyond its size is not needed.
  reply_.body.shrink_to_fit();
  if (!is_success(reply_.status) && reply_.body.size() > kErrorBodyBytes) {
    reply_.body.resize(kErrorBodyBytes);
  }
  return std::move(reply_);
}

}  // namespace signet
