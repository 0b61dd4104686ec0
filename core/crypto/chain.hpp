#pragma once
// From a leaf to a configured anchor, judged at one point in time.
//
// Anchors come from `Trust` alone. Intermediates - configured or carried by a signature - are never
// anchors. OpenSSL does not backtrack, so every path (anchor x same-named candidates, in any file
// order, at most kPathCandidates) is enumerated here and judged by X509_verify_cert on its own,
// with the checks of security.md SR-16 as amended by rulings.md 1 on top.

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/base/limits.hpp"
#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "core/crypto/certificate.hpp"
#include "core/crypto/crl.hpp"

namespace signet {

enum class Revocation { off, best_effort, require };

// One CA: what may end a path, what may stand in it, and when it may be relied on.
struct CertificateAuthority {
  std::vector<Certificate> anchors;
  std::vector<Certificate> intermediates;
  Validity valid_for;
  std::vector<Crl> crls;
  std::vector<std::string> crl_urls = {};  // whence newer ones come; nobody here asks them
};

struct Trust {
  std::vector<CertificateAuthority> authorities;
  Revocation revocation = Revocation::off;
  bool carried_intermediates = true;  // may untrusted intermediates come from the signature itself?
  std::size_t max_intermediates = kMaxIntermediates;
};

// A path that was judged good.
struct Path {
  std::vector<Certificate> certificates;  // leaf first, anchor last
  std::size_t authority = 0;              // index into Trust::authorities
  bool issuer_configured =
      false;  // the certificate that issued the leaf is itself configured, compared as DER
  // The instants between which this judgement stays the same: certificates, validFor and CRLs.
  Validity stable;
  std::vector<std::string>
      notes;  // for example "no CRL for CN=x: not checked (revocation: bestEffort)"
};

enum class CodeSigning { optional, required };  // must the leaf carry EKU codeSigning?

// Certificate work that may still be done, shared by all that is asked for one image: one for each
// certificate that is parsed, or whose signature is checked.
class CertificateBudget {
 public:
  explicit CertificateBudget(std::size_t most) : left_(most) {}
  // False where so much is not left; then nothing is.
  bool take(std::size_t count) {
    exceeded_ = exceeded_ || count > left_;
    left_ = exceeded_ ? 0 : left_ - count;
    return !exceeded_;
  }
  std::size_t left() const { return left_; }
  bool is_exceeded() const { return exceeded_; }

 private:
  std::size_t left_;
  bool exceeded_ = false;
};

// A good path for `leaf` at `at`, or the reason of the candidate that got furthest, with every
// candidate's reason in the text. Fails with chain_untrusted, chain_expired, cert_profile, revoked,
// crl_stale or limit_exceeded. Without a budget the bounds of one leaf are the only ones.
Result<Path> find_path(const Trust& trust, const Certificate& leaf,
                       std::span<const Certificate> carried, CodeSigning code_signing, TimePoint at,
                       CertificateBudget* budget = nullptr);

// The instants around `at` between which find_path() cannot change its answer, good or bad: no
// certificate, CRL or window that is given here begins or ends inside.
Validity quiet_period(const Trust& trust, const Certificate& leaf,
                      std::span<const Certificate> carried, TimePoint at);

}  // namespace signet
