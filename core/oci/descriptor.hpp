#pragma once
// A descriptor: what a manifest says about a blob or another manifest before it is fetched.

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/json.hpp"
#include "core/base/result.hpp"
#include "core/crypto/digest.hpp"

namespace signet {

// Of an image in a layout: the tag (image-spec, annotations).
inline constexpr std::string_view kRefNameAnnotation = "org.opencontainers.image.ref.name";

using Annotations = std::map<std::string, std::string, std::less<>>;

struct Descriptor {
  std::string media_type;
  Digest digest;
  std::uint64_t size = 0;  // bytes, 0 to 2^53
  Annotations annotations;
  std::string artifact_type;        // empty where absent
  std::optional<std::string> data;  // embedded content, decoded and checked against size and digest
  // `urls` are never followed and so not even kept (registry.md B.6 D8).

  static Result<Descriptor> parse(const Json& json);
};

}  // namespace signet
