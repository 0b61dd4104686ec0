#include "server/web/message.hpp"

#include <stdexcept>

#include "core/base/text.hpp"

namespace signet {
namespace {

std::string_view phrase_of(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 400:
      return "Bad Request";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 411:
      return "Length Required";
    case 413:
      return "Content Too Large";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 503:
      return "Service Unavailable";
    case 505:
      return "HTTP Version Not Supported";
    default:
      throw std::logic_error("no such answer: " + std::to_string(status));
  }
}

}  // namespace

std::optional<std::string> query_value(std::string_view query, std::string_view name) {
  for (const std::string_view part : split(query, '&')) {
    const auto at = part.find('=');
    if (part.substr(0, at) != name) continue;
    return std::string(at == std::string_view::npos ? std::string_view() : part.substr(at + 1));
  }
  return std::nullopt;
}

bool query_has(std::string_view query, std::string_view name) {
  return query_value(query, name).has_value();
}

std::string reply_head(const WebReply& reply, std::size_t body_bytes, bool close) {
  std::string head = cat("HTTP/1.1 ", std::to_string(reply.status), " ", phrase_of(reply.status),
                         "\r\nContent-Type: ", reply.content_type,
                         "\r\nContent-Length: ", std::to_string(body_bytes),
                         "\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n");
  if (!reply.allow.empty()) head.append(cat("Allow: ", reply.allow, "\r\n"));
  if (reply.retry_after) head.append("Retry-After: 1\r\n");
  if (close) head.append("Connection: close\r\n");
  return head.append("\r\n");
}

}  // namespace signet
