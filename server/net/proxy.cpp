#include "server/net/proxy.hpp"

#include <algorithm>
#include <cstdlib>

#include "core/base/bytes.hpp"
#include "core/base/text.hpp"

namespace signet {
namespace {

std::string variable(const char* upper, const char* lower) {
  for (const char* name : {upper, lower}) {
    const char* const value = std::getenv(name);
    if (value != nullptr && *value != '\0') return value;
  }
  return "";
}

Error bad_proxy(std::string_view why) {
  return {Reason::config_not_ready, cat("HTTPS_PROXY: ", why)};
}

int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  const char lowered = is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c;
  return lowered >= 'a' && lowered <= 'f' ? lowered - 'a' + 10 : -1;
}

// RFC 3986 2.1.
std::optional<std::string> percent_decoded(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded.push_back(text[i]);
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const int high = hex_digit(text[i + 1]);
    const int low = hex_digit(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    decoded.push_back(static_cast<char>(high * 16 + low));
    i += 2;
  }
  return decoded;
}

// "user:password" of a URL as the value of Proxy-Authorization; a user alone has no password.
std::optional<std::string> basic(std::string_view user_info) {
  const auto colon = std::min(user_info.find(':'), user_info.size());
  const auto user = percent_decoded(user_info.substr(0, colon));
  const auto password = percent_decoded(user_info.substr(std::min(colon + 1, user_info.size())));
  if (!user || !password) return std::nullopt;
  return cat("Basic ", base64(cat(*user, ":", *password)));
}

Result<Proxy> parse_proxy(std::string_view text) {
  const std::string start = to_lower(text.substr(0, 8));
  if (start.starts_with("https://")) {
    return bad_proxy("TLS to the proxy itself is not supported; use an http:// proxy");
  }
  const auto scheme = text.find("://");
  if (scheme != std::string_view::npos && !start.starts_with("http://")) {
    return bad_proxy("only http:// proxies are supported");
  }
  std::string_view rest = scheme == std::string_view::npos ? text : text.substr(scheme + 3);
  rest = rest.substr(0, rest.find('/'));
  Proxy proxy;
  const auto at = rest.rfind('@');
  if (at != std::string_view::npos) {
    auto authorization = basic(rest.substr(0, at));
    if (!authorization) return bad_proxy("the user or password is not percent-encoded properly");
    proxy.authorization = *std::move(authorization);
    rest.remove_prefix(at + 1);
  }
  auto url = Url::parse(cat("http://", rest));
  if (!url) return bad_proxy("the host or the port is not valid");
  proxy.url = *std::move(url);
  return proxy;
}

std::optional<asio::ip::address> literal(const std::string& host) {
  boost::system::error_code failure;
  const auto address = asio::ip::make_address(host, failure);
  if (failure) return std::nullopt;
  return address;
}

bool is_this_machine(const std::string& host) {
  const auto address = literal(host);
  return host == "localhost" || (address && address->is_loopback());
}

}  // namespace

ProxyVariables ProxyVariables::from_environment() {
  ProxyVariables variables;
  variables.https_proxy = variable("HTTPS_PROXY", "https_proxy");
  variables.no_proxy = variable("NO_PROXY", "no_proxy");
  return variables;
}

Result<Proxies> Proxies::parse(const ProxyVariables& variables) {
  Proxies proxies;
  if (variables.https_proxy.empty()) return proxies;
  auto proxy = parse_proxy(trim(variables.https_proxy));
  if (!proxy) return proxy.error();
  proxies.proxy_ = *std::move(proxy);
  for (const std::string_view entry : split(variables.no_proxy, ',')) {
    const std::string_view text = trim(entry);
    if (text == "*") proxies.never_ = true;
    auto exception = parse_exception(text);
    if (exception) proxies.exceptions_.push_back(*std::move(exception));
  }
  return proxies;
}

const Proxy* Proxies::proxy_for(const Url& url) const {
  if (!proxy_ || never_ || !url.tls || is_this_machine(url.host)) return nullptr;
  const bool excepted = std::any_of(exceptions_.begin(), exceptions_.end(),
                                    [&](const Exception& entry) { return entry.covers(url); });
  return excepted ? nullptr : &*proxy_;
}

// What cannot be read is skipped, as Go does.
std::optional<Proxies::Exception> Proxies::parse_exception(std::string_view text) {
  Exception entry;
  auto block = Cidr::parse_any(text);
  if (block) {
    entry.block = *std::move(block);
    return entry;
  }
  const auto colon = text.rfind(':');
  if (colon != std::string_view::npos) {
    const auto port = parse_number(text.substr(colon + 1));
    if (!port || *port == 0 || *port > 65535) return std::nullopt;
    entry.port = static_cast<std::uint16_t>(*port);
    text = text.substr(0, colon);
  }
  if (text.starts_with("*.")) text.remove_prefix(1);
  if (text.starts_with('.')) {
    entry.only_below = true;
    text.remove_prefix(1);
  }
  if (text.empty()) return std::nullopt;
  entry.name = to_lower(text);
  return entry;
}

bool Proxies::Exception::covers(const Url& url) const {
  if (port && *port != url.port) return false;
  if (block) {
    const auto address = literal(url.host);
    return address && block->contains(*address);
  }
  return (url.host == name && !only_below) || url.host.ends_with(cat(".", name));
}

}  // namespace signet
