#pragma once
// One image's signatures, each taken apart and verified at most once per question, however many
// policies ask, and however often. Bounds the work of one image: signatures by leaves and keys
// (kSignatureVerifications), certificates (kCertificateWork).

#include <map>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "core/base/limits.hpp"
#include "core/policy/identities.hpp"
#include "core/sigstore/verify.hpp"

namespace signet {

// Certificates of one image that are parsed, or whose signatures are checked, for all policies
// together: 32 bundles of usual depth under eight TrustRoots, at most half a second of P-384.
inline constexpr std::size_t kCertificateWork = 1024;

// The next instant after `now` at which something that was looked at changes.
class Horizon {
 public:
  explicit Horizon(TimePoint now) : now_(now) {}

  void at(TimePoint instant) {
    if (instant > now_ && (!next_ || instant < *next_)) next_ = instant;
  }
  // A window with both ends inside: it changes at its start, and just after its end.
  void window(const Validity& window) {
    if (window.start) at(*window.start);
    if (window.end) at(*window.end + std::chrono::seconds(1));
  }
  TimePoint now() const { return now_; }
  const std::optional<TimePoint>& next() const { return next_; }

 private:
  TimePoint now_;
  std::optional<TimePoint> next_;
};

// Whom a leaf must belong to. No rules: nobody; nullopt: anybody whom the trust vouches for.
using Acceptable = std::optional<std::span<const IdentityRule>>;

class SignatureJudge {
 public:
  explicit SignatureJudge(const Digest& image) : image_(image) {}

  // Begins a look at the signatures, with all of the budget. What an earlier look paid for is paid
  // for again, though not done again: no look depends on those before it.
  void begin(Horizon& horizon);

  // Candidates and trusts are borrowed for the life of the judge and told apart by address.
  const Result<SignedEntity>& parsed(const Candidate& candidate, Material material);
  Result<VerifiedSignature> by_certificate(const Candidate& candidate, const Trust& trust,
                                           Acceptable acceptable, CodeSigning code_signing);
  Result<VerifiedSignature> by_key(const Candidate& candidate, const PublicKey& key);

  const Digest& image() const { return image_; }
  std::size_t arithmetic() const { return arithmetic_; }  // of this look
  // Whether no more will be verified in this look.
  bool is_spent() const;
  // Chains followed and signatures verified in all looks together.
  std::size_t work_done() const { return chains_.size() + by_leaf_.size() + by_key_.size(); }

 private:
  // An answer, and the last look that paid for it.
  template <class T>
  struct Known {
    T answer;
    std::size_t price = 1;
    std::size_t look = 0;
  };
  using ChainKey = std::tuple<const Candidate*, const Trust*, CodeSigning>;

  const Trust* representative(const Trust& trust);
  const Result<Signer>& signer_of(const Candidate& candidate, const SignedEntity& entity,
                                  const Trust& trust, CodeSigning code_signing);
  const Result<Claims>& claims_of(const Candidate& candidate, const SignedEntity& entity);
  Result<VerifiedSignature> verified(const Candidate& candidate, const SignedEntity& entity,
                                     const Trust& trust, Acceptable acceptable,
                                     CodeSigning code_signing);
  void note(const SignedEntity& entity, const Trust& trust);
  template <class T>
  bool pay_certificates(Known<T>& known);
  template <class T>
  bool pay_arithmetic(Known<T>& known);

  Digest image_;
  Horizon* horizon_ = nullptr;
  std::size_t look_ = 0;
  std::size_t arithmetic_ = 0;
  CertificateBudget certificates_{kCertificateWork};
  std::vector<const Trust*> trusts_;  // those of equal content are one
  std::map<std::pair<const Candidate*, Material>, Known<Result<SignedEntity>>> parsed_;
  std::map<ChainKey, Known<Result<Signer>>> chains_;
  std::map<const Candidate*, Known<Result<Claims>>> by_leaf_;
  std::map<std::pair<const Candidate*, std::string>, Known<Result<VerifiedSignature>>> by_key_;
};

// Whether two trusts decide alike because they hold the same, in the same order.
bool same_trust(const Trust& a, const Trust& b);

}  // namespace signet
