#include "core/crypto/certificate.hpp"

#include <openssl/x509v3.h>

#include <algorithm>
#include <array>

#include "core/base/limits.hpp"
#include "core/base/text.hpp"
#include "core/crypto/der.hpp"
#include "core/crypto/names.hpp"
#include "core/crypto/openssl.hpp"
#include "core/crypto/pem.hpp"
#include "core/crypto/tbs.hpp"

namespace signet {

struct Certificate::Parsed {
  std::string der;
  CertificateOwner handle;
  TbsFields fields;
  std::vector<SubjectName> names;
  PublicKey key;
  bool ca = false;
};

namespace {

constexpr std::string_view kSubjectAltName = "2.5.29.17";
constexpr std::size_t kCertificatesKept = 64;  // at most 1 MiB of DER

const Extension* find_extension(const std::vector<Extension>& extensions, std::string_view oid) {
  const auto found = std::find_if(extensions.begin(), extensions.end(),
                                  [&](const Extension& one) { return one.oid == oid; });
  return found == extensions.end() ? nullptr : &*found;
}

Result<std::vector<SubjectName>> names_in(const std::vector<Extension>& extensions) {
  const Extension* const san = find_extension(extensions, kSubjectAltName);
  return san == nullptr ? std::vector<SubjectName>() : read_names(san->value);
}

// d2i_X509 stops at the end of the first certificate without a word; what follows was refused
// before, by read_tbs().
Result<CertificateOwner> decode(Bytes der) {
  ErrorQueue errors;
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  CertificateOwner handle(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  if (!handle) return malformed(cat("not a certificate: ", errors.drain()));
  // Reads the extensions that OpenSSL understands, once, and marks what it cannot read.
  X509_check_purpose(handle.get(), -1, 0);
  if ((X509_get_extension_flags(handle.get()) & EXFLAG_INVALID) != 0) {
    return malformed("a certificate with an extension that cannot be read");
  }
  return handle;
}

bool claims_ca(const X509* certificate) {
  const auto flags = X509_get_extension_flags(const_cast<X509*>(certificate));
  return (flags & EXFLAG_BCONS) != 0 && (flags & EXFLAG_CA) != 0;
}

}  // namespace

std::string_view name_of(NameType type) {
  switch (type) {
    case NameType::email:
      return "e-mail";
    case NameType::uri:
      return "URI";
    case NameType::dns:
      return "DNS name";
    case NameType::other_name:
      return "otherName";
  }
  return "name";
}

// The same few signers and CAs come again and again, and OpenSSL 3.0 needs twice as long to find
// the decoder of a key as to verify with it. Parsing depends on the bytes alone, so nobody can tell
// a certificate that was kept from one that was parsed again.
Result<Certificate> Certificate::from_der(Bytes der) {
  thread_local std::array<std::shared_ptr<const Parsed>, kCertificatesKept> kept;
  thread_local std::size_t oldest = 0;
  for (const auto& one : kept) {
    if (one != nullptr && one->der == der) return Certificate(one);
  }
  auto parsed = parse(der);
  if (!parsed) return parsed;
  kept[oldest] = parsed->parsed_;
  oldest = (oldest + 1) % kept.size();
  return parsed;
}

Result<Certificate> Certificate::parse(Bytes der) {
  auto fields = read_tbs(der);
  if (!fields) return fields.error().under("certificate");
  auto names = names_in(fields->extensions);
  if (!names) return names.error().under("certificate");
  auto handle = decode(der);
  if (!handle) return handle.error();
  std::shared_ptr<EVP_PKEY> pkey(X509_get_pubkey(handle->get()), EVP_PKEY_free);
  auto key = PublicKey::adopt(std::move(pkey), fields->spki);
  if (!key) return key.error().under("certificate");
  const bool ca = claims_ca(handle->get());
  Parsed parsed{std::string(der),  std::move(*handle), std::move(*fields),
                std::move(*names), std::move(*key),    ca};
  return Certificate(std::make_shared<const Parsed>(std::move(parsed)));
}

const std::string& Certificate::der() const {
  return parsed_->der;
}

std::string Certificate::subject() const {
  return name_text(X509_get_subject_name(parsed_->handle.get()));
}

std::string Certificate::issuer() const {
  return name_text(X509_get_issuer_name(parsed_->handle.get()));
}

int Certificate::version() const {
  return parsed_->fields.version;
}

std::string Certificate::serial() const {
  return parsed_->fields.serial;
}

TimePoint Certificate::not_before() const {
  return parsed_->fields.not_before;
}

TimePoint Certificate::not_after() const {
  return parsed_->fields.not_after;
}

const PublicKey& Certificate::public_key() const {
  return parsed_->key;
}

bool Certificate::is_ca() const {
  return parsed_->ca;
}

const std::vector<SubjectName>& Certificate::names() const {
  return parsed_->names;
}

std::optional<std::string> Certificate::extension(std::string_view oid) const {
  const Extension* const found = find_extension(parsed_->fields.extensions, oid);
  if (found == nullptr) return std::nullopt;
  return found->value;
}

const std::vector<Extension>& Certificate::extensions() const {
  return parsed_->fields.extensions;
}

x509_st* Certificate::handle() const {
  return parsed_->handle.get();
}

Result<std::vector<Certificate>> parse_certificates(Bytes pem, std::size_t most) {
  const auto blocks = parse_pem(pem, most);
  if (!blocks) return blocks.error();
  for (const PemBlock& block : *blocks) {
    if (block.label != "CERTIFICATE") {
      return malformed(cat("a ", block.label, " block where only CERTIFICATE blocks belong"));
    }
  }
  std::vector<Certificate> certificates;
  certificates.reserve(blocks->size());
  for (const PemBlock& block : *blocks) {
    auto certificate = Certificate::from_der(block.der);
    if (!certificate) {
      return certificate.error().under(cat("PEM block ", std::to_string(certificates.size() + 1)));
    }
    certificates.push_back(std::move(*certificate));
  }
  return certificates;
}

}  // namespace signet
