// Feeds text to the reference parser: what it prints, it reads as the same thing.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/base/limits.hpp"
#include "core/oci/reference.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace signet;
  const std::string_view text(reinterpret_cast<const char*>(data), size);

  const auto reference = Reference::parse(text);
  if (!reference) return 0;
  const auto again = Reference::parse(reference->str());
  if (!again || again->str() != reference->str()) std::abort();
  if (again->repository() != reference->repository()) std::abort();
  if (reference->original() != text || text.size() > kReferenceBytes) std::abort();

  // One canonical name is one repository, and is a repository itself.
  const auto canonical = Repository::parse(reference->repository().canonical());
  if (!canonical || canonical->canonical() != reference->repository().canonical()) std::abort();
  const auto pinned = Reference::parse(reference->pinned(Digest::of("x")));
  if (text.size() + 80 <= kReferenceBytes && (!pinned || pinned->digest() != Digest::of("x"))) {
    std::abort();
  }
  return 0;
}
