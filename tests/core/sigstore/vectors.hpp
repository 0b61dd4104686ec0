#pragma once
// Signatures made by real cosign versions under both documented PKIs (tests/vectors/*.json): what
// lay in the registry, the roots to trust, and the time to judge at.

#include <string>
#include <vector>

#include "core/base/time.hpp"
#include "core/crypto/chain.hpp"
#include "core/sigstore/evidence.hpp"

namespace signet::test {

struct Vector {
  TimePoint at;
  Digest image;
  Candidate candidate;
  Blob manifest;  // as it was stored
  Trust trust;
  std::string subject;
  std::string issuer;
};

// "signer-pki", every one there is.
std::vector<std::string> vector_names();
Vector load_vector(const std::string& name);

}  // namespace signet::test
