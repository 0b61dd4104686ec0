#include "server/runtime/memory.hpp"

#include <gtest/gtest.h>

#include "tests/support/temporary_directory.hpp"

namespace signet {
namespace {

class MemoryLimitTest : public ::testing::Test {
 protected:
  void group(const std::string& lines) { directory_.write("proc/self/cgroup", lines); }
  void file(const std::string& name, const std::string& text) {
    directory_.write("sys/fs/cgroup/" + name, text);
  }
  std::optional<std::size_t> limit() const { return cgroup_memory_limit(directory_.str()); }

  TemporaryDirectory directory_;
};

TEST_F(MemoryLimitTest, IsThatOfVersionTwo) {
  group("0::/\n");
  file("memory.max", "268435456\n");
  EXPECT_EQ(limit(), 268435456u);
}

TEST_F(MemoryLimitTest, IsTheLeastOfTheGroupAndThoseAboveIt) {
  group("0::/pods/one\n");
  file("pods/one/memory.max", "max\n");
  file("pods/memory.max", "1000000\n");
  file("memory.max", "2000000\n");
  EXPECT_EQ(limit(), 1000000u);
}

TEST_F(MemoryLimitTest, IsThatOfVersionOne) {
  group("5:cpu,cpuacct:/\n4:hugetlb,memory:/docker/x\n0::/\n");
  file("memory/docker/x/memory.limit_in_bytes", "134217728\n");
  file("memory/memory.limit_in_bytes", "9223372036854771712\n");
  EXPECT_EQ(limit(), 134217728u);
}

TEST_F(MemoryLimitTest, IsNothingWhereThereIsNone) {
  EXPECT_EQ(limit(), std::nullopt);
  group("0::/\nrubbish\n");
  file("memory.max", "max\n");
  EXPECT_EQ(limit(), std::nullopt);
}

TEST(MemoryTest, IsShortAboveFourFifthsOfItsLimit) {
  EXPECT_FALSE(Memory(0).is_short()) << "no limit";
  EXPECT_TRUE(Memory(1).is_short());
  EXPECT_FALSE(Memory(std::size_t{1} << 45).is_short());
}

}  // namespace
}  // namespace signet
