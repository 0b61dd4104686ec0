#pragma once
// A value in a policy document together with the way to it. Typed getters: a value of a wrong type
// is an issue that names file, line, column and field, and reads as absent.

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/policy/loader.hpp"
#include "core/policy/yaml.hpp"

namespace signet {

// One document while it is being read.
struct Document {
  Document(std::string path, const ReadMaterial& reader) : file(std::move(path)), read(reader) {}

  std::string file;
  const ReadMaterial& read;
  bool namespaced = false;  // a TrustPolicy, which names nothing that is the cluster's
  IncompleteParts parts = IncompleteParts::dropped;
  std::vector<Issue> issues;
  std::vector<TrustRootUse> uses;  // to be looked up when every source was read
  std::vector<MaterialRef> material;

  void add(YamlPlace at, std::string field, std::string what, bool of_material = false);
  // Whether an issue stands at this field, inside it, or at something that holds it.
  bool is_unreadable(std::string_view field) const;
  // Whether what was read of it is kept.
  bool is_kept() const;
};

class Field {
 public:
  Field(Document& document, const YamlNode& root)
      : document_(&document), node_(&root), at_(root.at) {}

  bool present() const { return node_ != nullptr; }
  explicit operator bool() const { return present(); }
  YamlPlace place() const { return at_; }
  const std::string& path() const { return path_; }
  Document& document() const { return *document_; }

  // The member of that name; absent where there is none.
  Field operator[](std::string_view key) const;
  // An issue unless it is a map.
  bool is_map() const;
  // An issue unless it is a map with these keys only; an unknown key's issue names the nearest one.
  bool is_map_of(std::initializer_list<std::string_view> known) const;
  // An issue where it is absent.
  bool required(std::string_view cure) const;

  // Nothing where absent; nothing and an issue where the type is another.
  std::optional<std::string> text() const;  // not empty
  std::optional<bool> boolean() const;
  std::optional<std::size_t> number(std::size_t least, std::size_t most) const;
  std::optional<TimePoint> time() const;
  std::optional<std::size_t> one_of(std::initializer_list<std::string_view> words) const;  // index
  // The elements of a list that is not empty and not longer than `most`.
  std::vector<Field> items(std::size_t most) const;
  // The members of a map from text to text; a value may be empty.
  std::map<std::string, std::string> texts(std::size_t most) const;

  void issue(std::string what) const;
  // What a document names is not there.
  void missing_material(std::string what) const;

 private:
  Field(Document& document, const YamlNode* node, YamlPlace at, std::string path)
      : document_(&document), node_(node), at_(at), path_(std::move(path)) {}

  Field below(const YamlNode* node, YamlPlace at, std::string_view step) const;
  // Whether it has this kind; an issue where it is present and of another.
  bool is(YamlNode::Kind kind, std::string_view wanted) const;

  Document* document_;
  const YamlNode* node_;  // null: absent
  YamlPlace at_;          // absent: of the map that lacks it
  std::string path_;
};

}  // namespace signet
