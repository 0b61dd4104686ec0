#include "server/net/host_port.hpp"

#include <algorithm>
#include <boost/asio/ip/address_v6.hpp>

#include "core/base/text.hpp"

namespace signet {
namespace {

// One spelling for every form of an address.
std::string unified(std::string_view host) {
  boost::system::error_code failure;
  const auto address = boost::asio::ip::make_address_v6(std::string(host), failure);
  return failure ? to_lower(host) : address.to_string();
}

std::optional<std::uint16_t> port_in(std::string_view text) {
  const auto number = parse_number(text);
  if (!number || *number == 0 || *number > 65535) return std::nullopt;
  return static_cast<std::uint16_t>(*number);
}

}  // namespace

HostPort HostPort::parse(std::string_view text) {
  const bool bare_ipv6 = !text.starts_with('[') && std::count(text.begin(), text.end(), ':') > 1;
  if (bare_ipv6) return {unified(text), std::nullopt};
  const std::size_t colon = text.starts_with('[') ? text.find("]:") : text.find(':');
  if (colon == std::string_view::npos) {
    if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
    return {unified(text), std::nullopt};
  }
  const bool brackets = text.starts_with('[');
  const auto port = port_in(text.substr(colon + (brackets ? 2 : 1)));
  if (!port) return {};
  return {unified(brackets ? text.substr(1, colon - 1) : text.substr(0, colon)), port};
}

}  // namespace signet
