#pragma once
// A bounded reader of DER (X.690 10): low tag numbers, definite and minimal lengths, nothing
// copied. For what must be judged before OpenSSL sees it, or what OpenSSL does not expose.

#include <optional>
#include <string>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "core/base/time.hpp"

namespace signet {

namespace der {
inline constexpr unsigned char kBoolean = 0x01;
inline constexpr unsigned char kInteger = 0x02;
inline constexpr unsigned char kBitString = 0x03;
inline constexpr unsigned char kOctetString = 0x04;
inline constexpr unsigned char kNull = 0x05;
inline constexpr unsigned char kObjectId = 0x06;
inline constexpr unsigned char kUtf8String = 0x0c;
inline constexpr unsigned char kSequence = 0x30;
inline constexpr unsigned char kUtcTime = 0x17;
inline constexpr unsigned char kGeneralizedTime = 0x18;
// [n] of a context; `constructed` for an explicit tag or an implicit SEQUENCE.
constexpr unsigned char context(unsigned char number) {
  return static_cast<unsigned char>(0x80 | number);
}
constexpr unsigned char constructed(unsigned char number) {
  return static_cast<unsigned char>(0xa0 | number);
}
}  // namespace der

struct DerElement {
  unsigned char tag = 0;  // the identifier octet
  Bytes content;
  Bytes whole;  // identifier, length and content
};

class DerReader {
 public:
  explicit DerReader(Bytes input) : rest_(input) {}

  bool at_end() const { return rest_.empty(); }
  bool is_next(unsigned char tag) const {
    return !rest_.empty() && static_cast<unsigned char>(rest_.front()) == tag;
  }

  Result<DerElement> next();
  // The next element, which must have this tag; `what` names it in the error.
  Result<DerElement> next(unsigned char tag, std::string_view what);
  // The next element if it has this tag; nothing, and nothing consumed, if it has another.
  Result<std::optional<DerElement>> next_if(unsigned char tag);

 private:
  Bytes rest_;
};

// The one element that `input` consists of; bytes after it are an error.
Result<DerElement> sole_element(Bytes input, unsigned char tag, std::string_view what);

// Whether `input` is DER through and through: every constructed element is entered, integers are
// minimal and booleans are 00 or FF. Nesting is bounded.
Result<void> check_der(Bytes input);

// The dotted form of an OBJECT IDENTIFIER's content.
Result<std::string> oid_text(Bytes content);
// A UTCTime or GeneralizedTime as RFC 5280 4.1.2.5 has it: seconds and "Z", nothing else.
Result<TimePoint> der_time(const DerElement& element);
// An element of this tag around `content`.
Blob der_element(unsigned char tag, Bytes content);

}  // namespace signet
