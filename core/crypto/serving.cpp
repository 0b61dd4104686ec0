#include "core/crypto/serving.hpp"

#include <openssl/x509v3.h>

#include <algorithm>

#include "core/base/limits.hpp"
#include "core/base/text.hpp"
#include "core/crypto/openssl.hpp"

namespace signet {
namespace {

constexpr std::string_view kAuthorityName = "signet webhook CA ";
constexpr std::size_t kBundleCertificates = 64;
constexpr std::size_t kCommonNameBytes = 64;  // RFC 5280, ub-common-name

std::string alternatives(const ServiceNames& names, const std::string& before) {
  std::vector<std::string> all;
  for (const std::string& name : names)
    all.push_back(before + alternative_name(name));
  return join(all, ",");
}

bool is_address(const std::string& name) {
  return alternative_name(name).starts_with("IP:");
}

// Permits the names, and of addresses none but these: a stolen key is useless elsewhere.
std::string constraints_for(const ServiceNames& names) {
  std::vector<std::string> parts = {"critical"};
  for (const std::string& name : names) {
    const bool v6 = name.find(':') != std::string::npos;
    const std::string mask = v6 ? "/ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" : "/255.255.255.255";
    parts.push_back(cat("permitted;", alternative_name(name), is_address(name) ? mask : ""));
  }
  if (std::none_of(names.begin(), names.end(), is_address)) {
    parts.emplace_back("excluded;IP:0.0.0.0/0.0.0.0");
    parts.emplace_back("excluded;IP:::/::");
  }
  return join(parts, ",");
}

CertificateTemplate authority_template(const ServiceNames& names, TimePoint now,
                                       std::chrono::seconds valid_for) {
  CertificateTemplate content;
  content.common_name = cat(kAuthorityName, format_time(now));
  content.not_before = now - kServingBackdated;
  content.not_after = now + valid_for;
  content.ca = true;
  content.path_length = 0;
  content.name_constraints = constraints_for(names);
  return content;
}

StoreOwner store_of(const std::vector<Certificate>& anchors, const std::string& dns_name,
                    TimePoint now) {
  StoreOwner store(X509_STORE_new());
  if (!store) return nullptr;
  for (const Certificate& anchor : anchors) {
    if (X509_STORE_add_cert(store.get(), anchor.handle()) != 1) return nullptr;
  }
  X509_VERIFY_PARAM* const wanted = X509_STORE_get0_param(store.get());
  X509_VERIFY_PARAM_set_time(wanted, static_cast<time_t>(now.time_since_epoch().count()));
  X509_VERIFY_PARAM_set_purpose(wanted, X509_PURPOSE_SSL_SERVER);
  if (dns_name.empty()) return store;
  const bool named = X509_VERIFY_PARAM_set1_host(wanted, dns_name.data(), dns_name.size()) == 1;
  return named ? std::move(store) : nullptr;
}

CertificateStack stack_of(const std::vector<Certificate>& chain) {
  CertificateStack stack(sk_X509_new_null());
  for (const Certificate& certificate : chain) {
    if (!stack || sk_X509_push(stack.get(), certificate.handle()) == 0) return nullptr;
  }
  return stack;
}

}  // namespace

Result<ServingAuthority> make_serving_authority(const ServiceNames& names, TimePoint now,
                                                std::chrono::seconds valid_for) {
  auto key = PrivateKey::generate();
  if (!key) return key.error();
  auto certificate = issue(authority_template(names, now, valid_for), *key, Issuer());
  if (!certificate) return certificate.error();
  return ServingAuthority{std::move(*certificate), std::move(*key)};
}

Result<ServingAuthority> parse_serving_authority(Bytes certificate_pem, Bytes key_pem) {
  auto certificates = parse_certificates(certificate_pem, 1);
  if (!certificates) return certificates.error().as(Reason::malformed_object);
  auto key = PrivateKey::from_pem(key_pem);
  if (!key) return key.error();
  Certificate& certificate = certificates->front();
  if (!certificate.is_ca()) return malformed("the certificate is not one of an authority");
  if (!key->belongs_to(certificate)) return malformed("the key belongs to another certificate");
  return ServingAuthority{std::move(certificate), std::move(*key)};
}

bool is_authority_for(const Certificate& authority, const ServiceNames& names) {
  constexpr std::string_view kConstraintsId = "2.5.29.30";
  // What such an authority would say, from one that is made for the purpose.
  const auto sample = make_serving_authority(names, authority.not_before(), kServingBackdated);
  return sample &&
         authority.extension(kConstraintsId) == sample->certificate.extension(kConstraintsId);
}

bool is_serving_authority(const Certificate& certificate) {
  return certificate.is_ca() && certificate.subject().starts_with(cat("CN=", kAuthorityName));
}

Result<ServingCertificate> make_serving_certificate(const ServingAuthority* authority,
                                                    const ServiceNames& names, TimePoint now,
                                                    std::chrono::seconds valid_for) {
  if (names.empty()) return malformed("a certificate needs a name");
  const auto key = PrivateKey::generate();
  if (!key) return key.error();
  CertificateTemplate content;
  content.common_name = names.front().size() <= kCommonNameBytes ? names.front() : "signet";
  content.not_before = now - kServingBackdated;
  content.not_after = now + valid_for;
  content.alternative_names = alternatives(names, "");
  content.extended_key_usage = "serverAuth";
  Issuer issuer;
  if (authority != nullptr) {
    issuer = Issuer{&authority->certificate, &authority->key};
    content.not_after = std::min(content.not_after, authority->certificate.not_after());
  }
  const auto certificate = issue(content, *key, issuer);
  if (!certificate) return certificate.error();
  auto pem = key->pem();
  if (!pem) return pem.error();
  return ServingCertificate{certificate_pem(*certificate), std::move(*pem), content.not_before,
                            content.not_after};
}

bool names_host(const Certificate& certificate, const std::string& dns_name) {
  constexpr unsigned kFlags =
      X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS;
  return X509_check_host(certificate.handle(), dns_name.data(), dns_name.size(), kFlags, nullptr) ==
         1;
}

Result<void> check_trusted(Bytes bundle_pem, Bytes chain_pem, const std::string& dns_name,
                           TimePoint now) {
  ErrorQueue errors;
  const auto anchors = parse_certificates(bundle_pem, kBundleCertificates);
  if (!anchors) return anchors.error();
  const auto chain = parse_certificates(chain_pem, kBundleCertificates);
  if (!chain) return chain.error();
  const StoreOwner store = store_of(*anchors, dns_name, now);
  const CertificateStack rest = stack_of(*chain);
  const StoreContextOwner context(X509_STORE_CTX_new());
  if (!store || !rest || !context ||
      X509_STORE_CTX_init(context.get(), store.get(), chain->front().handle(), rest.get()) != 1) {
    return Error(Reason::internal, "checking a certificate failed");
  }
  if (X509_verify_cert(context.get()) == 1) return {};
  const int why = X509_STORE_CTX_get_error(context.get());
  return Error(Reason::chain_untrusted, X509_verify_cert_error_string(why));
}

}  // namespace signet
