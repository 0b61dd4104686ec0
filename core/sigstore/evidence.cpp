#include "core/sigstore/evidence.hpp"

namespace signet {

std::string_view name_of(SignatureFormat format) {
  switch (format) {
    case SignatureFormat::bundle:
      return "bundle";
    case SignatureFormat::legacy:
      return "legacy";
  }
  return "unknown";
}

}  // namespace signet
