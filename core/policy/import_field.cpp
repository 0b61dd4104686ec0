#include "core/policy/import_field.hpp"

#include "core/base/text.hpp"

namespace signet {

PeerField::operator bool() const {
  return node_ != nullptr && node_->kind != YamlNode::Kind::null;
}

PeerField PeerField::below(const YamlNode* node, YamlPlace at, std::string_view step) const {
  if (node) report_->read.emplace(node, false);
  const bool bare = path_.empty() || step.starts_with('[');
  return {*report_, node, at, cat(path_, bare ? "" : ".", step)};
}

PeerField PeerField::operator[](std::string_view key) const {
  const YamlMember* const member = node_ ? node_->find(key) : nullptr;
  const std::string step = printable(key, 60);
  return member ? below(&member->value, member->at, step) : below(nullptr, at_, step);
}

bool PeerField::is(YamlNode::Kind kind, std::string_view wanted) const {
  if (!*this) return false;
  if (node_->kind != kind) error(cat("is not ", wanted, "; the peer would not take it either"));
  return node_->kind == kind;
}

std::string PeerField::text() const {
  done();
  return is(YamlNode::Kind::string, "text") ? node_->text : std::string();
}

bool PeerField::flag(bool standard) const {
  done();
  return is(YamlNode::Kind::boolean, "true or false") ? to_lower(node_->text) == "true" : standard;
}

std::optional<std::size_t> PeerField::number() const {
  done();
  if (!is(YamlNode::Kind::number, "a number")) return std::nullopt;
  const auto value = parse_number(node_->text);
  if (!value) error("is not a whole number");
  return value ? std::optional<std::size_t>(*value) : std::nullopt;
}

std::vector<PeerField> PeerField::items() const {
  std::vector<PeerField> fields;
  if (!is(YamlNode::Kind::list, "a list")) return fields;
  for (std::size_t i = 0; i < node_->items.size(); ++i) {
    const YamlNode& item = node_->items[i];
    fields.push_back(below(&item, item.at, cat("[", std::to_string(i), "]")));
  }
  return fields;
}

std::vector<std::pair<std::string, PeerField>> PeerField::members() const {
  std::vector<std::pair<std::string, PeerField>> fields;
  if (!is(YamlNode::Kind::map, "a map")) return fields;
  for (const YamlMember& member : node_->members)
    fields.emplace_back(member.key, (*this)[member.key]);
  return fields;
}

std::vector<std::string> PeerField::words() const {
  std::vector<std::string> list;
  for (const PeerField& item : items())
    list.push_back(item.text());
  return list;
}

std::map<std::string, std::string> PeerField::texts() const {
  std::map<std::string, std::string> map;
  for (const auto& [key, value] : members())
    map.emplace(key, value.text());
  return map;
}

void PeerField::done() const {
  if (node_) report_->read[node_] = true;
}

Issue PeerField::place() const {
  return {report_->file, at_.line, at_.column, path_, ""};
}

void PeerField::remark(bool loss, ImportComments& comments, std::string_view what) const {
  comments.push_back(cat(loss ? "not carried over: " : "", path_, ": ", what));
  Issue issue = place();
  issue.what = what;
  report_->remarks.push_back({loss, std::move(issue)});
}

void PeerField::note(ImportComments& comments, std::string_view what) const {
  done();
  remark(false, comments, what);
}

void PeerField::aside(ImportComments& comments, std::string_view what) const {
  remark(false, comments, what);
}

void PeerField::loss(ImportComments& comments, std::string_view what) const {
  done();
  remark(true, comments, what);
}

void PeerField::error(std::string what) const {
  done();
  report_->errors.push_back(place());
  report_->errors.back().what = std::move(what);
}

void PeerField::lose_unread(ImportComments& comments) const {
  const auto known = report_->read.find(node_);
  if (!*this || (known != report_->read.end() && known->second)) return;
  if (node_->kind == YamlNode::Kind::list) {
    for (const PeerField& item : items())
      item.lose_unread(comments);
  } else if (node_->kind == YamlNode::Kind::map) {
    for (const YamlMember& member : node_->members) {
      const bool asked = report_->read.contains(&member.value);
      const PeerField field = (*this)[member.key];
      if (asked) {
        field.lose_unread(comments);
      } else if (field) {
        field.loss(comments, "import does not know this field, and nothing stands for it");
      }
    }
  }
}

}  // namespace signet
