#include "core/crypto/names.hpp"

#include <algorithm>

#include "core/base/limits.hpp"
#include "core/base/text.hpp"
#include "core/crypto/der.hpp"

namespace signet {
namespace {

constexpr std::string_view kFulcioUserName = "1.3.6.1.4.1.57264.1.7";

// RFC 5280 4.2.1.6: GeneralName ::= CHOICE, implicitly tagged but for the directory name.
constexpr unsigned char kOtherName = der::constructed(0);
constexpr unsigned char kEmail = der::context(1);
constexpr unsigned char kDns = der::context(2);
constexpr unsigned char kX400Address = der::constructed(3);
constexpr unsigned char kDirectoryName = der::constructed(4);
constexpr unsigned char kEdiPartyName = der::constructed(5);
constexpr unsigned char kUri = der::context(6);
constexpr unsigned char kIpAddress = der::context(7);
constexpr unsigned char kRegisteredId = der::context(8);

using MaybeName = std::optional<SubjectName>;

bool is_ascii(Bytes text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// IA5String is ASCII; other octets have overflowed the stack of name constraint code
// (CVE-2022-3602).
Result<MaybeName> ascii_name(NameType type, Bytes content) {
  if (!is_ascii(content)) {
    return malformed(
        cat("subjectAltName: the ", name_of(type), " ", quoted(content, 64), " is not ASCII"));
  }
  return MaybeName(SubjectName{type, std::string(content)});
}

// OtherName ::= SEQUENCE { type-id OBJECT IDENTIFIER, value [0] EXPLICIT ANY }.
Result<MaybeName> other_name(Bytes content) {
  DerReader reader(content);
  const auto oid = reader.next(der::kObjectId, "type of an otherName");
  if (!oid) return oid.error();
  const auto value = reader.next(der::constructed(0), "value of an otherName");
  if (!value) return value.error();
  if (!reader.at_end()) return malformed("bytes after the value of an otherName");
  const auto type = oid_text(oid->content);
  if (!type) return type.error();
  if (*type != kFulcioUserName) return MaybeName();
  const auto text = sole_element(value->content, der::kUtf8String, "UTF8String of a user name");
  if (!text) return text.error();
  return MaybeName(SubjectName{NameType::other_name, std::string(text->content)});
}

Result<MaybeName> read_name(const DerElement& element) {
  switch (element.tag) {
    case kEmail:
      return ascii_name(NameType::email, element.content);
    case kDns:
      return ascii_name(NameType::dns, element.content);
    case kUri:
      return ascii_name(NameType::uri, element.content);
    case kOtherName:
      return other_name(element.content);
    case kIpAddress:
      if (element.content.size() != 4 && element.content.size() != 16) {
        return malformed("subjectAltName: an IP address of neither 4 nor 16 octets");
      }
      return MaybeName();
    case kDirectoryName:
    case kRegisteredId:
      return MaybeName();
    case kX400Address:
    case kEdiPartyName:
      // CVE-2023-0286, CVE-2020-1971: nobody uses them but attackers of comparison code.
      return malformed("subjectAltName: an x400Address or ediPartyName");
    default:
      return malformed("subjectAltName: a name of no known type");
  }
}

}  // namespace

Result<std::vector<SubjectName>> read_names(Bytes value) {
  const auto sequence = sole_element(value, der::kSequence, "subjectAltName");
  if (!sequence) return sequence.error();
  const auto canonical = check_der(value);
  if (!canonical) return canonical.error().under("subjectAltName");
  std::vector<SubjectName> names;
  std::size_t count = 0;
  DerReader reader(sequence->content);
  while (!reader.at_end()) {
    const auto element = reader.next();
    if (!element) return element.error();
    if (++count > kCertificateNames) {
      return too_large(
          cat("more than ", std::to_string(kCertificateNames), " names in the subjectAltName"));
    }
    auto name = read_name(*element);
    if (!name) return name.error();
    if (*name) names.push_back(std::move(**name));
  }
  const auto user_names = std::count_if(names.begin(), names.end(), [](const SubjectName& name) {
    return name.type == NameType::other_name;
  });
  if (user_names > 1) return malformed("subjectAltName: more than one Fulcio user name");
  return names;
}

}  // namespace signet
