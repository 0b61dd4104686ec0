#include "core/sigstore/verify.hpp"

#include <span>

#include "core/sigstore/intoto.hpp"
#include "core/sigstore/simple_signing.hpp"

namespace signet {
namespace {

// Raw r||s is what a DSSE signer may write; in an annotation it is refused (verification.md, first
// table).
EcdsaForm form_of(SignatureFormat format) {
  return format == SignatureFormat::bundle ? EcdsaForm::der_or_raw : EcdsaForm::der;
}

Result<void> check_signature(const SignedEntity& entity, const PublicKey& key) {
  return key.verify(entity.signed_bytes, entity.signature, form_of(entity.format));
}

Result<Claims> claims_of(const SignedEntity& entity, const Digest& image) {
  return entity.format == SignatureFormat::bundle ? statement_claims(entity.claims, image)
                                                  : simple_signing_claims(entity.claims, image);
}

}  // namespace

Result<Signer> find_signer(const SignedEntity& entity, const Trust& trust, CodeSigning code_signing,
                           TimePoint at, CertificateBudget* budget) {
  if (entity.certificates.empty()) {
    return Error(Reason::chain_untrusted,
                 "the signature carries no certificate, so nothing leads from it to a root");
  }
  const Certificate& leaf = entity.certificates.front();
  const auto carried = std::span(entity.certificates).subspan(1);
  auto path = find_path(trust, leaf, carried, code_signing, at, budget);
  if (!path) return path.error();

  auto identity = identity_of(leaf);
  if (!identity) return identity.error();
  return Signer{std::move(*path), std::move(*identity)};
}

Result<Claims> claims_by_leaf(const SignedEntity& entity, const Digest& image) {
  const auto signed_by_leaf = check_signature(entity, entity.certificates.front().public_key());
  if (!signed_by_leaf) return signed_by_leaf.error();
  return claims_of(entity, image);
}

Result<VerifiedSignature> verify_by_certificate(const SignedEntity& entity, const Digest& image,
                                                const Trust& trust, const CertificateRules& rules,
                                                TimePoint at) {
  auto signer = find_signer(entity, trust, rules.code_signing, at);
  if (!signer) return signer.error();
  auto matched = rules.accept(signer->identity, signer->path);
  if (!matched) return matched.error();
  auto claims = claims_by_leaf(entity, image);
  if (!claims) return claims.error();
  return VerifiedSignature{entity.certificates.front().public_key(), std::move(*claims),
                           std::move(signer->path), std::move(signer->identity),
                           std::move(*matched)};
}

Result<VerifiedSignature> verify_by_key(const SignedEntity& entity, const Digest& image,
                                        const PublicKey& key) {
  const auto signed_by_key = check_signature(entity, key);
  if (!signed_by_key) return signed_by_key.error().as(Reason::key_mismatch);

  auto claims = claims_of(entity, image);
  if (!claims) return claims.error();
  return VerifiedSignature{key, std::move(*claims), std::nullopt, std::nullopt, std::nullopt};
}

}  // namespace signet
