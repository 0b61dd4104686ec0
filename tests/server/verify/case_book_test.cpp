#include "server/verify/case_book.hpp"

#include "tests/server/verify/memory_fixture.hpp"

namespace signet {
namespace {

Reference image_named(std::size_t number) {
  return *Reference::parse(cat("registry.example/shop/app:", std::to_string(number)));
}

Judged judged_until(std::optional<TimePoint> end) {
  Verdict verdict;
  verdict.stable_until = end;
  return Judged{std::make_shared<const Verdict>(std::move(verdict)), false};
}

class CaseBookTest : public ::testing::Test {
 protected:
  bool is_open(std::size_t number) {
    return book.find_open(policies, workload, image_named(number).original()) != nullptr;
  }

  CaseBook book{3, 2, nullptr};
  std::shared_ptr<const PolicySet> policies = set_of({policy_with(test::signer().trust())});
  Workload workload{"shop", {}, {}};
  TimePoint now = test::signer().at();
};

TEST_F(CaseBookTest, HoldsSoManyPlansAndThenForgetsTheOneUsedLongestAgo) {
  for (const std::size_t number : {0u, 1u, 2u})
    book.open(policies, workload, image_named(number));
  EXPECT_TRUE(is_open(1) && is_open(2) && is_open(0)) << "three fit";

  book.open(policies, workload, image_named(3));
  EXPECT_FALSE(is_open(1));
  EXPECT_TRUE(is_open(0) && is_open(2) && is_open(3));
}

TEST_F(CaseBookTest, HoldsSoManyVerdictsAndThenForgetsTheOneUsedLongestAgo) {
  const VerdictKey keys[] = {{1, std::nullopt, {}}, {2, std::nullopt, {}}, {3, std::nullopt, {}}};
  book.keep(keys[0], judged_until({}), now);
  book.keep(keys[1], judged_until({}), now);
  EXPECT_TRUE(book.find(keys[1], now) && book.find(keys[0], now)) << "two fit";

  book.keep(keys[2], judged_until({}), now);
  EXPECT_FALSE(book.find(keys[1], now));
  EXPECT_TRUE(book.find(keys[0], now) && book.find(keys[2], now));
}

TEST_F(CaseBookTest, AVerdictHoldsFromItsMomentToItsEndAndNotAtIt) {
  const VerdictKey key{1, std::nullopt, {}};
  book.keep(key, judged_until(now + 10s), now);

  EXPECT_FALSE(book.find(key, now - 1s));
  EXPECT_TRUE(book.find(key, now + 9s));
  EXPECT_FALSE(book.find(key, now + 10s));
}

TEST_F(CaseBookTest, EveryPartOfAKeyTellsTwoVerdictsApart) {
  const Digest digest = Digest::of("an image");
  const VerdictKey key{1, digest, {7, 8}};
  CaseBook roomy(1, 100, nullptr);
  roomy.keep(key, judged_until({}), now);

  EXPECT_TRUE(roomy.find(key, now));
  EXPECT_FALSE(roomy.find({2, digest, {7, 8}}, now));
  EXPECT_FALSE(roomy.find({1, Digest::of("another"), {7, 8}}, now));
  EXPECT_FALSE(roomy.find({1, std::nullopt, {7, 8}}, now));
  EXPECT_FALSE(roomy.find({1, digest, {8, 7}}, now));
  EXPECT_FALSE(roomy.find({1, digest, {7}}, now));
}

TEST_F(CaseBookTest, WhatWasMadeOfOneSetOfPoliciesEndsWithIt) {
  const VerdictKey key{1, std::nullopt, {}};
  book.open(policies, workload, image_named(0));
  book.keep(key, judged_until({}), now);
  policies = set_of({policy_with(test::signer().trust())});

  EXPECT_FALSE(is_open(0));
  EXPECT_FALSE(book.find(key, now));
}

}  // namespace
}  // namespace signet
