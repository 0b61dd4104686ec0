#pragma once
// One name for everything that decides: hex SHA-256 over an unambiguous serialisation. Two
// policies, TrustRoots or sets with one fingerprint give the same verdicts, so that verdicts may
// be remembered under it.

#include <string>

#include "core/policy/model.hpp"

namespace signet {

std::string fingerprint_of(const TrustRoot& root);
std::string fingerprint_of(const Policy& policy);
// Of the fingerprints of its parts.
std::string fingerprint_of(const PolicySet& set);

}  // namespace signet
