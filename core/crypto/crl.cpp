#include "core/crypto/crl.hpp"

#include <openssl/x509v3.h>

#include <algorithm>

#include "core/base/limits.hpp"
#include "core/base/text.hpp"
#include "core/crypto/der.hpp"
#include "core/crypto/openssl.hpp"
#include "core/crypto/pem.hpp"
#include "core/crypto/tbs.hpp"

namespace signet {

struct Crl::Parsed {
  std::string der;
  CrlOwner handle;
  TimePoint this_update;
  TimePoint next_update;
};

namespace {

constexpr std::string_view kCrlNumber = "2.5.29.20";
constexpr std::string_view kDeltaIndicator = "2.5.29.27";
constexpr std::string_view kIssuingDistributionPoint = "2.5.29.28";

struct Fields {
  TimePoint this_update;
  TimePoint next_update;
  std::vector<Extension> extensions;
};

// RFC 5280 5.2.5: IssuingDistributionPoint. A CRL that leaves reasons or certificates of other
// issuers to another one says "not revoked" of certificates that it does not speak about.
Result<void> check_scope(Bytes value) {
  const auto point = sole_element(value, der::kSequence, "issuingDistributionPoint");
  if (!point) return point.error();
  DerReader reader(point->content);
  while (!reader.at_end()) {
    const auto element = reader.next();
    if (!element) return element.error();
    if (element->tag == der::context(3)) return malformed("it covers some reasons only");
    if (element->tag == der::context(4)) return malformed("it is an indirect CRL");
    if (element->tag == der::context(5)) return malformed("it covers attribute certificates only");
  }
  return {};
}

Result<void> check_crl_extensions(const std::vector<Extension>& extensions) {
  bool numbered = false;
  for (const Extension& one : extensions) {
    if (one.oid == kDeltaIndicator) return malformed("it is a delta CRL");
    if (one.oid == kIssuingDistributionPoint) {
      const auto scope = check_scope(one.value);
      if (!scope) return scope;
      continue;
    }
    // RFC 5280 5.2.1, 5.2.3: these two are never critical; others are unknown here.
    if (one.critical) return malformed(cat("the extension ", one.oid, " must not be critical"));
    numbered = numbered || one.oid == kCrlNumber;
  }
  if (!numbered) return malformed("it has no CRL number (RFC 5280 5.2.3)");
  return {};
}

Result<TimePoint> read_time(DerReader& reader, std::string_view what) {
  if (!reader.is_next(der::kUtcTime) && !reader.is_next(der::kGeneralizedTime)) {
    return malformed(cat("it has no ", what));
  }
  const auto element = reader.next();
  if (!element) return element.error();
  return der_time(*element);
}

// TBSCertList (RFC 5280 5.1.2); the revoked certificates themselves are left to OpenSSL.
Result<Fields> read_fields(Bytes tbs) {
  DerReader reader(tbs);
  const auto version = reader.next(der::kInteger, "version");
  if (!version) return version.error();
  if (version->content != Bytes("\x01", 1)) return malformed("it is not of version 2");
  for (const std::string_view what : {"signature algorithm", "issuer"}) {
    const auto element = reader.next(der::kSequence, what);
    if (!element) return element.error();
  }
  const auto this_update = read_time(reader, "thisUpdate");
  if (!this_update) return this_update.error();
  const auto next_update = read_time(reader, "nextUpdate");
  if (!next_update) return next_update.error();
  const auto revoked = reader.next_if(der::kSequence);
  if (!revoked) return revoked.error();
  const auto wrapped = reader.next(der::constructed(0), "list of extensions");
  if (!wrapped) return wrapped.error();
  if (!reader.at_end()) return malformed("bytes after the last field");
  auto extensions = read_extensions(wrapped->content, "CRL");
  if (!extensions) return extensions.error();
  return Fields{*this_update, *next_update, std::move(*extensions)};
}

Result<Fields> read_crl(Bytes der) {
  if (der.size() > kCrlBytes) {
    return too_large(cat("more than ", std::to_string(kCrlBytes), " bytes"));
  }
  const auto outer = sole_element(der, der::kSequence, "CRL");
  if (!outer) return outer.error();
  const auto canonical = check_der(der);
  if (!canonical) return canonical.error();
  DerReader reader(outer->content);
  const auto tbs = reader.next(der::kSequence, "signed part");
  if (!tbs) return tbs.error();
  auto fields = read_fields(tbs->content);
  if (!fields) return fields;
  const auto allowed = check_crl_extensions(fields->extensions);
  if (!allowed) return allowed.error();
  return fields;
}

// An entry that names another issuer makes the CRL an indirect one, whatever its scope says.
bool names_other_issuers(X509_CRL* crl) {
  STACK_OF(X509_REVOKED)* const entries = X509_CRL_get_REVOKED(crl);
  for (int i = 0; i < sk_X509_REVOKED_num(entries); ++i) {
    const X509_REVOKED* const entry = sk_X509_REVOKED_value(entries, i);
    if (X509_REVOKED_get_ext_by_NID(entry, NID_certificate_issuer, -1) >= 0) return true;
  }
  return false;
}

}  // namespace

Result<Crl> Crl::from_der(Bytes der) {
  const auto fields = read_crl(der);
  if (!fields) return fields.error().under("CRL");
  ErrorQueue errors;
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  CrlOwner handle(d2i_X509_CRL(nullptr, &at, static_cast<long>(der.size())));
  if (!handle) return malformed(cat("CRL that OpenSSL refuses: ", errors.drain()));
  if (names_other_issuers(handle.get())) return malformed("CRL: it is an indirect CRL");
  Parsed parsed{std::string(der), std::move(handle), fields->this_update, fields->next_update};
  return Crl(std::make_shared<const Parsed>(std::move(parsed)));
}

std::string Crl::issuer() const {
  return name_text(X509_CRL_get_issuer(parsed_->handle.get()));
}

TimePoint Crl::this_update() const {
  return parsed_->this_update;
}

TimePoint Crl::next_update() const {
  return parsed_->next_update;
}

const std::string& Crl::der() const {
  return parsed_->der;
}

X509_crl_st* Crl::handle() const {
  return parsed_->handle.get();
}

Result<std::vector<Crl>> parse_crls(Bytes pem_or_der) {
  std::vector<Crl> crls;
  if (!pem_or_der.empty() && static_cast<unsigned char>(pem_or_der.front()) == der::kSequence) {
    auto crl = Crl::from_der(pem_or_der);
    if (!crl) return crl.error();
    crls.push_back(std::move(*crl));
    return crls;
  }
  const auto blocks = parse_pem(pem_or_der, kTrustRootCertificates);
  if (!blocks) return blocks.error();
  for (const PemBlock& block : *blocks) {
    if (block.label != "X509 CRL") {
      return malformed(cat("a ", block.label, " block where only X509 CRL blocks belong"));
    }
  }
  for (const PemBlock& block : *blocks) {
    auto crl = Crl::from_der(block.der);
    if (!crl) return crl.error().under(cat("PEM block ", std::to_string(crls.size() + 1)));
    crls.push_back(std::move(*crl));
  }
  return crls;
}

}  // namespace signet
