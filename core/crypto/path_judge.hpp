#pragma once
// OpenSSL's judgement of one given path: signatures, validity, CA flags, path lengths, name
// constraints, critical extensions. It is not allowed to choose another path than the one given.

#include <openssl/x509_vfy.h>

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "core/crypto/certificate.hpp"
#include "core/crypto/crl.hpp"

namespace signet {

struct JudgeOptions {
  TimePoint at;
  unsigned long flags = 0;    // further X509_V_FLAGs
  std::span<const Crl> crls;  // with X509_V_FLAG_CRL_CHECK
  // Asked of each complaint: whether to pass over it. The time of a certificate is not asked about.
  std::function<bool(int error, std::size_t depth)> passes_over;
};

// `path` is leaf first and anchor last; self-issued certificates without key identifiers, which
// OpenSSL does not pass, divide it into parts that are judged one by one. Fails with
// chain_untrusted, chain_expired, cert_profile, crl_stale or revoked.
Result<void> judge_path(std::span<const Certificate> path, const JudgeOptions& options);

}  // namespace signet
