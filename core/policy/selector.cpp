#include "core/policy/selector.hpp"

#include <algorithm>

namespace signet {

bool Selector::Expression::holds(const std::optional<std::string_view>& value) const {
  const bool listed = value && std::find(values.begin(), values.end(), *value) != values.end();
  switch (op) {
    case Selector::Operator::in:
      return listed;
    case Selector::Operator::not_in:
      return !listed;
    case Selector::Operator::exists:
      return value.has_value();
    case Selector::Operator::does_not_exist:
      return !value.has_value();
  }
  return false;
}

bool Selector::matches(const Labels& labels) const {
  return std::all_of(expressions.begin(), expressions.end(), [&](const Expression& expression) {
    return expression.holds(label_of(labels, expression.key));
  });
}

std::optional<std::string_view> label_of(const Labels& labels, std::string_view key) {
  const auto found = labels.find(key);
  if (found == labels.end()) return std::nullopt;
  return found->second;
}

}  // namespace signet
