#include "core/policy/selector.hpp"

#include <algorithm>

namespace signet {
namespace {

bool holds(const Selector::Expression& expression, const Labels& labels) {
  const auto label = labels.find(expression.key);
  const bool present = label != labels.end();
  const auto listed = [&] {
    return std::find(expression.values.begin(), expression.values.end(), label->second) !=
           expression.values.end();
  };
  switch (expression.op) {
    case Selector::Operator::in:
      return present && listed();
    case Selector::Operator::not_in:
      return !present || !listed();
    case Selector::Operator::exists:
      return present;
    case Selector::Operator::does_not_exist:
      return !present;
  }
  return false;
}

}  // namespace

bool Selector::matches(const Labels& labels) const {
  return std::all_of(expressions.begin(), expressions.end(),
                     [&](const Expression& expression) { return holds(expression, labels); });
}

}  // namespace signet
