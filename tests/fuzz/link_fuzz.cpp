// Feeds Link fields, one a line, to the reader of pages, and what it finds to the URL resolver.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/base/text.hpp"
#include "core/oci/links.hpp"
#include "server/net/url.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace signet;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (size > 64 * 1024) return 0;
  static const Url base = *Url::parse("https://reg.io/v2/a/referrers/x");

  const auto next = next_link(split(text, '\n'));
  if (!next || !*next) return 0;
  if (text.find(**next) == std::string_view::npos) std::abort();
  const auto url = base.resolve(**next);
  if (url && Url::parse(url->str()) && *Url::parse(url->str()) != *url) std::abort();
  return 0;
}
