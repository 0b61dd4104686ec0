#include <algorithm>

#include "core/base/limits.hpp"
#include "core/base/text.hpp"
#include "core/policy/load_parts.hpp"

namespace signet {
namespace {

constexpr std::size_t kLabelPrefixBytes = 253;  // of what may stand before the name's slash

bool is_label_character(char c) {
  return is_alnum(c) || c == '-' || c == '_' || c == '.';
}

// The syntax of Kubernetes; what has another one is on no object, so it would never match.
bool is_label_name(std::string_view name) {
  return !name.empty() && name.size() <= kLabelBytes && is_alnum(name.front()) &&
         is_alnum(name.back()) && std::all_of(name.begin(), name.end(), is_label_character);
}

bool is_label_key(std::string_view key) {
  const auto slash = key.find('/');
  if (slash == std::string_view::npos) return is_label_name(key);
  const std::string_view prefix = key.substr(0, slash);
  return !prefix.empty() && prefix.size() <= kLabelPrefixBytes &&
         std::all_of(prefix.begin(), prefix.end(), is_label_character) &&
         is_label_name(key.substr(slash + 1));
}

bool is_label_value(std::string_view value) {
  return value.empty() || is_label_name(value);
}

void check_value(const Field& field, std::string_view value) {
  if (is_label_value(value)) return;
  field.issue(cat(quoted(value, 80), " is not a label value, so no object can have it"));
}

void check_key(const Field& field, std::string_view key) {
  if (is_label_key(key)) return;
  field.issue(cat(quoted(key, 80), " is not a label key, so no object can have it"));
}

std::vector<std::string> load_values(const Field& values) {
  std::vector<std::string> list;
  for (const Field& item : values.items(kPatterns)) {
    auto value = item.text();
    if (!value) continue;
    check_value(item, *value);
    list.push_back(std::move(*value));
  }
  return list;
}

Selector::Expression load_expression(const Field& field) {
  Selector::Expression expression;
  if (!field.is_map_of({"key", "operator", "values"})) return expression;
  if (field["key"].required("name a label")) {
    expression.key = field["key"].text().value_or("");
    if (!expression.key.empty()) check_key(field["key"], expression.key);
  }
  if (!field["operator"].required("write In, NotIn, Exists or DoesNotExist")) return expression;
  const auto word = field["operator"].one_of({"In", "NotIn", "Exists", "DoesNotExist"});
  if (!word) return expression;
  expression.op = static_cast<Selector::Operator>(*word);
  const bool wants_values =
      expression.op == Selector::Operator::in || expression.op == Selector::Operator::not_in;
  const Field values = field["values"];
  if (wants_values && values.required("In and NotIn need a list of values")) {
    expression.values = load_values(values);
  }
  if (!wants_values && values) values.issue("Exists and DoesNotExist take no values");
  return expression;
}

Selector load_selector(const Field& field) {
  Selector selector;
  if (!field.is_map_of({"matchLabels", "matchExpressions"})) return selector;
  const Field labels = field["matchLabels"];
  for (const auto& [key, value] : labels.texts(kPatterns)) {
    check_key(labels[key], key);
    check_value(labels[key], value);
    selector.expressions.push_back({key, Selector::Operator::in, {value}});
  }
  for (const Field& item : field["matchExpressions"].items(kPatterns)) {
    selector.expressions.push_back(load_expression(item));
  }
  return selector;
}

std::vector<ImageGlob> load_globs(const Field& field) {
  std::vector<ImageGlob> globs;
  for (const Field& item : field.items(kPatterns)) {
    const auto text = item.text();
    if (!text) continue;
    auto glob = ImageGlob::parse(*text);
    if (glob) {
      globs.push_back(std::move(*glob));
    } else {
      item.issue(glob.error().what());
    }
  }
  return globs;
}

std::vector<std::string> load_namespaces(const Field& field) {
  std::vector<std::string> patterns;
  for (const Field& item : field.items(kPatterns)) {
    auto text = item.text();
    if (!text) continue;
    const bool good =
        text->size() <= kLabelBytes && std::all_of(text->begin(), text->end(), [](char c) {
          return is_lower(c) || is_digit(c) || c == '-' || c == '*' || c == '?';
        });
    if (!good) {
      item.issue(cat(quoted(*text, 80),
                     " can match no namespace; their names have lower case "
                     "letters, digits and `-`, patterns also `*` and `?`"));
    }
    patterns.push_back(std::move(*text));
  }
  return patterns;
}

// The fields that only one of the two kinds has.
void check_kind(const Field& match, PolicyKind kind) {
  if (kind == PolicyKind::cluster && match["objectSelector"]) {
    match["objectSelector"].issue(
        "stands in a TrustPolicy only: the author of a pod could drop the label, and with it the "
        "requirement of a cluster policy");
  }
  if (kind == PolicyKind::cluster) return;
  for (const std::string_view name : {"namespaces", "namespaceSelector"}) {
    if (match[name]) {
      match[name].issue("stands in a ClusterTrustPolicy only; a TrustPolicy is for its namespace");
    }
  }
}

}  // namespace

Match match_everything() {
  Match match;
  match.images.push_back(*ImageGlob::parse("**"));
  return match;
}

Match load_match(const Field& field, PolicyKind kind) {
  Match match;
  if (!field.required("say which images: match: {images: [...]}")) return match;
  if (!field.is_map_of(
          {"images", "exclude", "namespaces", "namespaceSelector", "objectSelector"})) {
    return match;
  }
  check_kind(field, kind);
  if (field["images"].required("name images; `**` is every one")) {
    match.images = load_globs(field["images"]);
  }
  match.exclude = load_globs(field["exclude"]);
  match.namespaces = load_namespaces(field["namespaces"]);
  if (field["namespaceSelector"]) {
    match.namespace_selector = load_selector(field["namespaceSelector"]);
  }
  if (field["objectSelector"]) match.object_selector = load_selector(field["objectSelector"]);
  return match;
}

}  // namespace signet
