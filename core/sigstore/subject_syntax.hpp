#pragma once
// Which names of a certificate count as subjects (policy.md 9).

#include "core/crypto/certificate.hpp"

namespace signet {

// Whether it has the syntax of its type, so that no type can pose as another past a name
// constraint.
bool has_syntax_of_its_type(const SubjectName& name);

}  // namespace signet
