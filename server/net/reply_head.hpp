#pragma once
// The status line and fields of one reply, parsed from all of its octets, up to and with the empty
// line.

#include <cstdint>
#include <optional>
#include <string_view>

#include "server/net/http_message.hpp"

namespace signet {

struct ReplyHead {
  unsigned status = 0;
  unsigned minor_version = 1;
  HttpHeaders headers;
  bool chunked = false;
  std::optional<std::uint64_t> content_length;

  bool keeps_alive() const;
};

// registry_protocol: why a reply is none.
Error not_http(std::string_view why);

// Fails with registry_protocol: another version, folded lines, bare CR or LF, controls, a second
// Content-Length, Content-Length with Transfer-Encoding, any coding but chunked, too many fields.
Result<ReplyHead> parse_reply_head(std::string_view octets);

}  // namespace signet
