#include "core/crypto/path_judge.hpp"

#include <openssl/x509v3.h>

#include <optional>

#include "core/base/text.hpp"
#include "core/crypto/openssl.hpp"

namespace signet {
namespace {

constexpr int kSecurityLevel = 2;  // 112 bits: RSA from 2048, SHA-2; a second fence behind ours

struct Complaint {
  int error = X509_V_OK;
  std::size_t depth = 0;
};

// What the callbacks of one verification share.
struct Hearing {
  std::span<const Certificate> path;
  std::size_t below;  // certificates of the whole path that stand below this part of it
  const JudgeOptions& options;
  std::optional<Complaint> expired;  // remembered, so that a bad signature is still found
  std::optional<Complaint> fatal;
};

Hearing& hearing_of(X509_STORE_CTX* context) {
  return *static_cast<Hearing*>(X509_STORE_CTX_get_app_data(context));
}

// OpenSSL asks which certificate may be the issuer of another. Only the next one of the path may:
// OpenSSL takes the first that fits the name and never turns back.
int issued_by_next(X509_STORE_CTX* context, X509* child, X509* issuer) {
  const auto path = hearing_of(context).path;
  for (std::size_t i = 0; i + 1 < path.size(); ++i) {
    if (path[i].handle() != child) continue;
    return path[i + 1].handle() == issuer && X509_check_issued(issuer, child) == X509_V_OK ? 1 : 0;
  }
  return 0;
}

bool is_about_time(int error) {
  return error == X509_V_ERR_CERT_HAS_EXPIRED || error == X509_V_ERR_CERT_NOT_YET_VALID;
}

int on_step(int good, X509_STORE_CTX* context) {
  if (good == 1) return 1;
  Hearing& hearing = hearing_of(context);
  const int depth = X509_STORE_CTX_get_error_depth(context);
  const Complaint complaint{X509_STORE_CTX_get_error(context),
                            static_cast<std::size_t>(depth < 0 ? 0 : depth)};
  const bool pass_over =
      hearing.options.passes_over != nullptr &&
      hearing.options.passes_over(complaint.error, hearing.below + complaint.depth);
  if (pass_over || is_about_time(complaint.error)) {
    if (!pass_over && !hearing.expired) hearing.expired = complaint;
    X509_STORE_CTX_set_error(context, X509_V_OK);
    return 1;
  }
  hearing.fatal = complaint;
  return 0;
}

Reason reason_of(int error) {
  switch (error) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return Reason::chain_expired;
    case X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION:
    case X509_V_ERR_INVALID_EXTENSION:
    case X509_V_ERR_INVALID_PURPOSE:
    case X509_V_ERR_CA_MD_TOO_WEAK:
    case X509_V_ERR_EE_KEY_TOO_SMALL:
    case X509_V_ERR_CA_KEY_TOO_SMALL:
      return Reason::cert_profile;
    case X509_V_ERR_CERT_REVOKED:
      return Reason::revoked;
    case X509_V_ERR_UNABLE_TO_GET_CRL:
    case X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER:
    case X509_V_ERR_CRL_NOT_YET_VALID:
    case X509_V_ERR_CRL_HAS_EXPIRED:
    case X509_V_ERR_CRL_SIGNATURE_FAILURE:
    case X509_V_ERR_KEYUSAGE_NO_CRL_SIGN:
    case X509_V_ERR_DIFFERENT_CRL_SCOPE:
    case X509_V_ERR_CRL_PATH_VALIDATION_ERROR:
    case X509_V_ERR_UNHANDLED_CRITICAL_CRL_EXTENSION:
      return Reason::crl_stale;
    default:
      return Reason::chain_untrusted;
  }
}

std::string said_of(const Complaint& complaint, const Hearing& hearing) {
  const bool inside = complaint.depth < hearing.path.size();
  const Certificate& certificate = hearing.path[inside ? complaint.depth : 0];
  const std::string name = printable(certificate.subject(), 128);
  const std::string at = format_time(hearing.options.at);
  switch (complaint.error) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return cat("certificate ", name, " expired at ", format_time(certificate.not_after()),
                 "; judged at ", at);
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return cat("certificate ", name, " is valid only from ",
                 format_time(certificate.not_before()), "; judged at ", at);
    case X509_V_ERR_CERT_REVOKED:
      return cat("certificate ", name, " (serial ", certificate.serial(), ") is revoked");
    case X509_V_ERR_UNABLE_TO_GET_CRL:
      return cat("certificate ", name, ": no CRL of ", printable(certificate.issuer(), 128),
                 " is configured");
    default:
      return cat("certificate ", name, ": ", X509_verify_cert_error_string(complaint.error));
  }
}

Error error_of(const Complaint& complaint, const Hearing& hearing) {
  return {reason_of(complaint.error), said_of(complaint, hearing)};
}

Error out_of_memory() {
  return {Reason::internal, "OpenSSL could not prepare the judgement of a path"};
}

// A store that holds the anchor alone: nothing else can end the path.
StoreOwner store_with(const Certificate& anchor) {
  StoreOwner store(X509_STORE_new());
  if (!store || X509_STORE_add_cert(store.get(), anchor.handle()) != 1) return nullptr;
  X509_STORE_set_check_issued(store.get(), issued_by_next);
  return store;
}

CertificateStack stack_of(std::span<const Certificate> certificates) {
  CertificateStack stack(sk_X509_new_null());
  for (const Certificate& one : certificates) {
    if (stack && sk_X509_push(stack.get(), one.handle()) == 0) return nullptr;
  }
  return stack;
}

CrlStack stack_of(std::span<const Crl> crls) {
  CrlStack stack(sk_X509_CRL_new_null());
  for (const Crl& one : crls) {
    if (stack && sk_X509_CRL_push(stack.get(), one.handle()) == 0) return nullptr;
  }
  return stack;
}

void configure(X509_STORE_CTX* context, const JudgeOptions& options) {
  X509_VERIFY_PARAM* const param = X509_STORE_CTX_get0_param(context);
  // PARTIAL_CHAIN: a configured anchor need not be self-signed. X509_STRICT stays off (rulings 1).
  X509_VERIFY_PARAM_set_flags(
      param, X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_TRUSTED_FIRST | options.flags);
  X509_VERIFY_PARAM_set_time(param, static_cast<time_t>(options.at.time_since_epoch().count()));
  X509_VERIFY_PARAM_set_auth_level(param, kSecurityLevel);
  // The common name is never an identity here, so that it is not held against name constraints.
  X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  X509_STORE_CTX_set_verify_cb(context, on_step);
}

bool is_given_path(X509_STORE_CTX* context, std::span<const Certificate> path) {
  STACK_OF(X509)* const chain = X509_STORE_CTX_get0_chain(context);
  if (chain == nullptr || sk_X509_num(chain) != static_cast<int>(path.size())) return false;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (X509_cmp(sk_X509_value(chain, static_cast<int>(i)), path[i].handle()) != 0) return false;
  }
  return true;
}

// Judges the part of the path from `begin` up to and without `end`, whose last certificate stands
// for an anchor.
Result<void> judge_part(std::span<const Certificate> whole, std::size_t begin, std::size_t end,
                        const JudgeOptions& options) {
  const auto path = whole.subspan(begin, end - begin);
  ErrorQueue errors;
  const StoreOwner store = store_with(path.back());
  const CertificateStack untrusted = stack_of(path.first(path.size() - 1));
  const CrlStack crls = stack_of(options.crls);
  const StoreContextOwner context(X509_STORE_CTX_new());
  if (!store || !untrusted || !crls || !context) return out_of_memory();
  if (X509_STORE_CTX_init(context.get(), store.get(), path.front().handle(), untrusted.get()) !=
      1) {
    return out_of_memory();
  }
  Hearing hearing{path, begin, options, std::nullopt, std::nullopt};
  X509_STORE_CTX_set_app_data(context.get(), &hearing);
  X509_STORE_CTX_set0_crls(context.get(), crls.get());
  configure(context.get(), options);

  const int verdict = X509_verify_cert(context.get());

  if (hearing.fatal) return error_of(*hearing.fatal, hearing);
  // Only 1 is yes: a negative answer is an error of the library (CVE-2021-4044).
  if (verdict != 1 || X509_STORE_CTX_get_error(context.get()) != X509_V_OK) {
    return Error(Reason::chain_untrusted, cat("OpenSSL refuses the path: ", errors.drain()));
  }
  if (hearing.expired) return error_of(*hearing.expired, hearing);
  if (!is_given_path(context.get(), path)) {
    return Error(Reason::chain_untrusted, "OpenSSL judged another path than the one given");
  }
  return {};
}

// ---- certificates that OpenSSL takes for self-signed

// OpenSSL takes a self-issued certificate without key identifiers for a self-signed one and lets no
// path go on behind it. A CA that renewed its key under its own name has such a certificate.
bool stops_openssl(const Certificate& certificate) {
  return (X509_get_extension_flags(certificate.handle()) & EXFLAG_SS) != 0;
}

bool is_self_issued(const Certificate& certificate) {
  return X509_NAME_cmp(X509_get_subject_name(certificate.handle()),
                       X509_get_issuer_name(certificate.handle())) == 0;
}

Result<void> check_link(const Certificate& child, const Certificate& issuer) {
  ErrorQueue errors;
  if (X509_check_issued(issuer.handle(), child.handle()) == X509_V_OK &&
      X509_verify(child.handle(), issuer.public_key().handle()) == 1) {
    return {};
  }
  return Error(Reason::chain_untrusted, cat("certificate ", printable(child.subject(), 128),
                                            " has no signature of its issuer's key"));
}

// What the CAs above such a certificate demand of the whole path below them (RFC 5280 4.2.1.9,
// 4.2.1.10); the part in which they are judged does not hold it.
Result<void> check_demands_from_above(std::span<const Certificate> path, std::size_t first) {
  long intermediates = 0;  // that are not self-issued, below the certificate looked at
  for (std::size_t i = 1; i < path.size(); ++i) {
    const Certificate& issuer = path[i];
    const std::string name = printable(issuer.subject(), 128);
    const long most = X509_get_pathlen(issuer.handle());
    if (i >= first && most >= 0 && intermediates > most) {
      return Error(Reason::chain_untrusted, cat("certificate ", name, ": path length exceeded"));
    }
    if (i >= first && issuer.extension("2.5.29.30")) {
      return Error(Reason::chain_untrusted, cat("certificate ", name,
                                                ": its name constraints cannot be applied across a "
                                                "self-issued certificate without key identifiers"));
    }
    if (!is_self_issued(issuer)) ++intermediates;
  }
  return {};
}

}  // namespace

Result<void> judge_path(std::span<const Certificate> path, const JudgeOptions& options) {
  std::size_t begin = 0;
  for (std::size_t i = 1; i + 1 < path.size(); ++i) {
    if (!stops_openssl(path[i])) continue;
    const auto part = judge_part(path, begin, i + 1, options);
    if (!part) return part;
    const auto link = check_link(path[i], path[i + 1]);
    if (!link) return link;
    const auto above = begin == 0 ? check_demands_from_above(path, i + 1) : Result<void>();
    if (!above) return above;
    begin = i + 1;
  }
  return judge_part(path, begin, path.size(), options);
}

}  // namespace signet
