#include "server/cli/case_object.hpp"

#include <nlohmann/json.hpp>

#include "core/base/json.hpp"
#include "core/base/text.hpp"

namespace signet {
namespace {

constexpr const char* kUid = "00000000-0000-0000-0000-000000000001";

Json json_of(const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::boolean:
      return to_lower(node.text) == "true";
    case YamlNode::Kind::string:
      return node.text;
    case YamlNode::Kind::number: {
      Json number = Json::parse(node.text, nullptr, false);
      return number.is_number() ? number : Json(node.text);
    }
    case YamlNode::Kind::list: {
      Json list = Json::array();
      for (const YamlNode& item : node.items)
        list.push_back(json_of(item));
      return list;
    }
    case YamlNode::Kind::map: {
      Json map = Json::object();
      for (const YamlMember& member : node.members)
        map[member.key] = json_of(member.value);
      return map;
    }
    case YamlNode::Kind::null:
    case YamlNode::Kind::refused:
      break;
  }
  return nullptr;
}

Json pod_of(const std::vector<std::string>& images) {
  Json containers = Json::array();
  for (std::size_t i = 0; i < images.size(); ++i)
    containers.push_back({{"name", cat("c", std::to_string(i))}, {"image", images[i]}});
  return {{"apiVersion", "v1"},
          {"kind", "Pod"},
          {"metadata", {{"name", "case"}}},
          {"spec", {{"containers", std::move(containers)}}}};
}

// In a namespace, with the members that every object has; what a Pod may leave out is put in.
Json completed(Json object, const std::string& ns) {
  if (!object.contains("kind") && !object.contains("apiVersion")) {
    object["kind"] = "Pod";
    object["apiVersion"] = "v1";
  }
  Json& metadata = object["metadata"];
  if (metadata.is_null()) metadata = Json::object();
  if (metadata.is_object() && !ns.empty()) metadata.emplace("namespace", ns);
  return object;
}

Json request_about(Json object, Json before, const std::string& ns) {
  const std::string version = text_or_empty(object, "apiVersion");
  const std::string kind = text_or_empty(object, "kind");
  const std::size_t slash = version.find('/');
  const std::string group = slash == std::string::npos ? "" : version.substr(0, slash);
  const std::string short_version =
      slash == std::string::npos ? version : version.substr(slash + 1);
  Json request = {
      {"uid", kUid},
      {"kind", {{"group", group}, {"version", short_version}, {"kind", kind}}},
      {"resource",
       {{"group", group}, {"version", short_version}, {"resource", to_lower(kind) + "s"}}},
      {"operation", before.is_null() ? "CREATE" : "UPDATE"},
      {"namespace", ns},
      {"name", text_or_empty(object["metadata"], "name")},
      {"userInfo", {{"username", "signet-policy-test"}}},
      {"object", std::move(object)}};
  if (!before.is_null()) request["oldObject"] = std::move(before);
  return request;
}

}  // namespace

Result<std::string> review_of(const CaseObject& what) {
  Json object = what.object != nullptr ? json_of(*what.object) : pod_of(what.images);
  if (!object.is_object()) return malformed("an object is a map");
  Json before;
  if (what.before != nullptr) {
    before = what.before->kind == YamlNode::Kind::list
                 ? pod_of(json_of(*what.before).get<std::vector<std::string>>())
                 : json_of(*what.before);
    if (!before.is_object()) return malformed("an object is a map");
    before = completed(std::move(before), what.ns);
  }
  object = completed(std::move(object), what.ns);
  const Json review = {{"apiVersion", "admission.k8s.io/v1"},
                       {"kind", "AdmissionReview"},
                       {"request", request_about(std::move(object), std::move(before), what.ns)}};
  return review.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace signet
