#include "server/cli/image_argument.hpp"

#include <nlohmann/json.hpp>

#include "core/base/limits.hpp"
#include "core/base/text.hpp"
#include "core/oci/links.hpp"
#include "core/oci/manifest.hpp"
#include "server/runtime/files.hpp"

namespace signet {
namespace {

constexpr std::string_view kScheme = "oci:";

Error invalid(std::string what) {
  return {Reason::invalid_reference, std::move(what)};
}

// DIR[:TAG][@DIGEST]; a tag holds no slash, so that C:/x and a/b:c/d stay directories.
struct LayoutArgument {
  std::string directory;
  std::string tag;
  std::string digest;
};

LayoutArgument taken_apart(std::string_view text) {
  LayoutArgument argument;
  const auto at = text.rfind('@');
  if (at != std::string_view::npos && text.find('/', at) == std::string_view::npos) {
    argument.digest = std::string(text.substr(at + 1));
    text = text.substr(0, at);
  }
  const auto colon = text.rfind(':');
  if (colon != std::string_view::npos && text.find('/', colon) == std::string_view::npos) {
    argument.tag = std::string(text.substr(colon + 1));
    text = text.substr(0, colon);
  }
  argument.directory = std::string(text);
  return argument;
}

// A path component of a reference out of the last part of a directory's name.
std::string name_for(std::string_view directory) {
  while (directory.size() > 1 && directory.ends_with('/'))
    directory.remove_suffix(1);
  const std::string_view last = directory.substr(directory.rfind('/') + 1);
  std::string name;
  for (const char c : to_lower(last)) {
    if (is_alnum(c)) {
      name.push_back(c);
    } else if (!name.empty() && name.back() != '-') {
      name.push_back('-');
    }
  }
  while (name.ends_with('-'))
    name.pop_back();
  return name.empty() ? "layout" : name;
}

bool is_image(const Descriptor& descriptor) {
  const auto name = descriptor.annotations.find(kRefNameAnnotation);
  const bool attached = name != descriptor.annotations.end() && name->second.starts_with("sha256-");
  return !attached && descriptor.artifact_type.empty();
}

// The digest of the only image that a layout holds.
Result<std::string> only_image_of(const std::string& directory) {
  auto text = read_file(cat(directory, "/index.json"), kManifestBytes);
  if (!text) return text.error().as(Reason::invalid_reference);
  auto parsed = parse_manifest(*text, "application/vnd.oci.image.index.v1+json");
  if (!parsed) return parsed.error().under(cat(directory, "/index.json"));
  std::vector<std::string> digests;
  std::vector<std::string> tags;
  for (const Descriptor& descriptor : std::get<ImageIndex>(*parsed).manifests) {
    if (!is_image(descriptor)) continue;
    digests.push_back(descriptor.digest.str());
    const auto tag = descriptor.annotations.find(kRefNameAnnotation);
    if (tag != descriptor.annotations.end()) tags.push_back(printable(tag->second, 64));
  }
  if (digests.size() == 1) return digests.front();
  return invalid(cat(directory, " holds ", std::to_string(digests.size()),
                     " images; name one as oci:", directory, ":TAG or oci:", directory,
                     "@sha256:..., its tags are: ", join(tags, ", ")));
}

}  // namespace

Result<Reference> parse_image_argument(const std::string& argument, Layouts& layouts) {
  if (!argument.starts_with(kScheme)) return Reference::parse(argument);
  LayoutArgument layout = taken_apart(std::string_view(argument).substr(kScheme.size()));
  if (layout.directory.empty()) return invalid("oci: names no directory; write oci:DIR");
  if (kind_of(layout.directory) != PathKind::directory) {
    return invalid(cat(layout.directory, " is not a directory with an OCI image layout"));
  }
  if (layout.tag.empty() && layout.digest.empty()) {
    auto digest = only_image_of(layout.directory);
    if (!digest) return digest.error();
    layout.digest = *digest;
  }
  const std::string name = cat("oci.local/", name_for(layout.directory));
  const std::string tag = layout.tag.empty() ? "" : cat(":", layout.tag);
  const std::string digest = layout.digest.empty() ? "" : cat("@", layout.digest);
  auto reference = Reference::parse(cat(name, tag, digest));
  if (!reference) return reference.error().under(argument);
  layouts.emplace_back(name, layout.directory);
  return reference;
}

}  // namespace signet
