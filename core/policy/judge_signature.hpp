#pragma once
// One image's signatures, each taken apart and verified at most once per question, however many
// policies ask. Bounds the signature arithmetic of one image (kSignatureVerifications).

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
  SignatureJudge(const Digest& image, Horizon& horizon) : image_(image), horizon_(horizon) {}

  // Candidates and trusts are borrowed for the life of the judge and told apart by address.
  const Result<SignedEntity>& parsed(const Candidate& candidate, Material material);
  Result<VerifiedSignature> by_certificate(const Candidate& candidate, const Trust& trust,
                                           Acceptable acceptable, CodeSigning code_signing);
  Result<VerifiedSignature> by_key(const Candidate& candidate, const PublicKey& key);

  std::size_t arithmetic() const { return arithmetic_; }
  // Whether no more signature will be verified.
  bool is_spent() const { return arithmetic_ >= kSignatureVerifications; }

 private:
  // One candidate under one trust: whose it is does not depend on who is acceptable.
  struct Chain {
    std::optional<Error> refused;  // before anybody's identity mattered
    std::optional<Identity> identity;
    std::optional<Path> path;
    std::optional<Result<VerifiedSignature>> verified;  // once somebody accepted the identity
  };
  using ChainKey = std::tuple<const Candidate*, const Trust*, CodeSigning>;

  const Trust* representative(const Trust& trust);
  Result<VerifiedSignature> follow(const SignedEntity& entity, const ChainKey& key,
                                   Acceptable acceptable);
  void note(const SignedEntity& entity, const Trust& trust);
  bool spend();

  Digest image_;
  Horizon& horizon_;
  std::size_t arithmetic_ = 0;
  std::vector<const Trust*> trusts_;  // those of equal content are one
  std::map<std::pair<const Candidate*, Material>, Result<SignedEntity>> parsed_;
  std::map<ChainKey, Chain> chains_;
  std::map<std::pair<const Candidate*, std::string>, Result<VerifiedSignature>> by_key_;
};

// Whether two trusts decide alike because they hold the same, in the same order.
bool same_trust(const Trust& a, const Trust& b);

}  // namespace signet
