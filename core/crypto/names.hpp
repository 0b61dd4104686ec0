#pragma once
// The subjectAltName of a certificate, read with lengths and without OpenSSL's string functions.

#include <vector>

#include "core/crypto/certificate.hpp"

namespace signet {

// Every name of a type in NameType, in order; `value` is the content of the extension. A name that
// is not what its type says (another tag, octets outside ASCII, an address of odd length) refuses
// the certificate, as every cosign does; so do two Fulcio user names, of which none could be
// preferred.
Result<std::vector<SubjectName>> read_names(Bytes value);

}  // namespace signet
