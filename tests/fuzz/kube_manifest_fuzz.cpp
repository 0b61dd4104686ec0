// Feeds the reader of Kubernetes manifests (server/cli): the first octet says how the rest is cut.
// However it is cut, it is good or not, and if it is, the same objects come out; each is JSON
// within its bound.
#include <simdjson.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "server/cli/manifests.hpp"

namespace {

struct Seen {
  std::vector<std::string> objects;
  bool good = false;
};

Seen objects_of(std::string_view octets, std::size_t piece) {
  Seen seen;
  const signet::ReadBytes read = [&](std::span<char> into) -> signet::Result<std::size_t> {
    const std::size_t count = std::min({octets.size(), into.size(), piece});
    std::memcpy(into.data(), octets.data(), count);
    octets.remove_prefix(count);
    return count;
  };
  const auto done = signet::read_manifests(read, [&](const signet::ManifestObject& object) {
    seen.objects.emplace_back(object.json);
    return signet::Result<void>();
  });
  seen.good = done.has_value();
  return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view octets(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Seen seen = objects_of(octets, octets.size() + 1);
  const Seen in_pieces = objects_of(octets, 1 + data[0]);
  if (seen.good != in_pieces.good) std::abort();
  if (seen.good && seen.objects != in_pieces.objects) std::abort();
  simdjson::dom::parser parser;
  for (const std::string& object : seen.objects) {
    simdjson::dom::element root;
    if (object.size() > signet::kReviewBytes) std::abort();
    if (parser.parse(object).get(root) != simdjson::SUCCESS || !root.is_object()) std::abort();
  }
  return 0;
}
