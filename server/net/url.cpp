#include "server/net/url.hpp"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <optional>
#include <vector>

#include "core/base/limits.hpp"
#include "core/base/text.hpp"

namespace signet {
namespace {

constexpr std::size_t kHostBytes = 253;  // RFC 1035 2.3.4
constexpr std::size_t kDnsLabelBytes = 63;

struct Authority {
  std::string host;
  std::uint16_t port = 0;
};

Error bad_url(std::string_view text, std::string_view why) {
  return {Reason::registry_protocol, cat(quoted(text.substr(0, text.find('?'))), ": ", why)};
}

// White space, controls, DEL and bytes above ASCII would let a URL smuggle a line into a request;
// browsers and proxies disagree about backslashes.
bool is_wire_safe(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c > 0x20 && c < 0x7f && c != '\\'; });
}

bool is_hex_label(std::string_view label) {
  return label.size() > 1 && label[0] == '0' && (label[1] == 'x' || label[1] == 'X');
}

// getaddrinfo reads 127.1, 0x7f.1 and 2130706433 as addresses (registry.md A.4): a name whose last
// label is a number must be a plain dotted quad.
bool looks_numeric(std::string_view host) {
  const std::string_view last = host.substr(host.rfind('.') + 1);
  return is_hex_label(last) || std::all_of(last.begin(), last.end(), is_digit);
}

bool is_label(std::string_view label) {
  if (label.empty() || label.size() > kDnsLabelBytes) return false;
  if (label.front() == '-' || label.back() == '-') return false;
  return std::all_of(label.begin(), label.end(),
                     [](char c) { return is_alnum(c) || c == '-' || c == '_'; });
}

std::optional<std::string> normal_name(std::string_view text) {
  if (text.empty() || text.size() > kHostBytes) return std::nullopt;
  if (looks_numeric(text)) {
    boost::system::error_code failure;
    const auto address = boost::asio::ip::make_address_v4(text, failure);
    if (failure || address.to_string() != text) return std::nullopt;
    return std::string(text);
  }
  const auto labels = split(text, '.');
  if (!std::all_of(labels.begin(), labels.end(), is_label)) return std::nullopt;
  return to_lower(text);
}

std::optional<std::string> normal_ipv6(std::string_view text) {
  if (text.find('%') != std::string_view::npos) return std::nullopt;
  boost::system::error_code failure;
  const auto address = boost::asio::ip::make_address_v6(std::string(text), failure);
  if (failure) return std::nullopt;
  return address.to_string();
}

// An empty port is the scheme's own (RFC 3986 3.2.3).
std::optional<std::uint16_t> port_of(std::string_view text, std::uint16_t scheme_port) {
  if (text.empty()) return scheme_port;
  const auto number = parse_number(text);
  if (!number || *number == 0 || *number > 65535) return std::nullopt;
  return static_cast<std::uint16_t>(*number);
}

std::optional<Authority> parse_authority(std::string_view text, std::uint16_t scheme_port) {
  std::optional<std::string> host;
  std::string_view rest;
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    host = normal_ipv6(text.substr(1, end - 1));
    rest = text.substr(end + 1);
  } else {
    const auto colon = std::min(text.find(':'), text.size());
    host = normal_name(text.substr(0, colon));
    rest = text.substr(colon);
  }
  if (!host || (!rest.empty() && rest.front() != ':')) return std::nullopt;
  const auto port = port_of(rest.empty() ? rest : rest.substr(1), scheme_port);
  if (!port) return std::nullopt;
  return Authority{*host, *port};
}

// RFC 3986 5.2.4.
std::string without_dot_segments(std::string_view path) {
  std::vector<std::string_view> kept;
  const auto segments = split(path.substr(1), '/');
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const bool is_last = i + 1 == segments.size();
    const bool is_up = segments[i] == "..";
    if (is_up && !kept.empty()) kept.pop_back();
    if (!is_up && segments[i] != ".") kept.push_back(segments[i]);
    if (is_last && (is_up || segments[i] == ".")) kept.push_back("");
  }
  std::string joined;
  for (const std::string_view segment : kept)
    joined.append("/").append(segment);
  return joined.empty() ? "/" : joined;
}

bool has_scheme(std::string_view reference) {
  const auto colon = reference.find(':');
  return colon != std::string_view::npos && reference.find_first_of("/?") > colon;
}

// The path that a relative reference starts from: all of ours up to the last slash.
std::string merged(std::string_view target, std::string_view reference) {
  const std::string_view path = target.substr(0, target.find('?'));
  if (reference.starts_with('?')) return cat(path, reference);
  if (reference.starts_with('/')) return std::string(reference);
  return cat(path.substr(0, path.rfind('/') + 1), reference);
}

}  // namespace

Result<Url> Url::parse(std::string_view text) {
  if (text.size() > kUrlBytes) return bad_url(text, "this URL is longer than 4096 bytes");
  if (!is_wire_safe(text)) return bad_url(text, "a URL holds printable ASCII without blanks");
  if (text.find('#') != std::string_view::npos) return bad_url(text, "a fragment has no use here");
  Url url;
  const std::string start = to_lower(text.substr(0, 8));
  if (!start.starts_with("https://") && !start.starts_with("http://")) {
    return bad_url(text, "this is no absolute http or https URL");
  }
  url.tls = start == "https://";
  const std::string_view rest = text.substr(url.tls ? 8 : 7);
  const auto end = std::min(rest.find_first_of("/?"), rest.size());
  if (rest.substr(0, end).find('@') != std::string_view::npos) {
    return bad_url("", "a URL must not carry a user or password");
  }
  auto authority = parse_authority(rest.substr(0, end), url.tls ? kHttpsPort : kHttpPort);
  if (!authority) return bad_url(text, "the host or the port is not valid");
  url.host = std::move(authority->host);
  url.port = authority->port;
  const std::string_view target = rest.substr(end);
  url.target = target.starts_with('/') ? std::string(target) : cat("/", target);
  if (url.str().size() > kUrlBytes) return bad_url(text, "this URL is longer than 4096 bytes");
  return url;
}

Result<Url> Url::resolve(std::string_view reference) const {
  if (reference.empty()) return bad_url(reference, "an empty reference leads nowhere");
  if (has_scheme(reference)) return parse(reference);
  if (reference.starts_with("//")) return parse(cat(tls ? "https:" : "http:", reference));
  if (reference.size() > kUrlBytes || !is_wire_safe(reference)) {
    return bad_url(reference, "a URL holds at most 4096 bytes of printable ASCII without blanks");
  }
  if (reference.find('#') != std::string_view::npos) {
    return bad_url(reference, "a fragment has no use here");
  }
  const std::string full = merged(target, reference);
  const auto query = std::min(full.find('?'), full.size());
  Url resolved = *this;
  resolved.target = cat(without_dot_segments(full.substr(0, query)), full.substr(query));
  if (resolved.str().size() > kUrlBytes) {
    return bad_url(reference, "this URL is longer than 4096 bytes");
  }
  return resolved;
}

std::string Url::authority() const {
  return host.find(':') == std::string::npos ? host : cat("[", host, "]");
}

std::string Url::origin() const {
  return cat(tls ? "https://" : "http://", authority(), ":", std::to_string(port));
}

std::string Url::host_header() const {
  return port == (tls ? kHttpsPort : kHttpPort) ? authority()
                                                : cat(authority(), ":", std::to_string(port));
}

std::string Url::str() const {
  return cat(tls ? "https://" : "http://", host_header(), target);
}

std::string Url::str_without_query() const {
  const std::string whole = str();
  return whole.substr(0, whole.find('?'));
}

}  // namespace signet
