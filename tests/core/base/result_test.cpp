#include "core/base/result.hpp"

#include <gtest/gtest.h>

#include <memory>

namespace signet {
namespace {

TEST(ResultTest, HoldsAValueOrAnError) {
  const Result<int> value(7);
  const Result<int> failure(malformed("no number"));

  ASSERT_TRUE(value);
  EXPECT_EQ(*value, 7);
  ASSERT_FALSE(failure);
  EXPECT_EQ(failure.error(), Error(Reason::malformed_object, "no number"));
}

TEST(ResultTest, MovesItsValueOut) {
  Result<std::unique_ptr<int>> value(std::make_unique<int>(7));

  const std::unique_ptr<int> taken = *std::move(value);

  EXPECT_EQ(*taken, 7);
}

TEST(ResultTest, OfNothingIsGoodUnlessItHoldsAnError) {
  EXPECT_TRUE(Result<void>());
  const Result<void> failure(too_large("too much"));
  ASSERT_FALSE(failure);
  EXPECT_EQ(failure.error().reason(), Reason::limit_exceeded);
}

TEST(ErrorTest, TellsWhereAndMayBeRenamed) {
  const Error error = malformed("not JSON");

  EXPECT_EQ(error.under("payload").what(), "payload: not JSON");
  EXPECT_EQ(error.under("payload").reason(), Reason::malformed_object);
  EXPECT_EQ(error.as(Reason::signature_invalid).reason(), Reason::signature_invalid);
  EXPECT_EQ(error.as(Reason::signature_invalid).what(), "not JSON");
}

}  // namespace
}  // namespace signet
