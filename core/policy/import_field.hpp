#pragma once
// A value in a peer's document. Every value is read, remarked on or, at the end, told as a loss:
// what nobody asked for is found by walking the document.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/policy/import.hpp"
#include "core/policy/yaml.hpp"

namespace signet {

// What stands above a part of the output, a sentence each.
using ImportComments = std::vector<std::string>;

// What became of one input.
struct ImportReport {
  std::string file;
  std::vector<ImportRemark> remarks;
  std::vector<Issue> errors;
  std::map<const YamlNode*, bool> read;  // true: with all that it holds
};

class PeerField {
 public:
  PeerField(ImportReport& report, const YamlNode& node)
      : PeerField(report, &node, node.at, std::string()) {}

  // An absent value and a `null` are one.
  explicit operator bool() const;
  PeerField operator[](std::string_view key) const;

  // Absent: empty, or what is given. Another type is an error.
  std::string text() const;
  bool flag(bool standard) const;
  std::optional<std::size_t> number() const;
  std::vector<PeerField> items() const;
  std::vector<std::pair<std::string, PeerField>> members() const;
  std::vector<std::string> words() const;
  std::map<std::string, std::string> texts() const;

  // It is dealt with as it stands, and all that it holds.
  void done() const;
  // The same; nothing changes by it.
  void note(ImportComments& comments, std::string_view what) const;
  // A note that does not speak for the fields in it.
  void aside(ImportComments& comments, std::string_view what) const;
  // It is dealt with, and something is missing or changed.
  void loss(ImportComments& comments, std::string_view what) const;
  // The input is unusable.
  void error(std::string what) const;
  // What it holds and nobody read is a loss.
  void lose_unread(ImportComments& comments) const;

  // Where it stands; without a text.
  Issue place() const;

 private:
  PeerField(ImportReport& report, const YamlNode* node, YamlPlace at, std::string path)
      : report_(&report), node_(node), at_(at), path_(std::move(path)) {}

  PeerField below(const YamlNode* node, YamlPlace at, std::string_view step) const;
  bool is(YamlNode::Kind kind, std::string_view wanted) const;
  void remark(bool loss, ImportComments& comments, std::string_view what) const;

  ImportReport* report_;
  const YamlNode* node_;  // null: absent
  YamlPlace at_;
  std::string path_;
};

}  // namespace signet
