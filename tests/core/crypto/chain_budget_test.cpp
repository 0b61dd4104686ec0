// The certificate work that many leaves share.

#include <gtest/gtest.h>

#include "core/crypto/chain.hpp"
#include "tests/support/certificates.hpp"

namespace signet {
namespace {

using namespace testing;

Trust budget_trust_in(const TestCa& top) {
  Trust trust;
  trust.authorities.push_back({{top.certificate}, {}, {}, {}});
  return trust;
}

TEST(CertificateBudgetTest, GivesWhatIsLeftAndNothingOnceItWasExceeded) {
  CertificateBudget budget(3);
  EXPECT_TRUE(budget.take(2));
  EXPECT_TRUE(budget.take(1));
  EXPECT_FALSE(budget.is_exceeded());
  EXPECT_TRUE(budget.take(0));
  EXPECT_FALSE(budget.take(1));
  EXPECT_TRUE(budget.is_exceeded());
  EXPECT_FALSE(budget.take(0));
}

// One check for each certificate but the anchor; and as many CRLs where those are asked for.
TEST(CertificateBudgetTest, IsSpentByThePathsThatAreJudged) {
  const TestCa top = root("Root");
  const TestCa sub = intermediate(top, "Sub");
  const TestCa team = leaf(sub, kTeam);
  const Trust trust = budget_trust_in(top);
  const std::vector<Certificate> carried = {sub.certificate};
  const auto with = [&](std::size_t most) {
    CertificateBudget budget(most);
    auto path =
        find_path(trust, team.certificate, carried, CodeSigning::optional, kTestNow, &budget);
    return std::pair(std::move(path), budget);
  };

  EXPECT_TRUE(with(2).first);
  EXPECT_EQ(with(2).second.left(), 0U);
  EXPECT_EQ(with(5).second.left(), 3U);
  const auto [path, budget] = with(1);
  ASSERT_FALSE(path);
  EXPECT_EQ(path.error().reason(), Reason::limit_exceeded);
  EXPECT_TRUE(budget.is_exceeded());
}

TEST(CertificateBudgetTest, IsSpentBySearchingAmongNamesakes) {
  const TestCa top = root("Root");
  const TestCa sub = intermediate(top, "Sub");
  CertificateSpec spec = leaf_spec(kTeam);
  spec.authority_key_id = false;
  const TestCa team = issue(sub, spec);
  std::vector<Certificate> carried = {sub.certificate};
  for (int i = 0; i < 5; ++i)
    carried.push_back(intermediate(top, "Sub").certificate);
  const Trust trust = budget_trust_in(top);
  CertificateBudget ample(100);
  ASSERT_TRUE(find_path(trust, team.certificate, carried, CodeSigning::optional, kTestNow, &ample));
  const std::size_t price = 100 - ample.left();
  EXPECT_GT(price, 2U);
  CertificateBudget enough(price);
  EXPECT_TRUE(
      find_path(trust, team.certificate, carried, CodeSigning::optional, kTestNow, &enough));
  CertificateBudget scarce(price - 1);
  const auto path =
      find_path(trust, team.certificate, carried, CodeSigning::optional, kTestNow, &scarce);
  ASSERT_FALSE(path);
  EXPECT_EQ(path.error().reason(), Reason::limit_exceeded);
}

}  // namespace
}  // namespace signet
