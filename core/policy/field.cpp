#include "core/policy/field.hpp"

#include <algorithm>

#include "core/base/limits.hpp"
#include "core/base/nearest.hpp"
#include "core/base/text.hpp"
#include "core/policy/known_keys.hpp"

namespace signet {
namespace {

std::string_view name_of(YamlNode::Kind kind) {
  switch (kind) {
    case YamlNode::Kind::null:
    case YamlNode::Kind::refused:
      return "nothing";
    case YamlNode::Kind::boolean:
      return "a boolean";
    case YamlNode::Kind::number:
      return "a number";
    case YamlNode::Kind::string:
      return "text";
    case YamlNode::Kind::list:
      return "a list";
    case YamlNode::Kind::map:
      return "a map";
  }
  return "nothing";
}

// What stands there, and what to do about it.
std::string wrong_type(const YamlNode& node, std::string_view wanted) {
  if (node.kind == YamlNode::Kind::null)
    return cat("has no value; write ", wanted, " or take the line out");
  const bool scalar = node.kind == YamlNode::Kind::boolean || node.kind == YamlNode::Kind::number;
  if (scalar && wanted == "text") {
    return cat(printable(node.text, 60), " is ", name_of(node.kind),
               ", not text; put quotes round it");
  }
  if (node.kind == YamlNode::Kind::string && node.text.find("-----BEGIN ") != std::string::npos) {
    return "is the PEM itself; write {pem: ...} round it, or {file: ...} for a file that holds it";
  }
  if (node.kind == YamlNode::Kind::map && wanted == "text" && node.members.size() == 1) {
    return cat("is a map, not text; write the value of `", printable(node.members[0].key, 60),
               "` alone");
  }
  if (scalar || node.kind == YamlNode::Kind::string) {
    return cat(quoted(node.text, 60), " is ", name_of(node.kind), ", not ", wanted);
  }
  return cat("is ", name_of(node.kind), ", not ", wanted);
}

bool is_within(std::string_view field, std::string_view whole) {
  if (!field.starts_with(whole)) return false;
  const std::string_view rest = field.substr(whole.size());
  return rest.empty() || whole.empty() || rest.front() == '.' || rest.front() == '[';
}

}  // namespace

void Document::add(YamlPlace at, std::string field, std::string what, bool of_material) {
  if (issues.size() > kIssues) return;
  if (issues.size() == kIssues) {
    field.clear();
    what = "there are more issues from here on";
  }
  issues.push_back({file, at.line, at.column, std::move(field), std::move(what), of_material});
}

bool Document::is_kept() const {
  return issues.empty() ||
         (parts == IncompleteParts::kept &&
          std::all_of(issues.begin(), issues.end(), [](const Issue& i) { return i.of_material; }));
}

bool Document::is_unreadable(std::string_view field) const {
  return std::any_of(issues.begin(), issues.end(), [&](const Issue& issue) {
    return is_within(issue.field, field) || is_within(field, issue.field);
  });
}

Field Field::below(const YamlNode* node, YamlPlace at, std::string_view step) const {
  return {*document_, node, at, cat(path_, path_.empty() || step[0] == '[' ? "" : ".", step)};
}

Field Field::operator[](std::string_view key) const {
  const YamlMember* const member = node_ ? node_->find(key) : nullptr;
  if (!member) return below(nullptr, at_, key);
  return below(&member->value, member->value.at, key);
}

bool Field::is_map() const {
  return is(YamlNode::Kind::map, "a map");
}

bool Field::is_map_of(std::initializer_list<std::string_view> known) const {
  if (!is_map()) return false;
  for (const YamlMember& member : node_->members) {
    if (std::find(known.begin(), known.end(), member.key) != known.end()) continue;
    const std::string step = printable(member.key, 60);
    below(nullptr, member.at, step.empty() ? "\"\"" : step)
        .issue(about_unknown_key(member.key, {known.begin(), known.size()}));
  }
  return true;
}

bool Field::required(std::string_view cure) const {
  if (!present()) issue(cat("is missing; ", cure));
  return present();
}

bool Field::is(YamlNode::Kind kind, std::string_view wanted) const {
  if (!node_ || node_->kind == YamlNode::Kind::refused) return false;
  if (node_->kind != kind) issue(wrong_type(*node_, wanted));
  return node_->kind == kind;
}

std::optional<std::string> Field::text() const {
  if (!is(YamlNode::Kind::string, "text")) return std::nullopt;
  if (node_->text.empty()) {
    issue("is empty; write text or take the line out");
    return std::nullopt;
  }
  return node_->text;
}

std::optional<bool> Field::boolean() const {
  if (!is(YamlNode::Kind::boolean, "true or false")) return std::nullopt;
  return to_lower(node_->text) == "true";
}

std::optional<std::size_t> Field::number(std::size_t least, std::size_t most) const {
  if (!is(YamlNode::Kind::number, "a number")) return std::nullopt;
  const auto value = parse_number(node_->text);
  if (value && *value >= least && *value <= most) return static_cast<std::size_t>(*value);
  issue(cat(printable(node_->text, 60), " is not a whole decimal number from ",
            std::to_string(least), " to ", std::to_string(most)));
  return std::nullopt;
}

std::optional<TimePoint> Field::time() const {
  const auto written = text();
  if (!written) return std::nullopt;
  const auto time = parse_time(*written);
  if (time) return *time;
  issue(time.error().what());
  return std::nullopt;
}

std::optional<std::size_t> Field::one_of(std::initializer_list<std::string_view> words) const {
  const std::vector<std::string> list(words.begin(), words.end());
  const auto word = text();
  if (!word) return std::nullopt;
  const auto found = std::find(list.begin(), list.end(), *word);
  if (found != list.end()) return static_cast<std::size_t>(found - list.begin());
  const std::string_view meant = nearest(*word, {words.begin(), words.size()});
  issue(cat(quoted(*word, 60), " is not one of ", join(list, ", "),
            meant.empty() ? "" : cat("; did you mean ", meant, "?")));
  return std::nullopt;
}

std::vector<Field> Field::items(std::size_t most) const {
  std::vector<Field> fields;
  if (!is(YamlNode::Kind::list, "a list")) return fields;
  if (node_->items.empty()) issue("is an empty list; name something or take the line out");
  if (node_->items.size() > most) {
    issue(cat("has ", std::to_string(node_->items.size()), " entries, more than ",
              std::to_string(most)));
    return fields;
  }
  for (std::size_t i = 0; i < node_->items.size(); ++i) {
    fields.push_back(below(&node_->items[i], node_->items[i].at, cat("[", std::to_string(i), "]")));
  }
  return fields;
}

std::map<std::string, std::string> Field::texts(std::size_t most) const {
  std::map<std::string, std::string> texts;
  if (!is(YamlNode::Kind::map, "a map")) return texts;
  if (node_->members.size() > most) {
    issue(cat("has ", std::to_string(node_->members.size()), " entries, more than ",
              std::to_string(most)));
    return texts;
  }
  for (const YamlMember& member : node_->members) {
    const Field value = below(&member.value, member.value.at, printable(member.key, 60));
    if (member.key.empty()) issue("has an empty key");
    if (value.is(YamlNode::Kind::string, "text")) texts.emplace(member.key, member.value.text);
  }
  return texts;
}

void Field::issue(std::string what) const {
  document_->add(at_, path_, std::move(what));
}

void Field::missing_material(std::string what) const {
  document_->add(at_, path_, std::move(what), true);
}

}  // namespace signet
