#include "server/web/request_body.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

namespace signet {
namespace {

namespace http = boost::beast::http;

// Extensions of one chunk; nobody sends any, and a parser that skips them for free invites floods.
constexpr std::size_t kExtensionBytes = 256;

Refusal refusal_for(const boost::system::error_code& failure) {
  if (failure == http::error::body_limit) return Refusal{413, "the body is too large"};
  return Refusal{400, "the request is not HTTP/1.1: " + failure.message()};
}

}  // namespace

struct RequestBody::Parser {
  http::request_parser<http::string_body> parser;
  std::function<void(std::uint64_t, boost::beast::string_view, boost::system::error_code&)>
      on_chunk = [](std::uint64_t, boost::beast::string_view extensions,
                    boost::system::error_code& failure) {
        if (extensions.size() > kExtensionBytes) failure = http::error::bad_chunk_extension;
      };
};

RequestBody::RequestBody(std::string_view head_text, std::size_t limit)
    : parser_(std::make_unique<Parser>()) {
  auto& parser = parser_->parser;
  parser.header_limit(static_cast<std::uint32_t>(kHeadBytes + kTargetBytes));
  parser.body_limit(limit);
  parser.on_chunk_header(parser_->on_chunk);
  boost::system::error_code failure;
  const std::size_t taken =
      parser.put(boost::asio::buffer(head_text.data(), head_text.size()), failure);
  if (failure && failure != http::error::need_more) {
    refusal_ = refusal_for(failure);
  } else if (taken != head_text.size() || !parser.is_header_done()) {
    refusal_ = Refusal{400, "the request is not HTTP/1.1"};
  }
  parser.eager(true);
}

RequestBody::~RequestBody() = default;

std::variant<std::size_t, Refusal> RequestBody::put(std::string_view bytes) {
  boost::system::error_code failure;
  const std::size_t taken =
      parser_->parser.put(boost::asio::buffer(bytes.data(), bytes.size()), failure);
  if (failure && failure != http::error::need_more) return refusal_for(failure);
  return taken;
}

bool RequestBody::done() const {
  return parser_->parser.is_done();
}

std::string RequestBody::take() {
  return std::move(parser_->parser.get().body());
}

}  // namespace signet
