#include "core/crypto/library_version.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace signet {
namespace {

TEST(LibraryVersionTest, WarnsBelowTheFloorOfEachLine) {
  struct Row {
    unsigned major, minor, patch;
    bool warns;
  };
  const std::vector<Row> rows = {{1, 1, 99, true},  {3, 0, 20, true}, {3, 0, 21, false},
                                 {3, 0, 22, false}, {3, 1, 9, true},  {3, 5, 6, true},
                                 {3, 5, 7, false},  {3, 6, 2, true},  {3, 6, 3, false},
                                 {3, 7, 0, false},  {4, 0, 0, false}};
  for (const Row& row : rows) {
    SCOPED_TRACE(row.minor * 100 + row.patch);
    EXPECT_EQ(library_warning(row.major, row.minor, row.patch).has_value(), row.warns);
  }
}

TEST(LibraryVersionTest, TheWarningNamesTheVersionAndTheCure) {
  const auto warning = library_warning(3, 0, 11);

  ASSERT_TRUE(warning);
  EXPECT_NE(warning->find("3.0.11"), std::string::npos);
  EXPECT_NE(warning->find("update"), std::string::npos);
}

}  // namespace
}  // namespace signet
