#include "server/net/address_filter.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "core/base/text.hpp"
#include "server/net/host_port.hpp"

namespace signet {
namespace {

using asio::ip::address;
using asio::ip::address_v4;
using asio::ip::address_v6;

// IANA special-purpose registry (RFC 6890 and its updates), as registry.md H.2 lists it.
constexpr std::array kBlockedV4 = {
    "0.0.0.0/8",     "10.0.0.0/8",      "100.64.0.0/10",  "127.0.0.0/8",    "169.254.0.0/16",
    "172.16.0.0/12", "192.0.0.0/24",    "192.0.2.0/24",   "192.88.99.0/24", "192.168.0.0/16",
    "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4",    "240.0.0.0/4"};
constexpr std::array kBlockedV6 = {"::/128",        "::1/128",   "64:ff9b:1::/48", "100::/64",
                                   "2001:db8::/32", "3fff::/20", "fc00::/7",       "fe80::/10",
                                   "fec0::/10",     "ff00::/8"};
// AWS, GCP, Azure (its wire server has a public address), Alibaba.
constexpr std::array kMetadata = {"169.254.169.254", "169.254.170.2", "169.254.170.23",
                                  "100.100.100.200", "168.63.129.16", "fd00:ec2::254",
                                  "fd00:ec2::23"};
// Redis, etcd, kubelets and mail answer a crafted HTTP request too (registry.md H.1).
constexpr std::array<std::uint16_t, 29> kServicePorts = {
    21,  22,  23,  25,  53,   110,  111,  119,  135,  139,  143,   389,   445,   465,  587,
    636, 873, 993, 995, 2049, 2379, 2380, 3306, 5432, 6379, 10250, 10255, 10256, 11211};

template <std::size_t N>
std::vector<Cidr> blocks(const std::array<const char*, N>& texts) {
  std::vector<Cidr> parsed;
  for (const char* text : texts)
    parsed.push_back(*Cidr::parse(text));
  return parsed;
}

bool any_contains(const std::vector<Cidr>& blocks, const address& candidate) {
  return std::any_of(blocks.begin(), blocks.end(),
                     [&](const Cidr& block) { return block.contains(candidate); });
}

address_v4 quad(const address_v6::bytes_type& octets, std::size_t at, unsigned char mask = 0) {
  address_v4::bytes_type four;
  for (std::size_t i = 0; i < four.size(); ++i)
    four[i] = octets[at + i] ^ mask;
  return address_v4(four);
}

bool starts_with(const address_v6::bytes_type& octets, std::string_view prefix) {
  return std::equal(prefix.begin(), prefix.end(), octets.begin(),
                    [](char a, unsigned char b) { return static_cast<unsigned char>(a) == b; });
}

// The IPv4 addresses that an IPv6 address wraps: a tunnel or a translator would send the packet
// there. Teredo carries two, the server's and the client's.
std::vector<address_v4> wrapped(const address_v6& outer) {
  using namespace std::string_view_literals;
  const auto octets = outer.to_bytes();
  if (outer.is_unspecified() || outer.is_loopback()) return {};
  if (starts_with(octets, "\0\0\0\0\0\0\0\0\0\0\xff\xff"sv)) return {quad(octets, 12)};
  if (starts_with(octets, "\0\0\0\0\0\0\0\0\0\0\0\0"sv)) return {quad(octets, 12)};
  if (starts_with(octets, "\0\x64\xff\x9b\0\0\0\0\0\0\0\0"sv)) return {quad(octets, 12)};
  if (starts_with(octets, "\x20\x02"sv)) return {quad(octets, 2)};
  if (starts_with(octets, "\x20\x01\0\0"sv)) return {quad(octets, 4), quad(octets, 12, 0xff)};
  return {};
}

// The address itself and what it wraps.
std::vector<address> forms(const address& outer) {
  std::vector<address> all = {outer};
  if (!outer.is_v6()) return all;
  for (const address_v4& inner : wrapped(outer.to_v6()))
    all.emplace_back(inner);
  return all;
}

bool is_plainly_blocked(const address& candidate) {
  static const std::vector<Cidr> v4 = blocks(kBlockedV4);
  static const std::vector<Cidr> v6 = blocks(kBlockedV6);
  if (candidate.is_v4()) return any_contains(v4, candidate);
  // A scope names a link of this machine.
  return candidate.to_v6().scope_id() != 0 || any_contains(v6, candidate);
}

}  // namespace

Result<Cidr> Cidr::parse(std::string_view text) {
  auto block = parse_any(text);
  if (!block) return block;
  const std::string_view base = text.substr(0, text.find('/'));
  const auto written = asio::ip::make_address(std::string(base));
  const bool exact = std::visit(
      [&](const auto& network) { return address(network.network()) == written; }, block->block_);
  if (!exact) return malformed(cat(quoted(text), " has bits set after its prefix"));
  return block;
}

Result<Cidr> Cidr::parse_any(std::string_view text) {
  const auto slash = text.find('/');
  boost::system::error_code failure;
  const auto base = asio::ip::make_address(std::string(text.substr(0, slash)), failure);
  if (failure) return malformed(cat(quoted(text), " is no block of addresses like 10.0.0.0/8"));
  const std::uint64_t longest = base.is_v4() ? 32 : 128;
  const auto length =
      slash == std::string_view::npos ? longest : parse_number(text.substr(slash + 1));
  if (!length || *length > longest) {
    return malformed(cat(quoted(text), " has no valid prefix length after the slash"));
  }
  const auto bits = static_cast<unsigned short>(*length);
  if (base.is_v4()) return Cidr(asio::ip::network_v4(base.to_v4(), bits).canonical());
  return Cidr(asio::ip::network_v6(base.to_v6(), bits).canonical());
}

bool Cidr::contains(const address& candidate) const {
  if (candidate.is_v6() && candidate.to_v6().is_v4_mapped()) {
    const auto inner = asio::ip::make_address_v4(asio::ip::v4_mapped, candidate.to_v6());
    if (std::holds_alternative<asio::ip::network_v4>(block_)) return contains(inner);
  }
  if (const auto* v4 = std::get_if<asio::ip::network_v4>(&block_)) {
    if (!candidate.is_v4()) return false;
    const asio::ip::network_v4 around(candidate.to_v4(), v4->prefix_length());
    return around.canonical() == v4->canonical();
  }
  if (!candidate.is_v6()) return false;
  const auto& v6 = std::get<asio::ip::network_v6>(block_);
  const address_v6 unscoped(candidate.to_v6().to_bytes());
  const asio::ip::network_v6 around(unscoped, v6.prefix_length());
  return around.canonical() == v6.canonical();
}

bool is_metadata(const address& candidate) {
  static const std::vector<Cidr> metadata = blocks(kMetadata);
  const auto all = forms(candidate);
  return std::any_of(all.begin(), all.end(),
                     [](const address& form) { return any_contains(metadata, form); });
}

bool is_public(const address& candidate) {
  const auto all = forms(candidate);
  return !is_metadata(candidate) && std::none_of(all.begin(), all.end(), is_plainly_blocked);
}

bool is_service_port(std::uint16_t port) {
  return std::find(kServicePorts.begin(), kServicePorts.end(), port) != kServicePorts.end();
}

bool AddressFilter::permits(std::string_view host, std::uint16_t port,
                            const address& candidate) const {
  if (!settings_.enabled) return true;
  if (is_metadata(candidate)) return false;
  for (const AllowPrivate& exception : settings_.allow_private) {
    // A host without a port: which of its ports are asked is for the rules of hosts to say.
    if (!HostPort::parse(exception.host).names(to_lower(host), port, port)) continue;
    if (any_contains(exception.cidrs, candidate)) return true;
  }
  const auto all = forms(candidate);
  return is_public(candidate) && std::none_of(all.begin(), all.end(), [&](const address& form) {
           return any_contains(settings_.also_blocked, form);
         });
}

bool AddressFilter::permits_port(std::string_view host, std::uint16_t port) const {
  if (!settings_.enabled || !is_service_port(port)) return true;
  const auto names_it = [&](const AllowPrivate& exception) {
    const HostPort listed = HostPort::parse(exception.host);
    return listed.port && listed.names(to_lower(host), port, port);
  };
  return std::any_of(settings_.allow_private.begin(), settings_.allow_private.end(), names_it);
}

Result<std::vector<address>> AddressFilter::permitted(std::string_view host, std::uint16_t port,
                                                      const std::vector<address>& all) const {
  if (!permits_port(host, port)) {
    return Error(Reason::registry_blocked,
                 cat(printable(host), ": port ", std::to_string(port),
                     " belongs to another kind of service and is never dialled"));
  }
  std::vector<address> kept;
  std::copy_if(all.begin(), all.end(), std::back_inserter(kept),
               [&](const address& candidate) { return permits(host, port, candidate); });
  if (!kept.empty()) return kept;
  return Error(Reason::registry_blocked,
               cat(printable(host),
                   " has no public address; an administrator can permit it with "
                   "registry.allowPrivate"));
}

}  // namespace signet
