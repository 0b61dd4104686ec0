#include "core/oci/domain.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <vector>

#include "core/base/text.hpp"

namespace signet {
namespace {

constexpr std::uint64_t kLargestPort = 65535;
constexpr std::size_t kGroups = 8;

using Ipv6 = std::array<std::uint16_t, kGroups>;

Error bad(std::string_view what) {
  return {Reason::invalid_reference, std::string(what)};
}

std::uint16_t hex_value(char c) {
  if (is_digit(c)) return static_cast<std::uint16_t>(c - '0');
  return static_cast<std::uint16_t>((c | 0x20) - 'a' + 10);
}

// Groups of one half of an address; nothing where a group is empty or too long.
std::optional<std::vector<std::uint16_t>> groups_of(std::string_view text) {
  std::vector<std::uint16_t> groups;
  if (text.empty()) return groups;
  for (const std::string_view piece : split(text, ':')) {
    if (piece.empty() || piece.size() > 4 ||
        !std::all_of(piece.begin(), piece.end(), is_hex_digit)) {
      return std::nullopt;
    }
    std::uint16_t value = 0;
    for (const char c : piece)
      value = static_cast<std::uint16_t>(value << 4 | hex_value(c));
    groups.push_back(value);
  }
  return groups;
}

// RFC 4291 2.2 without zone and without a dotted tail.
std::optional<Ipv6> parse_ipv6(std::string_view text) {
  constexpr std::size_t kLongest = 39;
  if (text.size() > kLongest) return std::nullopt;
  const std::size_t gap = text.find("::");
  const bool has_gap = gap != std::string_view::npos;
  const auto front = groups_of(has_gap ? text.substr(0, gap) : text);
  const auto back = groups_of(has_gap ? text.substr(gap + 2) : std::string_view());
  if (!front || !back) return std::nullopt;
  const std::size_t given = front->size() + back->size();
  if (has_gap ? given >= kGroups : given != kGroups) return std::nullopt;
  Ipv6 address{};
  std::copy(front->begin(), front->end(), address.begin());
  std::copy(back->rbegin(), back->rend(), address.rbegin());
  return address;
}

struct Run {
  std::size_t start = 0;
  std::size_t length = 0;
};

// The longest run of at least two zero groups, the first of equals (RFC 5952 4.2).
Run longest_zero_run(const Ipv6& address) {
  Run best;
  Run current;
  for (std::size_t i = 0; i < kGroups; ++i) {
    if (address[i] != 0) {
      current = {i + 1, 0};
      continue;
    }
    ++current.length;
    if (current.length > best.length) best = current;
  }
  return best.length >= 2 ? best : Run{kGroups, 0};
}

std::string print_ipv6(const Ipv6& address) {
  const Run gap = longest_zero_run(address);
  std::string text;
  for (std::size_t i = 0; i < kGroups;) {
    if (i == gap.start) {
      text += "::";
      i += gap.length;
      continue;
    }
    if (!text.empty() && text.back() != ':') text += ':';
    std::array<char, 8> digits{};
    std::snprintf(digits.data(), digits.size(), "%x", address[i]);
    text += digits.data();
    ++i;
  }
  return text;
}

bool is_label(std::string_view label) {
  return !label.empty() && is_alnum(label.front()) && is_alnum(label.back()) &&
         std::all_of(label.begin(), label.end(), [](char c) { return is_alnum(c) || c == '-'; });
}

bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

bool is_dotted_quad(const std::vector<std::string_view>& labels) {
  const auto octet = [](std::string_view label) {
    const auto value = parse_number(label);
    return value && *value <= 255;
  };
  return labels.size() == 4 && std::all_of(labels.begin(), labels.end(), octet);
}

// glibc resolves 127.1, 0x7f.1 and 2130706433 to addresses, other resolvers do not (A.4).
bool looks_numeric(std::string_view last_label) {
  return all_digits(last_label) || last_label.starts_with("0x") || last_label.starts_with("0X");
}

std::optional<Error> fault_of_name(std::string_view host) {
  const std::vector<std::string_view> labels = split(host, '.');
  if (!std::all_of(labels.begin(), labels.end(), is_label)) {
    return bad(cat(quoted(host, 80), " is not a host name (letters, digits, '-' and '.')"));
  }
  if (std::any_of(host.begin(), host.end(), is_upper)) {
    return bad(
        cat("the host ", quoted(host, 80), " has upper-case letters; write it in lower case"));
  }
  if (looks_numeric(labels.back()) && !is_dotted_quad(labels)) {
    return bad(cat("the host ", quoted(host, 80),
                   " is a number but no IPv4 address of four decimal parts"));
  }
  return std::nullopt;
}

std::optional<Error> fault_of_address(std::string_view host) {
  const std::string_view inner = host.substr(1, host.size() - 2);
  if (std::any_of(inner.begin(), inner.end(), is_upper)) {
    return bad(
        cat("the host ", quoted(host, 80), " has upper-case letters; write it in lower case"));
  }
  if (!parse_ipv6(inner)) {
    return bad(cat(quoted(host, 80), " is not an IPv6 address (no zone, no dotted tail)"));
  }
  return std::nullopt;
}

// Where the host ends: behind the bracket of an IPv6 address, else at the first colon.
std::size_t host_end(std::string_view text) {
  if (!text.starts_with('[')) return std::min(text.find(':'), text.size());
  const std::size_t bracket = text.find(']');
  return bracket == std::string_view::npos ? text.size() : bracket + 1;
}

}  // namespace

Result<Domain> Domain::parse(std::string_view text) {
  const std::size_t end = host_end(text);
  Domain domain{std::string(text.substr(0, end)), std::nullopt};
  const bool address = text.starts_with('[');
  if (address && !domain.host.ends_with(']')) return bad("'[' without ']' in the host");
  if (auto fault = address ? fault_of_address(domain.host) : fault_of_name(domain.host)) {
    return *fault;
  }
  if (end == text.size()) return domain;

  const auto port = text[end] == ':' ? parse_number(text.substr(end + 1)) : std::nullopt;
  if (!port || *port == 0 || *port > kLargestPort) {
    return bad(cat("the port of ", quoted(text, 80), " is not a number from 1 to 65535"));
  }
  domain.port = static_cast<std::uint16_t>(*port);
  return domain;
}

std::string Domain::canonical() const {
  std::string name = to_lower(host);
  if (is_docker_hub(name)) name = "docker.io";
  if (name.size() > 2 && name.front() == '[') {
    const auto address = parse_ipv6(std::string_view(name).substr(1, name.size() - 2));
    if (address) name = cat("[", print_ipv6(*address), "]");
  }
  constexpr std::uint16_t kHttps = 443;
  return port && *port != kHttps ? cat(name, ":", std::to_string(*port)) : name;
}

bool is_docker_hub(std::string_view host) {
  return host == "docker.io" || host == "index.docker.io" || host == "registry-1.docker.io" ||
         host == "registry.hub.docker.com";
}

}  // namespace signet
