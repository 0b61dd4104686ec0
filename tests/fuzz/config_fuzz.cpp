// Feeds configuration files to parse_config of server/runtime.

#include <cstdint>

#include "server/runtime/config.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto file = signet::parse_config("config.yaml", text);
  for (const signet::Issue& issue : file.issues)
    static_cast<void>(issue.str());
  return 0;
}
