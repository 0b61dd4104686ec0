#include "core/policy/json_nodes.hpp"

#include <nlohmann/json.hpp>

#include "core/base/json.hpp"
#include "core/base/text.hpp"

namespace signet {
namespace {

YamlNode node_of(const Json& value, std::vector<YamlProblem>& problems, const std::string& field);

YamlNode text_node(const std::string& text, std::vector<YamlProblem>& problems,
                   const std::string& field) {
  YamlNode node;
  node.kind = YamlNode::Kind::string;
  node.text = text;
  if (text.find('\0') == std::string::npos) return node;
  node.kind = YamlNode::Kind::refused;
  problems.push_back({{}, field, "a NUL character has no place in a value"});
  return node;
}

YamlNode list_node(const Json& list, std::vector<YamlProblem>& problems, const std::string& field) {
  YamlNode node;
  node.kind = YamlNode::Kind::list;
  for (const Json& item : list) {
    const std::string at = cat(field, "[", std::to_string(node.items.size()), "]");
    node.items.push_back(node_of(item, problems, at));
  }
  return node;
}

YamlNode map_node(const Json& map, std::vector<YamlProblem>& problems, const std::string& field) {
  YamlNode node;
  node.kind = YamlNode::Kind::map;
  for (const auto& [key, value] : map.items()) {
    const std::string at = cat(field, field.empty() ? "" : ".", printable(key, 60));
    node.members.push_back({key, {}, node_of(value, problems, at)});
  }
  return node;
}

YamlNode node_of(const Json& value, std::vector<YamlProblem>& problems, const std::string& field) {
  if (value.is_object()) return map_node(value, problems, field);
  if (value.is_array()) return list_node(value, problems, field);
  if (value.is_string()) return text_node(value.get_ref<const std::string&>(), problems, field);
  YamlNode node;
  if (value.is_null()) return node;
  node.kind = value.is_boolean() ? YamlNode::Kind::boolean : YamlNode::Kind::number;
  node.text = value.dump();
  return node;
}

}  // namespace

YamlFile read_json_object(std::string_view text) {
  YamlFile file;
  const auto json = parse_json(text, {kPolicyObjectBytes, kYamlDepth});
  if (!json) {
    file.failure = YamlProblem{{}, "", json.error().what()};
    return file;
  }
  YamlDocument document;
  document.root = node_of(*json, document.problems, "");
  file.documents.push_back(std::move(document));
  return file;
}

}  // namespace signet
