#include "server/runtime/files.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace signet {
namespace {

namespace fs = std::filesystem;

struct FilesTest : ::testing::Test {
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "files-test-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    directory = pattern;
  }
  void TearDown() override { fs::remove_all(directory); }

  std::string path(const std::string& name) const { return (directory / name).string(); }
  std::string write(const std::string& name, const std::string& content) const {
    std::ofstream(path(name), std::ios::binary) << content;
    return path(name);
  }

  fs::path directory;
};

TEST_F(FilesTest, ReadsAllOfAFile) {
  const std::string content = std::string("a\0b\n", 4) + std::string(200'000, 'x');
  const auto read = read_file(write("file", content), 1'000'000);
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, content);
}

TEST_F(FilesTest, ReadsUpToItsLimitAndNoFurther) {
  const std::string file = write("file", "12345");
  EXPECT_TRUE(read_file(file, 5));
  const auto read = read_file(file, 4);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().reason(), Reason::limit_exceeded);
  EXPECT_NE(read.error().what().find(file), std::string::npos);
}

TEST_F(FilesTest, NamesThePathAndTheCureOfAMissingFile) {
  const auto read = read_file(path("missing"), 10);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().reason(), Reason::config_not_ready);
  EXPECT_NE(read.error().what().find(path("missing")), std::string::npos);
  EXPECT_NE(read.error().what().find("check the path"), std::string::npos);
}

TEST_F(FilesTest, RefusesADirectoryAndAPipe) {
  const auto directory_read = read_file(directory.string(), 10);
  ASSERT_FALSE(directory_read);
  EXPECT_NE(directory_read.error().what().find("is a directory"), std::string::npos);

  ASSERT_EQ(::mkfifo(path("pipe").c_str(), 0600), 0);
  const auto pipe_read = read_file(path("pipe"), 10);
  ASSERT_FALSE(pipe_read);
  EXPECT_NE(pipe_read.error().what().find("no regular file"), std::string::npos);
}

TEST_F(FilesTest, ListsADirectoryInTheOrderOfItsBytes) {
  write("b", "");
  write("a", "");
  write(".hidden", "");
  write("B", "");
  const auto names = list_directory(directory.string(), 4);
  ASSERT_TRUE(names);
  EXPECT_EQ(*names, (std::vector<std::string>{".hidden", "B", "a", "b"}));
  const auto too_many = list_directory(directory.string(), 3);
  ASSERT_FALSE(too_many);
  EXPECT_EQ(too_many.error().reason(), Reason::limit_exceeded);
}

TEST_F(FilesTest, SaysWhyADirectoryCannotBeListed) {
  const auto names = list_directory(write("file", ""), 10);
  ASSERT_FALSE(names);
  EXPECT_EQ(names.error().reason(), Reason::config_not_ready);
  EXPECT_NE(names.error().what().find("file"), std::string::npos);
}

TEST_F(FilesTest, TellsFilesFromDirectories) {
  EXPECT_EQ(kind_of(write("file", "")), PathKind::file);
  EXPECT_EQ(kind_of(directory.string()), PathKind::directory);
  EXPECT_EQ(kind_of(path("missing")), PathKind::missing);
  EXPECT_EQ(kind_of("/dev/null"), PathKind::other);
}

TEST_F(FilesTest, NoticesASwappedSymbolicLink) {
  write("one", "same");
  write("two", "same");
  fs::create_symlink("one", path("current"));
  const auto before = stamp_of(path("current"));
  EXPECT_EQ(before, stamp_of(path("current")));

  fs::create_symlink("two", path("next"));
  fs::rename(path("next"), path("current"));

  ASSERT_TRUE(before);
  EXPECT_NE(before, stamp_of(path("current")));
  EXPECT_EQ(stamp_of(path("missing")), std::nullopt);
}

}  // namespace
}  // namespace signet
