#include "core/policy/yaml.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <set>
#include <sstream>

#include "core/base/limits.hpp"
#include "core/base/text.hpp"
#include "core/policy/yaml_scalars.hpp"

namespace signet {
namespace {

constexpr std::size_t kProblemsKept = 32;

// Thrown through the parser to end it; yaml-cpp has no other way to stop.
struct Stop {
  YamlProblem problem;
};

YamlPlace place_of(const YAML::Mark& mark) {
  return {mark.line + 1, mark.column + 1};
}

// The parser gives "?" to plain scalars, lists and maps, and "!" to quoted text.
bool has_tag(const std::string& tag) {
  return !tag.empty() && tag != "?" && tag != "!";
}

// Builds one document from the parser's events.
class Builder : public YAML::EventHandler {
 public:
  YamlDocument take() { return std::move(document_); }

  void OnDocumentStart(const YAML::Mark&) override { document_ = {}; }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    add(begin(YamlNode::Kind::null, mark, "", anchor));
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    problem(place_of(mark), "aliases (`*name`) are not read; write the value out");
    add(begin(YamlNode::Kind::refused, mark, "", 0));
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    const bool plain = tag == "?" || tag.empty();
    YamlNode node = begin(plain ? kind_of_plain(value) : YamlNode::Kind::string, mark, tag, anchor);
    node.text = value;
    if (has_tag(tag)) node.kind = YamlNode::Kind::refused;
    if (value.find('\0') != std::string::npos) {
      problem(node.at, "a NUL character has no place in a value");
      node.kind = YamlNode::Kind::refused;
    }
    add(std::move(node));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(begin(YamlNode::Kind::list, mark, tag, anchor));
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(begin(YamlNode::Kind::map, mark, tag, anchor));
  }
  void OnMapEnd() override { close(); }

 private:
  // A list or map that is still being read.
  struct Open {
    YamlNode node;
    std::set<std::string> keys;
    std::optional<YamlMember> member;  // whose value comes next
    bool keep = true;                  // of that member
  };

  YamlNode begin(YamlNode::Kind kind, const YAML::Mark& mark, const std::string& tag,
                 YAML::anchor_t anchor) {
    YamlNode node;
    node.kind = kind;
    node.at = place_of(mark);
    if (anchor != 0) problem(node.at, "anchors (`&name`) are not read; write the value out");
    if (has_tag(tag)) {
      problem(node.at, cat("tags (", quoted(tag, 60), ") are not read; take it out"));
    }
    return node;
  }

  void open(YamlNode node) {
    if (open_.size() >= kYamlDepth) {
      throw Stop{{node.at, "", cat("nested deeper than ", std::to_string(kYamlDepth), " levels")}};
    }
    open_.push_back({std::move(node), {}, {}, true});
  }

  void close() {
    YamlNode node = std::move(open_.back().node);
    open_.pop_back();
    add(std::move(node));
  }

  void add(YamlNode node) {
    if (open_.empty()) {
      document_.root = std::move(node);
      return;
    }
    Open& parent = open_.back();
    if (parent.node.kind == YamlNode::Kind::list) {
      parent.node.items.push_back(std::move(node));
    } else if (!parent.member) {
      begin_member(std::move(node));
    } else {
      parent.member->value = std::move(node);
      if (parent.keep) parent.node.members.push_back(std::move(*parent.member));
      parent.member.reset();
    }
  }

  void begin_member(YamlNode key) {
    const bool scalar = key.kind == YamlNode::Kind::boolean || key.kind == YamlNode::Kind::number ||
                        key.kind == YamlNode::Kind::string;
    std::string refusal;
    const bool map = key.kind == YamlNode::Kind::map;
    if (!scalar && key.kind != YamlNode::Kind::refused) refusal = "a key must be text";
    if (map) refusal += "; a template with {{ }} is rendered first, as with helm template";
    if (key.text == "<<") refusal = "merge keys (`<<`) are not read; write the values out";
    const bool first = open_.back().keys.insert(key.text).second;
    if (refusal.empty() && scalar && !first) {
      refusal = cat("the key ", quoted(key.text, 60), " stands here twice; keep one");
    }
    Open& parent = open_.back();
    parent.keep = scalar && first && key.text != "<<";
    parent.member = YamlMember{std::move(key.text), key.at, {}};
    if (!refusal.empty()) problem(parent.member->at, std::move(refusal));
  }

  void problem(YamlPlace at, std::string what) {
    if (document_.problems.size() > kProblemsKept) return;
    const bool last = document_.problems.size() == kProblemsKept;
    document_.problems.push_back(last ? YamlProblem{at, "", "there are more problems from here on"}
                                      : YamlProblem{at, field(), std::move(what)});
  }

  // The way from the root to the value that is being read.
  std::string field() const {
    std::string path;
    for (const Open& level : open_) {
      if (level.node.kind == YamlNode::Kind::list) {
        path += cat("[", std::to_string(level.node.items.size()), "]");
      } else if (level.member && !level.member->key.empty()) {
        path += cat(path.empty() ? "" : ".", printable(level.member->key, 60));
      }
    }
    return path;
  }

  YamlDocument document_;
  std::vector<Open> open_;
};

// Reads documents until the text ends; false where the parser has no more.
bool read_next(YAML::Parser& parser, YamlFile& file) {
  Builder builder;
  if (!parser.HandleNextDocument(builder)) return false;
  YamlDocument document = builder.take();
  const bool empty = document.root.kind == YamlNode::Kind::null && document.problems.empty();
  if (!empty) file.documents.push_back(std::move(document));
  return true;
}

void read_documents(std::string_view text, YamlFile& file) {
  std::istringstream stream{std::string(text)};
  YAML::Parser parser(stream);
  for (std::size_t i = 0; read_next(parser, file); ++i) {
    if (i >= kYamlDocuments) {
      throw Stop{
          {{},
           "",
           cat("more than ", std::to_string(kYamlDocuments), " documents in one file; split it")}};
    }
  }
}

// One sentence for every version of yaml-cpp: from 0.8 on this one ends with the name.
std::string_view sentence_of(const YAML::Exception& error) {
  constexpr std::string_view kUndefined = "the referenced anchor is not defined";
  const std::string_view said = error.msg;
  return said.starts_with(kUndefined) ? kUndefined : said;
}

// The commonest mistake that the parser does not name.
std::string_view cure_for(std::string_view text, YamlPlace at) {
  for (int line = 1; line < at.line; ++line)
    text.remove_prefix(text.find('\n') + 1);
  text = text.substr(0, text.find('\n'));
  const auto content = text.find_first_not_of(" \t");
  const bool has_tab = text.substr(0, content).find('\t') != std::string_view::npos;
  if (has_tab) return "; indent with spaces, not with tabs";
  if (text.find("{{") != std::string_view::npos) {
    return "; this is a template: render it first, as with helm template";
  }
  for (const std::string_view pattern : {"- *", "[*", ": *", ", *"}) {
    if (text.find(pattern) != text.npos) return "; put quotes round what begins with `*`";
  }
  const bool escaped = text.find('"') != text.npos && text.find('\\') != text.npos;
  return escaped ? "; put single quotes round what has a backslash in it" : "";
}

}  // namespace

const YamlMember* YamlNode::find(std::string_view key) const {
  const auto found = std::find_if(members.begin(), members.end(),
                                  [&](const YamlMember& member) { return member.key == key; });
  return found == members.end() ? nullptr : &*found;
}

YamlFile read_yaml(std::string_view text) {
  YamlFile file;
  file.failure = problem_of_encoding(text);
  if (file.failure) return file;
  try {
    read_documents(text, file);
  } catch (const Stop& stop) {
    file.failure = stop.problem;
  } catch (const YAML::Exception& error) {
    const YamlPlace at = error.mark.is_null() ? YamlPlace{} : place_of(error.mark);
    file.failure = YamlProblem{
        at, "", cat("this is not YAML: ", printable(sentence_of(error)), cure_for(text, at))};
  } catch (const std::exception& error) {
    file.failure = YamlProblem{{}, "", cat("cannot be read as YAML: ", printable(error.what()))};
  }
  return file;
}

}  // namespace signet
