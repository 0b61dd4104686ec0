#pragma once
// Which addresses may be dialled (registry.md H.2): every resolved address of every dial, so that a
// name in an image, a realm or a redirect cannot reach into the cluster or a cloud's metadata.

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/result.hpp"

namespace signet {

namespace asio = boost::asio;

// A block of addresses: "10.0.0.0/8", "fd00::/8", or one address.
class Cidr {
 public:
  // Fails with malformed_object, also where bits are set behind the prefix.
  static Result<Cidr> parse(std::string_view text);
  // Bits behind the prefix do not matter, as in NO_PROXY.
  static Result<Cidr> parse_any(std::string_view text);

  // An IPv4-mapped IPv6 address counts as its IPv4 address.
  bool contains(const asio::ip::address& address) const;

 private:
  using Block = std::variant<asio::ip::network_v4, asio::ip::network_v6>;
  explicit Cidr(Block block) : block_(std::move(block)) {}

  Block block_;
};

// Private addresses that one host, and no other name, may have.
struct AllowPrivate {
  std::string host;  // "host", or "host:port", which also opens the port of another service
  std::vector<Cidr> cidrs;
};

struct AddressFilterSettings {
  bool enabled = true;  // the command-line tool switches it off
  std::vector<AllowPrivate> allow_private;
  std::vector<Cidr> also_blocked;  // pods and services of a cluster with public ranges
};

// The metadata services of clouds; no setting allows them, also not wrapped into another form.
bool is_metadata(const asio::ip::address& address);
// Reachable over the internet: none of the blocked forms, also not wrapped into another form.
bool is_public(const asio::ip::address& address);
// Ports of services that are no registries: 22, 25, 2379, 6379, 10250 and the like.
bool is_service_port(std::uint16_t port);

class AddressFilter {
 public:
  explicit AddressFilter(AddressFilterSettings settings) : settings_(std::move(settings)) {}

  bool permits(std::string_view host, std::uint16_t port, const asio::ip::address& address) const;
  bool permits_port(std::string_view host, std::uint16_t port) const;
  // The addresses of `host` that may be dialled, in their order. Fails with registry_blocked, in
  // words that name no address.
  Result<std::vector<asio::ip::address>> permitted(
      std::string_view host, std::uint16_t port,
      const std::vector<asio::ip::address>& addresses) const;

 private:
  AddressFilterSettings settings_;
};

}  // namespace signet
