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

struct RequestBody::Chunks {
  http::request_parser<http::string_body> parser;
  std::function<void(std::uint64_t, boost::beast::string_view, boost::system::error_code&)>
      on_chunk = [](std::uint64_t, boost::beast::string_view extensions,
                    boost::system::error_code& failure) {
        if (extensions.size() > kExtensionBytes) failure = http::error::bad_chunk_extension;
      };

  // What Beast has against a head.
  std::optional<Refusal> begin(std::string_view text, std::size_t limit) {
    parser.header_limit(static_cast<std::uint32_t>(kHeadBytes + kTargetBytes));
    parser.body_limit(limit);
    parser.on_chunk_header(on_chunk);
    boost::system::error_code failure;
    const std::size_t taken = parser.put(boost::asio::buffer(text.data(), text.size()), failure);
    parser.eager(true);
    if (failure && failure != http::error::need_more) return refusal_for(failure);
    if (taken == text.size() && parser.is_header_done()) return std::nullopt;
    return Refusal{400, "the request is not HTTP/1.1"};
  }
};

RequestBody::RequestBody(const RequestHead& head, std::string_view text, std::size_t limit) {
  if (head.chunked) {
    chunks_ = std::make_unique<Chunks>();
    refusal_ = chunks_->begin(text, limit);
  } else if (head.content_length.value_or(0) > limit) {
    refusal_ = Refusal{413, "the body is too large"};
  } else {
    missing_ = static_cast<std::size_t>(head.content_length.value_or(0));
  }
}

RequestBody::~RequestBody() = default;

std::variant<std::size_t, Refusal> RequestBody::put(std::string_view bytes) {
  if (!chunks_) {
    const std::string_view part = bytes.substr(0, missing_);
    known_.append(part);
    missing_ -= part.size();
    return part.size();
  }
  boost::system::error_code failure;
  const std::size_t taken =
      chunks_->parser.put(boost::asio::buffer(bytes.data(), bytes.size()), failure);
  if (failure && failure != http::error::need_more) return refusal_for(failure);
  return taken;
}

bool RequestBody::done() const {
  return chunks_ ? chunks_->parser.is_done() : missing_ == 0;
}

std::string RequestBody::take() {
  return std::move(chunks_ ? chunks_->parser.get().body() : known_);
}

}  // namespace signet
