#include "server/cli/manifest_objects.hpp"

#include "core/admission/json_text.hpp"
#include "core/base/text.hpp"

namespace signet {
namespace {

// From the object to what stands in the items of a list: the list's own map, and `items`.
constexpr std::size_t kItemLevels = 2;

}  // namespace

bool ManifestObjects::refuse(const Error& problem) {
  return refuse(problem, at_);
}

bool ManifestObjects::refuse(const Error& problem, At at) {
  if (problem_) return false;
  const std::string place =
      at.line == 0 ? "" : cat(std::to_string(at.line), ":", std::to_string(at.column), ": ");
  problem_ = Error(problem.reason(), cat(place, problem.what()));
  return false;
}

// ---- maps and lists

bool ManifestObjects::open(Shape shape, std::string_view anchor) {
  if (open_.size() + left_out_ >= kReviewDepth) {
    return refuse(too_large(cat("nested deeper than ", std::to_string(kReviewDepth), " levels")));
  }
  if (leaves_out_) {
    ++left_out_;
    return true;
  }
  const bool is_item = in_items_ && open_.size() == kItemLevels;
  if (is_item && shape == Shape::list) {
    return refuse(malformed("the items of a List must be objects"));
  }
  if (!open_.empty() && open_.back().wants_key) return refuse(malformed("a key must be text"));
  if (open_.empty() && shape == Shape::list) {
    return refuse(malformed("a document must be an object; write a list as the items of a List"));
  }
  begin_value();
  Level level{shape, std::string(anchor), text_.size(), true, shape == Shape::map, {}};
  if (is_items(shape)) {
    envelope_.swap(text_);
    text_.clear();
    in_items_ = had_items_ = true;
  } else {
    text_.push_back(shape == Shape::map ? '{' : '[');
  }
  open_.push_back(std::move(level));
  return true;
}

bool ManifestObjects::close() {
  if (left_out_ > 0) {
    if (--left_out_ == 0) end_value({}, 0);
    return true;
  }
  const Level level = std::move(open_.back());
  open_.pop_back();
  if (in_items_ && open_.size() + 1 == kItemLevels) {
    text_.swap(envelope_);
    text_.append("[]");
    in_items_ = false;
    end_value({}, 0);
    return true;
  }
  text_.push_back(level.shape == Shape::map ? '}' : ']');
  end_value(level.anchor, level.begin);
  return in_items_ && open_.size() == kItemLevels ? hand_on() : has_room();
}

bool ManifestObjects::is_items(Shape shape) const {
  return shape == Shape::list && open_.size() == 1 && open_.back().key == "items";
}

// ---- scalars

bool ManifestObjects::text(std::string_view value, std::string_view anchor) {
  if (left_out_ > 0) return true;
  if (!open_.empty() && open_.back().wants_key) return key(value);
  const bool of_root = open_.size() == 1;
  if (of_root && open_.back().key == "kind") list_kind_ = value.substr(0, kNameBytes);
  if (of_root && open_.back().key == "apiVersion") list_api_ = value.substr(0, kNameBytes);
  std::string json;
  append_quoted(json, value);
  return scalar(json, anchor);
}

bool ManifestObjects::literal(std::string_view json, std::string_view anchor) {
  if (left_out_ > 0) return true;
  if (!open_.empty() && open_.back().wants_key) return key(json);
  if (open_.empty() && json == "null") return true;
  return scalar(json, anchor);
}

bool ManifestObjects::key(std::string_view name) {
  Level& level = open_.back();
  if (name == "<<") {
    return refuse(malformed("merge keys (`<<`) are not read; write the values out"));
  }
  level.key = name;
  level.wants_key = false;
  leaves_out_ = is_left_out(name);
  if (leaves_out_) return true;
  if (!level.is_empty) text_.push_back(',');
  level.is_empty = false;
  append_quoted(text_, name);
  text_.push_back(':');
  return true;
}

bool ManifestObjects::is_left_out(std::string_view name) const {
  const std::size_t depth = open_.size() - (in_items_ ? kItemLevels : 0);
  if (depth == 1) return name == "status";
  return depth == 2 && name == "managedFields" && open_[open_.size() - 2].key == "metadata";
}

bool ManifestObjects::scalar(std::string_view json, std::string_view anchor) {
  if (open_.empty()) {
    return refuse(malformed("a document must be an object with apiVersion and kind"));
  }
  if (leaves_out_) {
    end_value({}, 0);
    return true;
  }
  if (in_items_ && open_.size() == kItemLevels) {
    return refuse(malformed("the items of a List must be objects"));
  }
  begin_value();
  const std::size_t begin = text_.size();
  text_.append(json);
  end_value(anchor, begin);
  return has_room();
}

bool ManifestObjects::alias(std::string_view name) {
  if (left_out_ > 0) return true;
  if (!open_.empty() && open_.back().wants_key) {
    return refuse(malformed("an alias must not be a key"));
  }
  const auto found = anchors_.find(name);
  if (found == anchors_.end()) {
    return refuse(malformed(cat("the alias *", printable(name, 60), " has no anchor before it")));
  }
  written_ += found->second.size();
  if (written_ > kWrittenAliasBytes) {
    return refuse(
        too_large(cat("the aliases of this document stand for more than ",
                      std::to_string(kWrittenAliasBytes), " bytes in all; write the values out")));
  }
  return scalar(found->second, {});
}

// ---- values

void ManifestObjects::begin_value() {
  if (open_.empty() || (in_items_ && open_.size() == kItemLevels)) {
    text_.clear();
    begins_ = at_;
    return;
  }
  Level& level = open_.back();
  if (level.shape == Shape::map) return;
  if (!level.is_empty) text_.push_back(',');
  level.is_empty = false;
}

void ManifestObjects::end_value(std::string_view anchor, std::size_t begin) {
  leaves_out_ = false;
  if (!open_.empty()) open_.back().wants_key = open_.back().shape == Shape::map;
  if (anchor.empty()) return;
  anchored_ += text_.size() - begin;
  if (anchored_ > kAliasBytes) {
    refuse(too_large(cat("what the anchors of this document stand for is more than ",
                         std::to_string(kAliasBytes), " bytes; write the values out")));
    return;
  }
  anchors_.insert_or_assign(std::string(anchor), text_.substr(begin));
}

bool ManifestObjects::has_room() {
  if (problem_) return false;
  if (text_.size() <= kReviewBytes) return true;
  return refuse(too_large("one object is larger than 7 MiB, and the API server takes 3"), begins_);
}

// ---- whole objects

bool ManifestObjects::hand_on() {
  if (!has_room()) return false;
  const auto done = on_object_(ManifestObject{text_, in_items_ ? std::string_view(list_api_) : "",
                                              in_items_ ? std::string_view(list_kind_) : ""});
  text_.clear();
  return done ? true : refuse(done.error(), begins_);
}

bool ManifestObjects::end_document() {
  const bool is_list = had_items_;
  const bool is_empty = text_.empty() && !is_list;
  // Its items were taken for objects and it for their envelope.
  if (is_list && !list_kind_.ends_with("List")) {
    return refuse(malformed("only a List has `items`; write kind: List, or take them away"));
  }
  anchors_.clear();
  anchored_ = written_ = 0;
  had_items_ = false;
  list_api_.clear();
  list_kind_.clear();
  if (is_empty) return true;
  ++documents_;
  if (!is_list) return hand_on();
  text_.clear();
  return true;
}

}  // namespace signet
