#pragma once
// The one strict reader of YAML, YAML 1.2 core types, with the place of every value. Anchors,
// aliases, tags, merge keys, duplicate keys and keys that are not text are problems and nothing is
// ever expanded; size, depth and number of documents are bounded while reading (security.md
// SR-42).

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace signet {

struct YamlPlace {
  int line = 0;    // from 1; 0: the whole file
  int column = 0;  // from 1, in bytes
};

struct YamlMember;

struct YamlNode {
  enum class Kind {
    null,
    boolean,
    number,
    string,
    list,
    map,
    refused,  // something that is a problem already
  };
  Kind kind = Kind::null;
  YamlPlace at;
  std::string text;  // of a boolean, number or string, as written
  std::vector<YamlNode> items;
  std::vector<YamlMember> members;

  const YamlMember* find(std::string_view key) const;
};

struct YamlMember {
  std::string key;
  YamlPlace at;
  YamlNode value;
};

struct YamlProblem {
  YamlPlace at;
  std::string field;  // "spec.match.images[0]"; may be empty
  std::string what;
};

struct YamlDocument {
  YamlNode root;
  std::vector<YamlProblem> problems;
};

struct YamlFile {
  std::vector<YamlDocument> documents;  // those without any content are left out
  std::optional<YamlProblem> failure;   // why reading ended before the end of the text
};

YamlFile read_yaml(std::string_view text);

}  // namespace signet
