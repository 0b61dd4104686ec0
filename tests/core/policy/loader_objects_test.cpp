// Every sample says the same as a YAML file and as the JSON of an object.

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <regex>

#include "core/base/json.hpp"
#include "core/base/limits.hpp"
#include "core/policy/yaml.hpp"
#include "tests/core/policy/load_support.hpp"

namespace signet::testing {
namespace {

std::vector<std::filesystem::path> all_samples() {
  std::vector<std::filesystem::path> files;
  for (const char* const directory : {"good", "bad"}) {
    for (const auto& entry : std::filesystem::directory_iterator(vectors() / directory)) {
      if (entry.path().extension() == ".yaml") files.push_back(entry.path());
    }
  }
  files.push_back(std::filesystem::path(SIGNET_TESTS).parent_path() / "policies" / "own-pki.yaml");
  std::sort(files.begin(), files.end());
  return files;
}

// Nothing where JSON cannot say the same: 0x10, .inf, True.
std::optional<Json> json_of(const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::null:
      return Json(nullptr);
    case YamlNode::Kind::string:
      return Json(node.text);
    case YamlNode::Kind::boolean:
    case YamlNode::Kind::number: {
      const Json value = Json::parse(node.text, nullptr, false);
      return value.is_discarded() || value.dump() != node.text ? std::nullopt
                                                               : std::optional(value);
    }
    case YamlNode::Kind::list: {
      Json list = Json::array();
      for (const YamlNode& item : node.items) {
        auto value = json_of(item);
        if (!value) return std::nullopt;
        list.push_back(std::move(*value));
      }
      return list;
    }
    case YamlNode::Kind::map: {
      Json map = Json::object();
      for (const YamlMember& member : node.members) {
        auto value = json_of(member.value);
        if (!value) return std::nullopt;
        map[member.key] = std::move(*value);
      }
      return map;
    }
    case YamlNode::Kind::refused:
      break;
  }
  return std::nullopt;
}

std::string text_at(const Json& object, const char* member) {
  const Json* const found = find_member(object, member);
  return found && found->is_string() ? found->get<std::string>() : std::string();
}

ObjectName name_of_object(const Json& object) {
  ObjectName name;
  const std::string kind = text_at(object, "kind");
  if (kind == "TrustRoot") name.kind = PolicyKindName::trust_root;
  if (kind == "TrustPolicy") name.kind = PolicyKindName::policy;
  const Json* const metadata = find_member(object, "metadata");
  if (metadata == nullptr) return name;
  name.name = text_at(*metadata, "name");
  if (name.kind == PolicyKindName::policy) name.ns = text_at(*metadata, "namespace");
  return name;
}

// The objects of a file; nothing where it can only be said in YAML.
std::optional<std::vector<SourceFile>> objects_of(const std::string& text,
                                                  const std::string& path) {
  const YamlFile yaml = read_yaml(text);
  if (yaml.failure) return std::nullopt;
  std::vector<SourceFile> objects;
  for (const YamlDocument& document : yaml.documents) {
    if (!document.problems.empty()) return std::nullopt;
    const auto json = json_of(document.root);
    if (!json) return std::nullopt;
    objects.push_back({path, json->dump(), name_of_object(*json)});
  }
  return objects;
}

// Field and sentence, without lines, which an object has not.
std::vector<std::string> said(const std::vector<Issue>& issues) {
  static const std::regex kLine(R"((\.yaml):\d+;)");
  std::vector<std::string> lines;
  for (const Issue& issue : issues)
    lines.push_back(issue.field + ": " + std::regex_replace(issue.what, kLine, "$1;"));
  std::sort(lines.begin(), lines.end());
  return lines;
}

TEST(LoaderObjectsTest, EverySampleSaysTheSameAsFileAndAsObject) {
  std::size_t compared = 0;
  std::size_t with_issues = 0;
  for (const auto& path : all_samples()) {
    SCOPED_TRACE(path.filename().string());
    const std::string text = contents_of(path);
    const auto objects = objects_of(text, path.filename().string());
    if (!objects) continue;
    const ReadMaterial read = files_only(reader_of(path.parent_path()));
    std::vector<SourcePtr> sources;
    for (const SourceFile& object : *objects)
      sources.push_back(load_source(object, read));
    const Loaded as_objects = combine(sources);
    const Loaded as_file = load_file(path);
    ++compared;
    if (!as_file.issues.empty()) ++with_issues;
    if (as_file.issues.size() > kIssues) {  // which are left out depends on the order of members
      EXPECT_EQ(as_objects.issues.size(), as_file.issues.size());
      continue;
    }
    EXPECT_EQ(said(as_objects.issues), said(as_file.issues));
    EXPECT_EQ(as_objects.policies.size() + as_objects.trust_roots.size(),
              as_file.policies.size() + as_file.trust_roots.size());
  }
  EXPECT_GE(compared, 110U);
  EXPECT_GE(with_issues, 100U);
}

TEST(LoaderObjectsTest, AGoodSampleIsTheSamePolicyEitherWay) {
  const auto path = vectors() / "good" / "all-fields.yaml";
  const auto objects = objects_of(contents_of(path), "all-fields.yaml");
  ASSERT_TRUE(objects);
  const ReadMaterial read = files_only(reader_of(path.parent_path()));
  std::vector<SourcePtr> sources;
  for (const SourceFile& object : *objects)
    sources.push_back(load_source(object, read));
  const PolicySet as_objects = make_policy_set(combine(sources), NoMatch::deny);
  EXPECT_EQ(as_objects.fingerprint, make_policy_set(load_file(path), NoMatch::deny).fingerprint);
}

// However wrong an object is, it keeps its name, and so its scope.
TEST(LoaderObjectsTest, AnObjectThatCannotBeReadDeniesInItsNamespaceOnly) {
  for (const std::string text : {"", "{", "[]", "null", "{}", R"({"kind":"TrustRoot"})",
                                 R"({"apiVersion":"signet.dev/v1alpha1","kind":"TrustPolicy"})"}) {
    SCOPED_TRACE(text);
    const ObjectName name{PolicyKindName::policy, "shop", "teams"};
    const SourcePtr source = load_source({name.str(), text, name}, files_only({}));
    ASSERT_EQ(source->documents.size(), 1U);
    const auto& policy = source->documents[0].policy;
    ASSERT_TRUE(policy);
    EXPECT_EQ(policy->display_name(), "TrustPolicy/shop/teams");
    EXPECT_EQ(policy->kind, PolicyKind::namespaced);
    EXPECT_FALSE(policy->issues.empty());
  }
}

TEST(LoaderObjectsTest, ARootThatCannotBeReadTrustsNothing) {
  const ObjectName name{PolicyKindName::trust_root, "", "linuxera"};
  const SourcePtr source = load_source({name.str(), "{}", name}, files_only({}));
  ASSERT_EQ(source->documents.size(), 1U);
  ASSERT_TRUE(source->documents[0].trust_root);
  EXPECT_EQ(source->documents[0].trust_root->name, "linuxera");
  EXPECT_FALSE(source->documents[0].trust_root->issues.empty());
}

}  // namespace
}  // namespace signet::testing
