#pragma once
// The fields of a certificate as its bytes have them (RFC 5280 4.1), with the bounds and the rules
// that hold for every certificate, whatever its place in a path. Read before OpenSSL sees it.

#include <string>
#include <vector>

#include "core/crypto/certificate.hpp"

namespace signet {

struct TbsFields {
  int version = 1;  // 1 or 3
  std::string serial;
  TimePoint not_before;
  TimePoint not_after;
  Blob spki;
  std::vector<Extension> extensions;
};

Result<TbsFields> read_tbs(Bytes certificate);

// The Extensions inside a certificate or CRL, each OID once; `what` names the thing that holds
// them.
Result<std::vector<Extension>> read_extensions(Bytes sequence, std::string_view what);

}  // namespace signet
