#include "server/net/reply_head.hpp"

#include <algorithm>

#include "core/base/limits.hpp"
#include "core/base/text.hpp"

namespace signet {
namespace {

// RFC 9110 5.6.2.
bool is_token(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return is_alnum(c) || kMarks.find(c) != std::string_view::npos;
  });
}

// RFC 9110 5.5: no controls but the tab. Octets above ASCII are opaque.
bool is_field_text(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    const auto octet = static_cast<unsigned char>(c);
    return (octet < 0x20 && octet != '\t') || octet == 0x7f;
  });
}

Result<void> read_status_line(std::string_view line, ReplyHead& head) {
  const bool known = line.starts_with("HTTP/1.1 ") || line.starts_with("HTTP/1.0 ");
  if (!known) return not_http("its first line names no HTTP/1.1");
  head.minor_version = line[7] == '1' ? 1 : 0;
  const std::string_view code = line.substr(9, 3);
  const bool ends = line.size() == 12 || (line.size() > 12 && line[12] == ' ');
  if (code.size() != 3 || !std::all_of(code.begin(), code.end(), is_digit) || !ends) {
    return not_http("its status is no number of three digits");
  }
  head.status = static_cast<unsigned>((code[0] - '0') * 100 + (code[1] - '0') * 10 + code[2] - '0');
  if (head.status < 100 || head.status > 599) return not_http("its status is out of range");
  if (!is_field_text(line.substr(12))) return not_http("its status line holds control characters");
  return {};
}

Result<void> read_field(std::string_view line, ReplyHead& head) {
  if (line.size() > kReplyFieldBytes) return not_http("a field is longer than 16 KiB");
  if (head.headers.size() == kReplyFields) return not_http("it has more than 200 fields");
  if (line.front() == ' ' || line.front() == '\t') return not_http("a field is folded");
  const auto colon = line.find(':');
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) {
    return not_http("a field has no proper name");
  }
  const std::string_view value = trim(line.substr(colon + 1));
  if (!is_field_text(value)) return not_http("a field holds control characters");
  head.headers.emplace_back(line.substr(0, colon), value);
  return {};
}

// RFC 9112 6: the framing must have one reading only.
Result<void> read_framing(ReplyHead& head) {
  bool has_length = false;
  for (const auto& [name, value] : head.headers) {
    if (equals_ignoring_case(name, "Transfer-Encoding")) {
      if (head.chunked) return not_http("it has two Transfer-Encoding fields");
      if (!equals_ignoring_case(value, "chunked")) return not_http("its coding is not chunked");
      head.chunked = true;
    }
    if (equals_ignoring_case(name, "Content-Length")) {
      if (has_length) return not_http("it has two Content-Length fields");
      has_length = true;
      head.content_length = parse_number(value);
      if (!head.content_length) return not_http("its Content-Length is no number");
    }
  }
  if (head.chunked && has_length) return not_http("it has Content-Length and Transfer-Encoding");
  if (head.chunked && head.minor_version == 0) return not_http("it is chunked in HTTP/1.0");
  return {};
}

}  // namespace

Error not_http(std::string_view why) {
  return {Reason::registry_protocol, cat("the reply is not valid HTTP: ", why)};
}

bool ReplyHead::keeps_alive() const {
  if (minor_version == 0) return false;
  return std::none_of(headers.begin(), headers.end(), [](const auto& field) {
    if (!equals_ignoring_case(field.first, "Connection")) return false;
    const auto options = split(field.second, ',');
    return std::any_of(options.begin(), options.end(), [](std::string_view option) {
      return equals_ignoring_case(trim(option), "close");
    });
  });
}

Result<ReplyHead> parse_reply_head(std::string_view octets) {
  if (octets.size() > kReplyHeadBytes) return not_http("its head is longer than 64 KiB");
  if (!octets.ends_with("\r\n\r\n")) return not_http("its head has no end");
  octets.remove_suffix(2);
  ReplyHead head;
  for (bool first = true; !octets.empty(); first = false) {
    const auto end = octets.find("\r\n");
    const std::string_view line = octets.substr(0, end);
    octets.remove_prefix(end + 2);
    if (line.empty()) return not_http("it has an empty line in its head");
    const Result<void> read = first ? read_status_line(line, head) : read_field(line, head);
    if (!read) return read.error();
  }
  const Result<void> framed = read_framing(head);
  if (!framed) return framed.error();
  return head;
}

}  // namespace signet
