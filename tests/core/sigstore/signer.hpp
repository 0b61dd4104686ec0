#pragma once
// A small PKI made for one test program (root, intermediate, leaf; all P-256) and signatures by it
// in both formats, as cosign writes them.

#include <string>
#include <vector>

#include "core/crypto/chain.hpp"
#include "core/crypto/issuer.hpp"
#include "core/sigstore/evidence.hpp"
#include "core/sigstore/verify.hpp"

namespace signet::test {

inline constexpr std::string_view kSignatureAnnotation = "dev.cosignproject.cosign/signature";
inline constexpr std::string_view kCertificateAnnotation = "dev.sigstore.cosign/certificate";
inline constexpr std::string_view kChainAnnotation = "dev.sigstore.cosign/chain";

struct KeyPair {
  PrivateKey key;
  Certificate certificate;
};

class Signer {
 public:
  Signer();

  const KeyPair& root() const { return root_; }
  const KeyPair& intermediate() const { return intermediate_; }
  const KeyPair& leaf() const { return leaf_; }
  TimePoint at() const;  // everything is valid at this time

  // Another leaf under the same intermediate.
  KeyPair issue_leaf(std::string alternative_names,
                     std::vector<std::pair<std::string, std::string>> extensions) const;
  // The root is configured, the intermediate is not.
  Trust trust() const;

  // Signed by the leaf, or by another one; carries leaf, intermediate and root.
  Candidate legacy(Blob payload) const { return legacy_by(leaf_, std::move(payload)); }
  Candidate legacy_by(const KeyPair& leaf, Blob payload) const;
  // Signed by the leaf; carries leaf and intermediate.
  Candidate bundle(Blob statement) const;

 private:
  KeyPair root_;
  KeyPair intermediate_;
  KeyPair leaf_;
};

const Signer& signer();  // made once, for tests that only read it

Digest image();        // what is signed
Digest other_image();  // what is not
Blob payload_for(const Digest& image);
Blob statement_for(const Digest& image);
// A DSSE envelope's or a whole bundle's JSON around given parts.
Blob bundle_json(std::string_view media_type, std::string_view material, std::string_view content);
std::string envelope_json(std::string_view type, Bytes payload, Bytes signature);
std::string chain_json(const std::vector<Certificate>& certificates);

// Accepts `wanted` as subject and says so; identity_mismatch otherwise.
CertificateRules accept_subject(std::string wanted);

}  // namespace signet::test
