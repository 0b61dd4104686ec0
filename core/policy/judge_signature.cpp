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

Error spent() {
  return {Reason::limit_exceeded,
          cat("more than ", std::to_string(kSignatureVerifications),
              " signatures would have to be verified for this image; remove those that are not "
              "needed")};
}

}  // namespace

bool same_trust(const Trust& a, const Trust& b) {
  return a.revocation == b.revocation && a.carried_intermediates == b.carried_intermediates &&
         a.max_intermediates == b.max_intermediates &&
         std::equal(a.authorities.begin(), a.authorities.end(), b.authorities.begin(),
                    b.authorities.end(), same_authority);
}

const Result<SignedEntity>& SignatureJudge::parsed(const Candidate& candidate, Material material) {
  const auto key = std::make_pair(&candidate, material);
  const auto known = parsed_.find(key);
  if (known != parsed_.end()) return known->second;
  return parsed_.emplace(key, parse_signature(candidate, material)).first->second;
}

Result<VerifiedSignature> SignatureJudge::by_certificate(const Candidate& candidate,
                                                         const Trust& trust, Acceptable acceptable,
                                                         CodeSigning code_signing) {
  const Result<SignedEntity>& entity = parsed(candidate, Material::certificate);
  if (!entity) return entity.error();
  const ChainKey key{&candidate, representative(trust), code_signing};
  const auto known = chains_.find(key);
  if (known == chains_.end()) return follow(*entity, key, acceptable);

  const Chain& chain = known->second;
  if (chain.refused) return *chain.refused;
  auto matched = accept(acceptable, *chain.identity, *chain.path);
  if (!matched) return matched.error();
  if (!chain.verified) return follow(*entity, key, acceptable);
  Result<VerifiedSignature> verified = *chain.verified;
  if (verified) verified->matched = std::move(*matched);
  return verified;
}

// The whole way of one signature, remembering how far it got whoever asked.
Result<VerifiedSignature> SignatureJudge::follow(const SignedEntity& entity, const ChainKey& key,
                                                 Acceptable acceptable) {
  const auto [candidate, trust, code_signing] = key;
  Chain& chain = chains_[key];
  bool accepted = false;
  CertificateRules rules;
  rules.code_signing = code_signing;
  rules.accept = [&](const Identity& identity, const Path& path) -> Result<std::string> {
    chain.identity = identity;
    chain.path = path;
    auto matched = accept(acceptable, identity, path);
    if (!matched) return matched;
    if (!spend()) return spent();
    accepted = true;
    return matched;
  };
  auto verified = verify_by_certificate(entity, image_, *trust, rules, horizon_.now());
  if (!chain.identity && !verified) chain.refused = verified.error();
  if (accepted) chain.verified = verified;
  if (verified) {
    horizon_.window(verified->path->stable);
  } else {
    note(entity, *trust);
  }
  return verified;
}

Result<VerifiedSignature> SignatureJudge::by_key(const Candidate& candidate, const PublicKey& key) {
  const Result<SignedEntity>& entity = parsed(candidate, Material::key);
  if (!entity) return entity.error();
  const auto question = std::make_pair(&candidate, key.spki());
  const auto known = by_key_.find(question);
  if (known != by_key_.end()) return known->second;
  if (!spend()) return spent();
  return by_key_.emplace(question, verify_by_key(*entity, image_, key)).first->second;
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
  const auto certificates = [&](const std::vector<Certificate>& seen) {
    for (const Certificate& certificate : seen) {
      // OpenSSL counts the second of notAfter as over, RFC 5280 as the last good one.
      horizon_.at(certificate.not_after());
      horizon_.window({certificate.not_before(), certificate.not_after()});
    }
  };
  certificates(entity.certificates);
  for (const CertificateAuthority& authority : trust.authorities) {
    certificates(authority.anchors);
    certificates(authority.intermediates);
    horizon_.window(authority.valid_for);
    for (const Crl& crl : authority.crls) {
      // A CRL may count as stale at its nextUpdate already.
      horizon_.at(crl.next_update());
      horizon_.window({crl.this_update(), crl.next_update()});
    }
  }
}

bool SignatureJudge::spend() {
  if (is_spent()) return false;
  ++arithmetic_;
  return true;
}

}  // namespace signet
