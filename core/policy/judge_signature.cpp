#include "core/policy/judge_signature.hpp"

#include <algorithm>

#include "core/base/limits.hpp"
#include "core/base/text.hpp"

namespace signet {
namespace {

bool same_crls(const std::vector<Crl>& a, const std::vector<Crl>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const Crl& x, const Crl& y) { return x.der() == y.der(); });
}

bool same_authority(const CertificateAuthority& a, const CertificateAuthority& b) {
  return a.valid_for == b.valid_for && a.anchors == b.anchors &&
         a.intermediates == b.intermediates && same_crls(a.crls, b.crls);
}

Result<std::string> accept(Acceptable acceptable, const Identity& identity, const Path& path) {
  if (acceptable) return match_identity(*acceptable, identity, path);
  return identity.subjects.empty() ? std::string() : printable(identity.subjects.front().value);
}

Error spent(std::size_t most, std::string_view of_what) {
  return {Reason::limit_exceeded, cat("more than ", std::to_string(most), " ", of_what,
                                      " for this image; remove signatures that are not needed")};
}

Error too_many_signatures() {
  return spent(kSignatureVerifications, "signatures would have to be verified");
}

// The budget's answer in the place of any other.
template <class T>
const Result<T>& too_many_certificates() {
  static const Result<T> answer =
      spent(kCertificateWork, "certificates would have to be read or checked");
  return answer;
}

}  // namespace

bool same_trust(const Trust& a, const Trust& b) {
  return a.revocation == b.revocation && a.carried_intermediates == b.carried_intermediates &&
         a.max_intermediates == b.max_intermediates &&
         std::equal(a.authorities.begin(), a.authorities.end(), b.authorities.begin(),
                    b.authorities.end(), same_authority);
}

void SignatureJudge::begin(Horizon& horizon) {
  horizon_ = &horizon;
  ++look_;
  arithmetic_ = 0;
  certificates_ = CertificateBudget(kCertificateWork);
}

bool SignatureJudge::is_spent() const {
  return arithmetic_ >= kSignatureVerifications || certificates_.is_exceeded();
}

template <class T>
bool SignatureJudge::pay_certificates(Known<T>& known) {
  if (known.look == look_) return true;
  if (!certificates_.take(known.price)) return false;
  known.look = look_;
  return true;
}

template <class T>
bool SignatureJudge::pay_arithmetic(Known<T>& known) {
  if (known.look == look_) return true;
  if (arithmetic_ >= kSignatureVerifications) return false;
  ++arithmetic_;
  known.look = look_;
  return true;
}

const Result<SignedEntity>& SignatureJudge::parsed(const Candidate& candidate, Material material) {
  const auto key = std::make_pair(&candidate, material);
  auto known = parsed_.find(key);
  if (known == parsed_.end()) {
    if (certificates_.is_exceeded()) return too_many_certificates<SignedEntity>();
    Known<Result<SignedEntity>> fresh{parse_signature(candidate, material)};
    if (fresh.answer) fresh.price = fresh.answer->certificates.size();
    known = parsed_.emplace(key, std::move(fresh)).first;
  }
  return pay_certificates(known->second) ? known->second.answer
                                         : too_many_certificates<SignedEntity>();
}

const Result<Signer>& SignatureJudge::signer_of(const Candidate& candidate,
                                                const SignedEntity& entity, const Trust& trust,
                                                CodeSigning code_signing) {
  const ChainKey key{&candidate, representative(trust), code_signing};
  auto known = chains_.find(key);
  if (known == chains_.end()) {
    CertificateBudget left = certificates_;
    auto signer = find_signer(entity, trust, code_signing, horizon_->now(), &left);
    if (left.is_exceeded()) {
      // What was broken off says nothing, and is not kept.
      certificates_ = left;
      return too_many_certificates<Signer>();
    }
    const std::size_t price = certificates_.left() - left.left();
    known = chains_.emplace(key, Known<Result<Signer>>{std::move(signer), price}).first;
  }
  return pay_certificates(known->second) ? known->second.answer : too_many_certificates<Signer>();
}

const Result<Claims>& SignatureJudge::claims_of(const Candidate& candidate,
                                                const SignedEntity& entity) {
  static const Result<Claims> kSpent = too_many_signatures();
  auto known = by_leaf_.find(&candidate);
  if (known == by_leaf_.end()) {
    if (arithmetic_ >= kSignatureVerifications) return kSpent;
    known =
        by_leaf_.emplace(&candidate, Known<Result<Claims>>{claims_by_leaf(entity, image_)}).first;
  }
  return pay_arithmetic(known->second) ? known->second.answer : kSpent;
}

Result<VerifiedSignature> SignatureJudge::by_certificate(const Candidate& candidate,
                                                         const Trust& trust, Acceptable acceptable,
                                                         CodeSigning code_signing) {
  const Result<SignedEntity>& entity = parsed(candidate, Material::certificate);
  if (!entity) return entity.error();
  auto answer = verified(candidate, *entity, trust, acceptable, code_signing);
  if (answer) {
    horizon_->window(answer->path->stable);
  } else {
    note(*entity, trust);
  }
  return answer;
}

// Chain, identity, then the signature (rulings.md 4).
Result<VerifiedSignature> SignatureJudge::verified(const Candidate& candidate,
                                                   const SignedEntity& entity, const Trust& trust,
                                                   Acceptable acceptable,
                                                   CodeSigning code_signing) {
  const Result<Signer>& signer = signer_of(candidate, entity, trust, code_signing);
  if (!signer) return signer.error();
  auto matched = accept(acceptable, signer->identity, signer->path);
  if (!matched) return matched.error();
  const Result<Claims>& claims = claims_of(candidate, entity);
  if (!claims) return claims.error();
  return VerifiedSignature{entity.certificates.front().public_key(), *claims, signer->path,
                           signer->identity, std::move(*matched)};
}

Result<VerifiedSignature> SignatureJudge::by_key(const Candidate& candidate, const PublicKey& key) {
  const Result<SignedEntity>& entity = parsed(candidate, Material::key);
  if (!entity) return entity.error();
  const auto question = std::make_pair(&candidate, key.spki());
  auto known = by_key_.find(question);
  if (known == by_key_.end()) {
    if (arithmetic_ >= kSignatureVerifications) return too_many_signatures();
    Known<Result<VerifiedSignature>> fresh{verify_by_key(*entity, image_, key)};
    known = by_key_.emplace(question, std::move(fresh)).first;
  }
  if (!pay_arithmetic(known->second)) return too_many_signatures();
  return known->second.answer;
}

const Trust* SignatureJudge::representative(const Trust& trust) {
  for (const Trust* const known : trusts_) {
    if (known == &trust || same_trust(*known, trust)) return known;
  }
  trusts_.push_back(&trust);
  return &trust;
}

// A refusal does not say what time would do to it, so any change of what was looked at counts.
void SignatureJudge::note(const SignedEntity& entity, const Trust& trust) {
  const std::span certificates(entity.certificates);
  if (certificates.empty()) return;
  horizon_->window(
      quiet_period(trust, certificates.front(), certificates.subspan(1), horizon_->now()));
}

}  // namespace signet
