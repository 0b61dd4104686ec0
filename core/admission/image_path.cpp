#include "core/admission/image_path.hpp"

#include <algorithm>

#include "core/base/limits.hpp"
#include "core/base/text.hpp"

namespace signet {
namespace {

constexpr std::string_view kEach = "[*]";
constexpr std::string_view kHowPath =
    "; write member names joined by points, with [*] behind each list, as in "
    "spec.steps[*].image";

Error bad_path(std::string_view text, std::string_view what) {
  return malformed(cat("paths: ", quoted(text, 120), " ", what, kHowPath));
}

bool is_member_char(char c) {
  return is_alnum(c) || c == '_' || c == '-' || c == '/' || c == '~';
}

bool is_resource_char(char c) {
  return is_lower(c) || is_digit(c) || c == '-' || c == '.';
}

template <class Test>
bool consists_of(std::string_view text, Test test) {
  return !text.empty() && std::all_of(text.begin(), text.end(), test);
}

Result<ImagePath::Step> read_step(std::string_view path, std::string_view text) {
  ImagePath::Step step;
  step.each = text.ends_with(kEach);
  if (step.each) text.remove_suffix(kEach.size());
  if (!consists_of(text, is_member_char)) return bad_path(path, "cannot be read");
  step.member = text;
  return step;
}

Result<std::vector<std::string>> read_versions(std::string_view text) {
  std::vector<std::string> versions;
  for (const std::string_view piece : split(text, ',')) {
    if (!consists_of(trim(piece), is_resource_char)) {
      return malformed(cat("versions: ", quoted(piece, 80), " is no version; write as in v1"));
    }
    versions.emplace_back(trim(piece));
  }
  return versions;
}

Result<std::vector<ImagePath>> read_paths(std::string_view text) {
  std::vector<ImagePath> paths;
  for (const std::string_view piece : split(text, ',')) {
    auto path = ImagePath::parse(trim(piece));
    if (!path) return path.error();
    paths.push_back(std::move(*path));
  }
  if (paths.size() > kExtraPaths) {
    return malformed(cat("paths: more than ", std::to_string(kExtraPaths), " of one resource"));
  }
  return paths;
}

}  // namespace

Result<ImagePath> ImagePath::parse(std::string_view text) {
  ImagePath path;
  for (const std::string_view piece : split(text, '.')) {
    auto step = read_step(text, piece);
    if (!step) return step.error();
    path.steps_.push_back(std::move(*step));
  }
  if (path.steps_.size() > kExtraPathSteps) return bad_path(text, "has too many steps");
  return path;
}

Result<ExtraResource> ExtraResource::parse(std::string_view text) {
  const auto pieces = split(text, '=');
  if (pieces.size() != 4) {
    return malformed(
        "must have group, resource, versions and paths, as in "
        "tekton.dev=taskruns=v1=spec.taskSpec.steps[*].image");
  }
  ExtraResource extra;
  extra.group = trim(pieces[0]);
  extra.resource = trim(pieces[1]);
  if (!extra.group.empty() && !consists_of(extra.group, is_resource_char)) {
    return malformed(
        cat("group: ", quoted(extra.group, 80), " is no API group; write as in tekton.dev"));
  }
  if (!consists_of(extra.resource, is_resource_char)) {
    return malformed(cat("resource: ", quoted(extra.resource, 80),
                         " is no resource; write the plural in lower case, as in taskruns"));
  }
  auto versions = read_versions(pieces[2]);
  if (!versions) return versions.error();
  extra.versions = std::move(*versions);
  auto paths = read_paths(pieces[3]);
  if (!paths) return paths.error();
  extra.paths = std::move(*paths);
  return extra;
}

}  // namespace signet
