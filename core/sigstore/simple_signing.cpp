#include "core/sigstore/simple_signing.hpp"

#include <nlohmann/json.hpp>
#include <set>

#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "core/sigstore/fields.hpp"

namespace signet {
namespace {

constexpr std::string_view kType = "cosign container image signature";

Error payload_mismatch(std::string what) {
  return {Reason::payload_mismatch, std::move(what)};
}

// An object member that holds only what the specification of simple signing names: whatever else
// stands under `critical` must be understood or refused.
Result<const Json*> closed_member(const Json& object, std::string_view name,
                                  std::initializer_list<std::string_view> known) {
  auto member = object_member(object, name);
  if (!member) return member;
  const auto only = only_members(**member, known);
  if (!only) return only.error().under(name);
  return member;
}

// security.md SR-08: byte for byte, so that upper-case hex is another digest.
Result<void> check_image(const Json& critical, const Digest& image) {
  const auto member = closed_member(critical, "image", {"docker-manifest-digest"});
  if (!member) return member.error();
  const auto digest = string_member(**member, "docker-manifest-digest");
  if (!digest) return digest.error();
  if (*digest != image.str()) {
    return payload_mismatch(
        cat("the signature is for ", signet::quoted(*digest, 80), ", not for ", image.str()));
  }
  return {};
}

// security.md SR-08: another kind of payload with the same members is not a signature of an image.
Result<void> check_type(const Json& critical) {
  const auto type = string_member(critical, "type");
  if (!type) return type.error();
  if (*type == kType) return {};
  return payload_mismatch(
      cat("critical.type is ", signet::quoted(*type, 80), ", not ", signet::quoted(kType)));
}

Result<std::optional<std::string>> docker_reference(const Json& critical) {
  if (find_member(critical, "identity") == nullptr) return std::optional<std::string>();
  const auto identity = closed_member(critical, "identity", {"docker-reference"});
  if (!identity) return identity.error();
  if (find_member(**identity, "docker-reference") == nullptr) return std::optional<std::string>();
  auto text = string_member(**identity, "docker-reference");
  if (!text) return text.error();
  return std::optional<std::string>(std::move(*text));
}

Result<Claims> read_payload(const Json& payload, const Digest& image) {
  if (!payload.is_object()) return payload_mismatch("no JSON object");
  const auto known = only_members(payload, {"critical", "optional"});
  if (!known) return known.error();
  const auto critical = closed_member(payload, "critical", {"identity", "image", "type"});
  if (!critical) return critical.error();
  const auto type = check_type(**critical);
  if (!type) return type.error();
  const auto same = check_image(**critical, image);
  if (!same) return same.error();
  auto reference = docker_reference(**critical);
  if (!reference) return reference.error();
  Claims claims{image, std::move(*reference), {}};
  const Json* const optional = find_member(payload, "optional");
  if (optional == nullptr) return claims;
  if (!optional->is_object()) return payload_mismatch("`optional` is neither an object nor null");
  claims.annotations = string_members(*optional);
  return claims;
}

std::string payload_text(std::string_view reference, const Digest& image) {
  return cat(R"({"critical":{"identity":{"docker-reference":")", reference,
             R"("},"image":{"docker-manifest-digest":")", image.str(), R"("},"type":")", kType,
             R"("},"optional":null})");
}

// The names under which a signer may have known the repository: cosign writes Docker Hub as
// index.docker.io, other tools as docker.io, and both keep a port that was typed.
std::set<std::string> spellings(const Repository& repository) {
  const std::string canonical = repository.canonical();
  std::set<std::string> names = {repository.str(), canonical};
  constexpr std::string_view kHub = "docker.io/";
  if (canonical.starts_with(kHub)) {
    const std::string path = canonical.substr(kHub.size());
    constexpr std::string_view kOfficial = "library/";
    for (const std::string_view host :
         {"index.docker.io/", "docker.io/", "registry-1.docker.io/"}) {
      names.insert(cat(host, path));
      if (path.starts_with(kOfficial)) names.insert(cat(host, path.substr(kOfficial.size())));
    }
    return names;
  }
  const std::size_t slash = canonical.find('/');
  if (canonical.substr(0, slash).find(':') == std::string::npos && slash != std::string::npos) {
    names.insert(cat(canonical.substr(0, slash), ":443", canonical.substr(slash)));
  }
  return names;
}

}  // namespace

Result<Claims> simple_signing_claims(Bytes payload, const Digest& image) {
  const auto json = parse_json(payload, {kPayloadBytes, kJsonDepth});
  if (!json) return told_as(json.error(), Reason::payload_mismatch).under("payload");
  auto claims = read_payload(*json, image);
  if (!claims) return told_as(claims.error(), Reason::payload_mismatch).under("payload");
  return claims;
}

std::optional<Blob> synthesise_payload(const Descriptor& layer, const Repository& repository,
                                       const Digest& image) {
  for (const std::string& name : spellings(repository)) {
    Blob payload = payload_text(name, image);
    if (payload.size() == layer.size && Digest::of(payload) == layer.digest) return payload;
  }
  return std::nullopt;
}

}  // namespace signet
