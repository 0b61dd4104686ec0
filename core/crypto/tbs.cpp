#include "core/crypto/tbs.hpp"

#include <algorithm>

#include "core/base/limits.hpp"
#include "core/base/text.hpp"
#include "core/crypto/der.hpp"
#include "core/crypto/spki.hpp"

namespace signet {
namespace {

// RFC 5280 4.2.1.1, 4.2.1.2, 4.2.2.1: conforming CAs mark these non-critical; cosign does not parse
// a certificate that does otherwise.
constexpr std::string_view kNeverCritical[] = {
    "2.5.29.14",          // subjectKeyIdentifier
    "2.5.29.35",          // authorityKeyIdentifier
    "1.3.6.1.5.5.7.1.1",  // authorityInfoAccess
};

Error not_allowed(std::string what) {
  return {Reason::cert_profile, std::move(what)};
}

Result<int> read_version(DerReader& reader) {
  const auto wrapped = reader.next_if(der::constructed(0));
  if (!wrapped) return wrapped.error();
  if (!*wrapped) return 1;
  const auto number = sole_element((*wrapped)->content, der::kInteger, "version");
  if (!number) return number.error();
  if (number->content != Bytes("\x02", 1)) {
    return malformed("a certificate of neither version 1 nor version 3");
  }
  return 3;
}

// RFC 5280 4.1.2.2: positive, at most 20 octets (rulings: zero and over-long ones are refused).
Result<std::string> read_serial(DerReader& reader) {
  const auto number = reader.next(der::kInteger, "serial number");
  if (!number) return number.error();
  Bytes digits = number->content;
  if (static_cast<unsigned char>(digits.front()) >= 0x80) {
    return not_allowed("a serial number that is negative");
  }
  if (digits.front() == 0) digits.remove_prefix(1);
  if (digits.empty()) return not_allowed("a serial number of zero");
  if (digits.size() > kSerialBytes) {
    return not_allowed(
        cat("a serial number of more than ", std::to_string(kSerialBytes), " octets"));
  }
  return hex(digits);
}

Result<void> read_validity(DerReader& reader, TbsFields& fields) {
  const auto validity = reader.next(der::kSequence, "validity");
  if (!validity) return validity.error();
  DerReader times(validity->content);
  for (TimePoint* const field : {&fields.not_before, &fields.not_after}) {
    const auto element = times.next();
    if (!element) return element.error();
    const auto time = der_time(*element);
    if (!time) return time.error();
    *field = *time;
  }
  if (!times.at_end()) return malformed("a validity of more than two times");
  return {};
}

Result<Extension> read_extension(Bytes content) {
  DerReader reader(content);
  const auto oid = reader.next(der::kObjectId, "OID of an extension");
  if (!oid) return oid.error();
  const auto critical = reader.next_if(der::kBoolean);
  if (!critical) return critical.error();
  const auto value = reader.next(der::kOctetString, "value of an extension");
  if (!value) return value.error();
  if (!reader.at_end()) return malformed("bytes after the value of an extension");
  auto text = oid_text(oid->content);
  if (!text) return text.error();
  const bool is_critical = *critical && (*critical)->content.front() != 0;
  return Extension{std::move(*text), is_critical, std::string(value->content)};
}

Result<void> check_extensions(const std::vector<Extension>& extensions) {
  for (const Extension& one : extensions) {
    const bool never_critical = std::find(std::begin(kNeverCritical), std::end(kNeverCritical),
                                          one.oid) != std::end(kNeverCritical);
    if (one.critical && never_critical) {
      return not_allowed(cat("the extension ", one.oid, " must not be critical"));
    }
  }
  return {};
}

// issuerUniqueID, subjectUniqueID, extensions: all optional, in this order.
Result<void> read_tail(DerReader& reader, TbsFields& fields) {
  for (const unsigned char number : {1, 2}) {
    const auto unique_id = reader.next_if(der::context(number));
    if (!unique_id) return unique_id.error();
  }
  const auto wrapped = reader.next_if(der::constructed(3));
  if (!wrapped) return wrapped.error();
  if (!reader.at_end()) return malformed("bytes after the last field");
  if (!*wrapped) return {};
  if (fields.version != 3) return malformed("extensions in a certificate of version 1");
  auto extensions = read_extensions((*wrapped)->content, "certificate");
  if (!extensions) return extensions.error();
  fields.extensions = std::move(*extensions);
  return check_extensions(fields.extensions);
}

Result<TbsFields> read_fields(Bytes tbs, Bytes outer_algorithm) {
  TbsFields fields;
  DerReader reader(tbs);
  const auto version = read_version(reader);
  if (!version) return version.error();
  fields.version = *version;
  auto serial = read_serial(reader);
  if (!serial) return serial.error();
  fields.serial = std::move(*serial);
  const auto algorithm = reader.next(der::kSequence, "signature algorithm");
  if (!algorithm) return algorithm.error();
  // RFC 5280 4.1.1.2: the unsigned copy must say what the signed one says.
  if (algorithm->whole != outer_algorithm) {
    return malformed("the two signature algorithms of the certificate differ");
  }
  const auto issuer = reader.next(der::kSequence, "issuer");
  if (!issuer) return issuer.error();
  const auto validity = read_validity(reader, fields);
  if (!validity) return validity.error();
  const auto subject = reader.next(der::kSequence, "subject");
  if (!subject) return subject.error();
  const auto spki = reader.next(der::kSequence, "public key");
  if (!spki) return spki.error();
  const auto key = check_spki(spki->whole);
  if (!key) return key.error();
  fields.spki = Blob(spki->whole);
  const auto tail = read_tail(reader, fields);
  if (!tail) return tail.error();
  return fields;
}

}  // namespace

Result<std::vector<Extension>> read_extensions(Bytes sequence, std::string_view what) {
  const auto list = sole_element(sequence, der::kSequence, "list of extensions");
  if (!list) return list.error();
  std::vector<Extension> extensions;
  DerReader reader(list->content);
  while (!reader.at_end()) {
    const auto element = reader.next(der::kSequence, "extension");
    if (!element) return element.error();
    if (extensions.size() == kCertificateExtensions) {
      return too_large(
          cat("more than ", std::to_string(kCertificateExtensions), " extensions in one ", what));
    }
    auto extension = read_extension(element->content);
    if (!extension) return extension.error();
    // RFC 5280 4.2: each at most once; which of two counts would depend on the reader.
    const auto twin = std::find_if(extensions.begin(), extensions.end(),
                                   [&](const Extension& one) { return one.oid == extension->oid; });
    if (twin != extensions.end()) {
      return not_allowed(cat("the extension ", extension->oid, " stands twice"));
    }
    extensions.push_back(std::move(*extension));
  }
  return extensions;
}

Result<TbsFields> read_tbs(Bytes certificate) {
  if (certificate.size() > kCertificateBytes) {
    return too_large(cat("more than ", std::to_string(kCertificateBytes), " bytes"));
  }
  const auto outer = sole_element(certificate, der::kSequence, "certificate");
  if (!outer) return outer.error();
  const auto canonical = check_der(certificate);
  if (!canonical) return canonical.error();
  DerReader reader(outer->content);
  const auto tbs = reader.next(der::kSequence, "signed part");
  if (!tbs) return tbs.error();
  const auto algorithm = reader.next(der::kSequence, "signature algorithm");
  if (!algorithm) return algorithm.error();
  const auto signature = reader.next(der::kBitString, "signature");
  if (!signature) return signature.error();
  if (!reader.at_end()) return malformed("bytes after the signature");
  return read_fields(tbs->content, algorithm->whole);
}

}  // namespace signet
