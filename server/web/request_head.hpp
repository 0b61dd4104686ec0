#pragma once
// The head of an HTTP/1.1 request, read so that it has one meaning only: whatever two parsers could
// frame differently is refused (security.md SR-37). Pure.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace signet {

inline constexpr std::size_t kHeadBytes = 32 * 1024;  // webhook.md E: API servers send 1 KiB
inline constexpr std::size_t kHeadFields = 64;
inline constexpr std::size_t kTargetBytes = 4 * 1024;

// Why a request is answered without being read further; the connection is closed.
struct Refusal {
  int status = 400;
  std::string what;
};

struct RequestHead {
  std::string method;
  std::string path;
  std::string query;
  std::string content_type;  // lower case, without parameters
  std::string accept;        // of all Accept lines, joined by commas
  std::optional<std::uint64_t> content_length;
  bool chunked = false;
  bool expects_continue = false;
  bool wants_close = false;
};

// `text` is everything up to and including the empty line.
std::variant<RequestHead, Refusal> parse_request_head(std::string_view text);

// Whether bytes that came so far can begin a request at all; told before the head is complete, so
// that garbage need not wait for a deadline.
bool may_begin_request(std::string_view text);

}  // namespace signet
