#include "core/crypto/revocation.hpp"

#include "core/base/text.hpp"
#include "core/crypto/crl_update.hpp"
#include "core/crypto/openssl.hpp"
#include "core/crypto/path_judge.hpp"

namespace signet {
namespace {

// Of several CRLs under one name OpenSSL takes the newest and fails if that one is of a namesake:
// then those count whose signature is this issuer's.
std::vector<Crl> crls_of(const Certificate& issuer, std::span<const Crl> crls) {
  std::vector<Crl> named;
  for (const Crl& crl : crls) {
    if (names_issuer(crl, issuer)) named.push_back(crl);
  }
  if (named.size() > 1) {
    std::erase_if(named, [&](const Crl& crl) { return !is_signed_by(crl, issuer); });
  }
  return named;
}

bool is_about_crl(int error) {
  switch (error) {
    case X509_V_ERR_UNABLE_TO_GET_CRL:
    case X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER:
    case X509_V_ERR_UNABLE_TO_DECRYPT_CRL_SIGNATURE:
    case X509_V_ERR_CRL_NOT_YET_VALID:
    case X509_V_ERR_CRL_HAS_EXPIRED:
    case X509_V_ERR_CRL_SIGNATURE_FAILURE:
    case X509_V_ERR_KEYUSAGE_NO_CRL_SIGN:
    case X509_V_ERR_DIFFERENT_CRL_SCOPE:
    case X509_V_ERR_CRL_PATH_VALIDATION_ERROR:
    case X509_V_ERR_UNHANDLED_CRITICAL_CRL_EXTENSION:
      return true;
    default:
      return false;
  }
}

}  // namespace

std::vector<Crl> crls_for(std::span<const Certificate> path, std::span<const Crl> crls) {
  std::vector<Crl> relevant;
  for (const Certificate& issuer : path.subspan(1)) {
    const auto own = crls_of(issuer, crls);
    relevant.insert(relevant.end(), own.begin(), own.end());
  }
  return relevant;
}

Result<std::vector<std::string>> check_revocation(std::span<const Certificate> path,
                                                  std::span<const Crl> crls, Revocation revocation,
                                                  TimePoint at) {
  std::vector<std::string> notes;
  if (revocation == Revocation::off || path.size() < 2) return notes;
  const std::size_t anchor = path.size() - 1;
  const auto note = [&](int error, std::size_t depth) {
    notes.push_back(cat("revocation of ", printable(path[depth].subject(), 128),
                        " was not checked (bestEffort): ", X509_verify_cert_error_string(error)));
  };
  JudgeOptions options;
  options.at = at;
  options.flags = X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL;
  options.crls = crls;
  // OpenSSL would have a CRL about the anchor too; nobody revokes what was configured but the one
  // who configured it.
  options.passes_over = [&](int error, std::size_t depth) {
    if (depth >= anchor) return is_about_crl(error) || error == X509_V_ERR_CERT_REVOKED;
    if (!is_about_crl(error) || revocation != Revocation::best_effort) return false;
    note(error, depth);
    return true;
  };
  const auto judged = judge_path(path, options);
  if (!judged) return judged.error();
  return notes;
}

}  // namespace signet
