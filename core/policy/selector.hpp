#pragma once
// A Kubernetes label selector: matchLabels and matchExpressions (In, NotIn, Exists, DoesNotExist),
// all ANDed.

#include <map>
#include <string>
#include <vector>

namespace signet {

using Labels = std::map<std::string, std::string, std::less<>>;

struct Selector {
  enum class Operator { in, not_in, exists, does_not_exist };
  struct Expression {
    std::string key;
    Operator op = Operator::exists;
    std::vector<std::string> values;
  };
  std::vector<Expression> expressions;  // matchLabels are `in` with one value

  bool matches(const Labels& labels) const;
};

}  // namespace signet
