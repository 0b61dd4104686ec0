#pragma once
// A Kubernetes label selector: matchLabels and matchExpressions (In, NotIn, Exists, DoesNotExist),
// all ANDed.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace signet {

using Labels = std::map<std::string, std::string, std::less<>>;

struct Selector {
  enum class Operator { in, not_in, exists, does_not_exist };
  struct Expression {
    std::string key;
    Operator op = Operator::exists;
    std::vector<std::string> values;

    bool holds(const std::optional<std::string_view>& value) const;  // nothing: no such label
  };
  std::vector<Expression> expressions;  // matchLabels are `in` with one value

  bool matches(const Labels& labels) const;
};

// What a label has for a value; nothing where there is no such label.
std::optional<std::string_view> label_of(const Labels& labels, std::string_view key);

}  // namespace signet
