#pragma once
// One signature, first check to last: chain, identity, signature, then payload - nothing
// unauthenticated is interpreted, and keys of strangers are never used (rulings.md 4).

#include <functional>
#include <optional>
#include <string>

#include "core/crypto/chain.hpp"
#include "core/sigstore/claims.hpp"
#include "core/sigstore/identity.hpp"
#include "core/sigstore/signed_entity.hpp"

namespace signet {

struct VerifiedSignature {
  PublicKey key;
  Claims claims;
  std::optional<Path> path;            // where a certificate signed
  std::optional<Identity> identity;    // the same
  std::optional<std::string> matched;  // the subject that was accepted, printable
};

// Whom the certificates of a signature name, once they lead to an anchor; the signature itself was
// not looked at.
struct Signer {
  Path path;
  Identity identity;
};

// Fails with chain_*, cert_profile, revoked, crl_stale, limit_exceeded.
Result<Signer> find_signer(const SignedEntity& entity, const Trust& trust, CodeSigning code_signing,
                           TimePoint at, CertificateBudget* budget = nullptr);
// What was signed with the leaf's key. For leaves of an accepted signer only. Fails with
// signature_invalid, payload_mismatch, unsupported_format.
Result<Claims> claims_by_leaf(const SignedEntity& entity, const Digest& image);

struct CertificateRules {
  CodeSigning code_signing = CodeSigning::optional;
  // Says which subject is acceptable, or why none is (identity_mismatch, issuer_mismatch). Must be
  // pure.
  std::function<Result<std::string>(const Identity&, const Path&)> accept;
};

// Fails with chain_*, cert_profile, revoked, crl_stale, identity_mismatch, issuer_mismatch,
// signature_invalid, payload_mismatch, unsupported_format.
Result<VerifiedSignature> verify_by_certificate(const SignedEntity& entity, const Digest& image,
                                                const Trust& trust, const CertificateRules& rules,
                                                TimePoint at);
// Fails with key_mismatch (another key signed, or nobody), payload_mismatch, unsupported_format.
Result<VerifiedSignature> verify_by_key(const SignedEntity& entity, const Digest& image,
                                        const PublicKey& key);

}  // namespace signet
