#include "server/runtime/snapshot.hpp"

#include <gtest/gtest.h>

#include <string>

namespace signet {
namespace {

TEST(SnapshotTest, HasNothingBeforeTheFirstSwap) {
  const Snapshot<std::string> snapshot;
  EXPECT_EQ(snapshot.get(), nullptr);
}

TEST(SnapshotTest, LeavesReadersTheValueTheyTook) {
  Snapshot<std::string> snapshot(std::make_shared<const std::string>("old"));
  const auto taken = snapshot.get();
  snapshot.swap(std::string("new"));
  EXPECT_EQ(*taken, "old");
  EXPECT_EQ(*snapshot.get(), "new");
}

}  // namespace
}  // namespace signet
