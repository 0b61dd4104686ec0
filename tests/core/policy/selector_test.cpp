#include "core/policy/selector.hpp"

#include <gtest/gtest.h>

namespace signet {
namespace {

using Operator = Selector::Operator;

const Labels kLabels = {{"app", "web"}, {"tier", "prod"}, {"empty", ""}};

struct SelectorRow {
  const char* name;
  Selector::Expression expression;
  bool matches;
};

TEST(SelectorTest, FollowsTheOperatorsOfKubernetes) {
  const SelectorRow rows[] = {
      {"in, listed", {"app", Operator::in, {"db", "web"}}, true},
      {"in, another value", {"app", Operator::in, {"db"}}, false},
      {"in, absent", {"zone", Operator::in, {"a"}}, false},
      {"in, the empty value", {"empty", Operator::in, {""}}, true},
      {"in, absent is not empty", {"zone", Operator::in, {""}}, false},
      {"in is byte-exact", {"app", Operator::in, {"Web"}}, false},
      {"not in, listed", {"app", Operator::not_in, {"web"}}, false},
      {"not in, another value", {"app", Operator::not_in, {"db"}}, true},
      {"not in, absent", {"zone", Operator::not_in, {"a"}}, true},
      {"exists", {"app", Operator::exists, {}}, true},
      {"exists, empty value", {"empty", Operator::exists, {}}, true},
      {"exists, absent", {"zone", Operator::exists, {}}, false},
      {"does not exist", {"zone", Operator::does_not_exist, {}}, true},
      {"does not exist, present", {"app", Operator::does_not_exist, {}}, false},
  };
  for (const SelectorRow& row : rows) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(Selector{{row.expression}}.matches(kLabels), row.matches);
  }
}

TEST(SelectorTest, NeedsEveryExpression) {
  const Selector both{{{"app", Operator::in, {"web"}}, {"tier", Operator::in, {"prod"}}}};
  const Selector one{{{"app", Operator::in, {"web"}}, {"tier", Operator::in, {"test"}}}};

  EXPECT_TRUE(both.matches(kLabels));
  EXPECT_FALSE(one.matches(kLabels));
}

TEST(SelectorTest, MatchesEverythingWithoutExpressions) {
  EXPECT_TRUE(Selector{}.matches(kLabels));
  EXPECT_TRUE(Selector{}.matches({}));
}

}  // namespace
}  // namespace signet
