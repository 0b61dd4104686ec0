// Feeds Url::parse and Url::resolve (server/net). What is accepted must read back as itself.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "server/net/url.hpp"

namespace {

void must_read_back(const signet::Url& url) {
  const auto again = signet::Url::parse(url.str());
  if (!again || *again != url) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto url = signet::Url::parse(text);
  if (url) must_read_back(*url);
  static const auto base = signet::Url::parse("https://registry.example:5000/v2/a/b?c=d");
  const auto resolved = base->resolve(text);
  if (resolved) must_read_back(*resolved);
  return 0;
}
