#include "server/cli/manifest_review.hpp"

#include <algorithm>
#include <array>

#include "core/admission/json_text.hpp"
#include "core/base/text.hpp"

namespace signet {
namespace {

std::string type_json(const ObjectKind& kind, std::string_view last, std::string_view name) {
  std::string json;
  JsonWriter(json, JsonWriter::Shape::object)
      .text("group", kind.group)
      .text("version", kind.version)
      .text(last, name)
      .close();
  return json;
}

// With apiVersion and kind where it does not say them, as in the lists of the API.
std::string completed(const CreatedObject& object) {
  if (object.says_kind) return std::string(object.json);
  const std::string version = object.kind.group.empty()
                                  ? object.kind.version
                                  : cat(object.kind.group, "/", object.kind.version);
  std::string json = "{\"apiVersion\":";
  append_quoted(json, version);
  json.append(",\"kind\":");
  append_quoted(json, object.kind.kind);
  const std::string_view rest = object.json.substr(1);
  if (!rest.starts_with('}')) json.push_back(',');
  return json.append(rest);
}

}  // namespace

// The group of nodes, so that the picture of a static pod is known for one.
std::string review_of_creation(const CreatedObject& object) {
  std::string request;
  JsonWriter members(request, JsonWriter::Shape::object);
  members.text("uid", "review").text("operation", "CREATE").text("namespace", object.ns);
  members.raw("kind", type_json(object.kind, "kind", object.kind.kind));
  members.raw("resource", type_json(object.kind, "resource", object.resource));
  members.raw("userInfo", R"({"groups":["system:nodes"]})");
  members.raw("object", completed(object));
  members.close();
  return cat(R"({"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":)", request,
             "}");
}

ObjectKind kind_named(std::string_view api_version, std::string_view kind) {
  const auto slash = api_version.find('/');
  const bool core = slash == std::string_view::npos;
  return ObjectKind{core ? std::string() : std::string(api_version.substr(0, slash)),
                    std::string(core ? api_version : api_version.substr(slash + 1)),
                    std::string(kind)};
}

std::string plural_of_kind(std::string_view kind) {
  std::string name = to_lower(kind);
  const auto ends = [&name](std::string_view end) { return name.ends_with(end); };
  if (ends("s") || ends("x") || ends("z") || ends("ch") || ends("sh")) return name + "es";
  const bool vowel_before = ends("ay") || ends("ey") || ends("oy") || ends("uy");
  if (!ends("y") || vowel_before) return name + "s";
  name.pop_back();
  return name + "ies";
}

bool is_known_group(std::string_view group) {
  // Of the API server itself: what others define under *.k8s.io may well run pods.
  constexpr std::array<std::string_view, 25> kNames = {"",
                                                       "admissionregistration.k8s.io",
                                                       "apiextensions.k8s.io",
                                                       "apiregistration.k8s.io",
                                                       "apps",
                                                       "authentication.k8s.io",
                                                       "authorization.k8s.io",
                                                       "autoscaling",
                                                       "batch",
                                                       "certificates.k8s.io",
                                                       "coordination.k8s.io",
                                                       "discovery.k8s.io",
                                                       "events.k8s.io",
                                                       "extensions",
                                                       "flowcontrol.apiserver.k8s.io",
                                                       "internal.apiserver.k8s.io",
                                                       "networking.k8s.io",
                                                       "node.k8s.io",
                                                       "policy",
                                                       "rbac.authorization.k8s.io",
                                                       "resource.k8s.io",
                                                       "scheduling.k8s.io",
                                                       "signet.dev",
                                                       "storage.k8s.io",
                                                       "storagemigration.k8s.io"};
  return std::find(kNames.begin(), kNames.end(), group) != kNames.end();
}

}  // namespace signet
