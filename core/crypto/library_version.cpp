#include "core/crypto/library_version.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <array>

#include "core/base/text.hpp"

namespace signet {
namespace {

// The first release of each maintained line without known faults in what is used here.
struct Floor {
  unsigned minor;
  unsigned patch;
};
constexpr std::array kFloors = {Floor{0, 21}, Floor{5, 7}, Floor{6, 3}};
constexpr unsigned kMajor = 3;

}  // namespace

std::optional<std::string> library_warning(unsigned major, unsigned minor, unsigned patch) {
  const auto floor = std::find_if(kFloors.begin(), kFloors.end(),
                                  [&](const Floor& line) { return line.minor == minor; });
  const bool newer = major > kMajor || (major == kMajor && minor > kFloors.back().minor);
  if (newer || (major == kMajor && floor != kFloors.end() && patch >= floor->patch)) {
    return std::nullopt;
  }
  return cat("OpenSSL ", std::to_string(major), ".", std::to_string(minor), ".",
             std::to_string(patch),
             " has known faults; update it to 3.0.21, 3.5.7, 3.6.3 or a later release of its line");
}

std::optional<std::string> library_warning() {
  return library_warning(OPENSSL_version_major(), OPENSSL_version_minor(), OPENSSL_version_patch());
}

std::string library_version() {
  return OpenSSL_version(OPENSSL_VERSION_STRING);
}

}  // namespace signet
