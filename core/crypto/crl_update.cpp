#include "core/crypto/crl_update.hpp"

#include <openssl/x509v3.h>

#include <algorithm>
#include <memory>

#include "core/base/text.hpp"
#include "core/crypto/openssl.hpp"

namespace signet {
namespace {

struct FreeInteger {
  void operator()(ASN1_INTEGER* number) const { ASN1_INTEGER_free(number); }
};
using Integer = std::unique_ptr<ASN1_INTEGER, FreeInteger>;

// Every CRL that can be read has one.
Integer number_of(const Crl& crl) {
  return Integer(static_cast<ASN1_INTEGER*>(
      X509_CRL_get_ext_d2i(crl.handle(), NID_crl_number, nullptr, nullptr)));
}

const Certificate* signer_of(const Crl& crl, std::span<const Certificate> issuers) {
  const auto found = std::find_if(issuers.begin(), issuers.end(), [&](const Certificate& issuer) {
    return names_issuer(crl, issuer) && is_signed_by(crl, issuer);
  });
  return found == issuers.end() ? nullptr : &*found;
}

// The one that says most of those which this issuer signed.
const Crl* newest_of(const Certificate& issuer, std::span<const Crl> crls) {
  const Crl* newest = nullptr;
  for (const Crl& crl : crls) {
    if (!names_issuer(crl, issuer) || !is_signed_by(crl, issuer)) continue;
    if (!newest || newest->this_update() < crl.this_update()) newest = &crl;
  }
  return newest;
}

Result<void> not_older(const Crl& crl, const Crl& before) {
  const Integer number = number_of(crl);
  const Integer known = number_of(before);
  if (!number || !known) return malformed("its CRL number cannot be read");
  const int order = ASN1_INTEGER_cmp(number.get(), known.get());
  if (order > 0 || (order == 0 && crl.this_update() >= before.this_update())) return {};
  return Error(Reason::crl_stale,
               cat("it is older than the one that is known: from ", format_time(crl.this_update()),
                   order < 0 ? ", with a lower CRL number" : ", with the same CRL number"));
}

Result<void> acceptable(const Crl& crl, std::span<const Certificate> issuers,
                        std::span<const Crl> before, TimePoint now) {
  const Certificate* const issuer = signer_of(crl, issuers);
  if (issuer == nullptr) {
    return Error(Reason::chain_untrusted, "no CA that is configured beside its URL signed it");
  }
  if (crl.this_update() > now) {
    return Error(Reason::crl_stale,
                 cat("it is of the future: from ", format_time(crl.this_update())));
  }
  if (crl.next_update() < now) {
    return Error(Reason::crl_stale, cat("it ended at ", format_time(crl.next_update())));
  }
  const Crl* const known = newest_of(*issuer, before);
  return known == nullptr ? Result<void>() : not_older(crl, *known);
}

}  // namespace

bool names_issuer(const Crl& crl, const Certificate& issuer) {
  return X509_NAME_cmp(X509_CRL_get_issuer(crl.handle()), X509_get_subject_name(issuer.handle())) ==
         0;
}

bool is_signed_by(const Crl& crl, const Certificate& issuer) {
  ErrorQueue errors;
  return X509_CRL_verify(crl.handle(), issuer.public_key().handle()) == 1;
}

Result<std::vector<Crl>> accept_crls(Bytes fetched, std::span<const Certificate> issuers,
                                     std::span<const Crl> before, TimePoint now) {
  auto crls = parse_crls(fetched);
  if (!crls) return crls;
  for (const Crl& crl : *crls) {
    const auto good = acceptable(crl, issuers, before, now);
    if (!good) return good.error().under(cat("CRL of ", quoted(crl.issuer(), 120)));
  }
  for (const Crl& known : before) {
    const Certificate* const issuer = signer_of(known, issuers);
    if (issuer == nullptr || known.next_update() < now || newest_of(*issuer, *crls)) continue;
    return Error(Reason::crl_stale,
                 cat("the CRL of ", quoted(known.issuer(), 120), " is no longer there"));
  }
  return crls;
}

}  // namespace signet
