#include "core/crypto/der.hpp"

#include <cstdint>
#include <limits>

#include "core/base/text.hpp"

namespace signet {
namespace {

constexpr std::size_t kDerDepth = 32;     // certificates and CRLs nest to 12 at most
constexpr std::size_t kOidBytes = 64;     // the longest in use have about 20
constexpr unsigned char kHighTag = 0x1f;  // tag numbers from 31 on: never used here
constexpr unsigned char kConstructedBit = 0x20;

unsigned char octet(Bytes bytes, std::size_t at) {
  return static_cast<unsigned char>(bytes[at]);
}

struct Length {
  std::size_t header = 0;  // octets of identifier and length
  std::size_t content = 0;
};

// X.690 10.1: definite form, in the fewest octets.
Result<Length> length_at(Bytes input) {
  if (input.size() < 2) return malformed("DER that ends inside an element");
  const unsigned char first = octet(input, 1);
  if (first < 0x80) return Length{2, first};
  const std::size_t count = first & 0x7f;
  if (count == 0) return malformed("an indefinite length, which DER does not have");
  if (count > 4 || input.size() < 2 + count) return malformed("DER that ends inside an element");
  std::size_t value = 0;
  for (std::size_t i = 0; i < count; ++i)
    value = (value << 8) | octet(input, 2 + i);
  const bool minimal = value >= 0x80 && octet(input, 2) != 0;
  if (!minimal) return malformed("a length that is not written in the fewest octets");
  return Length{2 + count, value};
}

Result<void> check_primitive(const DerElement& element) {
  const Bytes content = element.content;
  if (element.tag == der::kBoolean) {
    const bool good = content.size() == 1 && (octet(content, 0) == 0 || octet(content, 0) == 0xff);
    if (!good) return malformed("a boolean that is neither 00 nor FF");
  }
  if (element.tag == der::kInteger) {
    if (content.empty()) return malformed("an empty integer");
    const bool padded =
        content.size() > 1 && ((octet(content, 0) == 0 && octet(content, 1) < 0x80) ||
                               (octet(content, 0) == 0xff && octet(content, 1) >= 0x80));
    if (padded) return malformed("an integer that is not written in the fewest octets");
  }
  return {};
}

Result<void> check_level(Bytes input, std::size_t depth) {
  if (depth > kDerDepth) return too_large("DER nested too deeply");
  DerReader reader(input);
  while (!reader.at_end()) {
    const auto element = reader.next();
    if (!element) return element.error();
    const bool constructed = (element->tag & kConstructedBit) != 0;
    const auto good =
        constructed ? check_level(element->content, depth + 1) : check_primitive(*element);
    if (!good) return good;
  }
  return {};
}

// Two digits at `at`; only called where the text was found to be digits.
int two(Bytes text, std::size_t at) {
  return (text[at] - '0') * 10 + (text[at + 1] - '0');
}

bool only_digits(Bytes text) {
  for (const char c : text) {
    if (!is_digit(c)) return false;
  }
  return true;
}

}  // namespace

Result<DerElement> DerReader::next() {
  if (rest_.empty()) return malformed("DER that ends where an element should begin");
  const unsigned char tag = octet(rest_, 0);
  if ((tag & kHighTag) == kHighTag) return malformed("a tag number above 30");
  const auto length = length_at(rest_);
  if (!length) return length.error();
  if (length->content > rest_.size() - length->header) {
    return malformed("DER that ends inside an element");
  }
  const std::size_t size = length->header + length->content;
  const DerElement element{tag, rest_.substr(length->header, length->content),
                           rest_.substr(0, size)};
  rest_.remove_prefix(size);
  return element;
}

Result<DerElement> DerReader::next(unsigned char tag, std::string_view what) {
  if (!is_next(tag)) return malformed(cat("no ", what, " where one should be"));
  return next();
}

Result<std::optional<DerElement>> DerReader::next_if(unsigned char tag) {
  if (!is_next(tag)) return std::optional<DerElement>();
  const auto element = next();
  if (!element) return element.error();
  return std::optional<DerElement>(*element);
}

Result<DerElement> sole_element(Bytes input, unsigned char tag, std::string_view what) {
  DerReader reader(input);
  auto element = reader.next(tag, what);
  if (element && !reader.at_end()) return malformed(cat("bytes after the ", what));
  return element;
}

Result<void> check_der(Bytes input) {
  return check_level(input, 1);
}

Result<std::string> oid_text(Bytes content) {
  const auto bad = [] { return malformed("an object identifier that is not DER"); };
  if (content.empty() || content.size() > kOidBytes) return bad();
  std::string text;
  std::uint64_t arc = 0;
  bool at_start = true;
  for (const char c : content) {
    const auto value = static_cast<unsigned char>(c);
    if (at_start && value == 0x80) return bad();
    if (arc > (std::numeric_limits<std::uint64_t>::max() >> 7)) return bad();
    arc = (arc << 7) | (value & 0x7f);
    at_start = (value & 0x80) == 0;
    if (!at_start) continue;
    if (text.empty()) {
      const std::uint64_t top = arc < 80 ? arc / 40 : 2;
      text = cat(std::to_string(top), ".", std::to_string(arc - top * 40));
    } else {
      text.append(".").append(std::to_string(arc));
    }
    arc = 0;
  }
  return at_start ? Result<std::string>(std::move(text)) : Result<std::string>(bad());
}

Result<TimePoint> der_time(const DerElement& element) {
  const bool utc = element.tag == der::kUtcTime;
  const std::size_t year_digits = utc ? 2 : 4;
  const Bytes text = element.content;
  const auto bad = [&] { return malformed(cat(quoted(text, 32), " is not a time of DER")); };
  if (!utc && element.tag != der::kGeneralizedTime) return bad();
  if (text.size() != year_digits + 11 || text.back() != 'Z') return bad();
  if (!only_digits(text.substr(0, text.size() - 1))) return bad();
  // RFC 5280 4.1.2.5.1: two digits stand for 1950 to 2049.
  const int year =
      utc ? two(text, 0) + (two(text, 0) < 50 ? 2000 : 1900) : two(text, 0) * 100 + two(text, 2);
  const Bytes rest = text.substr(year_digits);
  const auto time =
      make_time(year, two(rest, 0), two(rest, 2), two(rest, 4), two(rest, 6), two(rest, 8));
  if (!time) return bad();
  return *time;
}

Blob der_element(unsigned char tag, Bytes content) {
  Blob encoded(1, static_cast<char>(tag));
  if (content.size() < 0x80) {
    encoded.push_back(static_cast<char>(content.size()));
  } else {
    Blob length;
    for (std::size_t rest = content.size(); rest != 0; rest >>= 8) {
      length.insert(length.begin(), static_cast<char>(rest & 0xff));
    }
    encoded.push_back(static_cast<char>(0x80 | length.size()));
    encoded.append(length);
  }
  return encoded.append(content);
}

}  // namespace signet
