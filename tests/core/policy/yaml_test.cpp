#include "core/policy/yaml.hpp"

#include <gtest/gtest.h>

#include "core/base/limits.hpp"
#include "core/policy/yaml_scalars.hpp"

namespace signet {
namespace {

using Kind = YamlNode::Kind;

YamlNode root_of(std::string_view text) {
  const YamlFile file = read_yaml(text);
  EXPECT_FALSE(file.failure) << file.failure->what;
  EXPECT_EQ(file.documents.size(), 1U);
  if (file.documents.size() != 1) return {};
  EXPECT_TRUE(file.documents[0].problems.empty()) << file.documents[0].problems[0].what;
  return file.documents[0].root;
}

TEST(YamlTest, KnowsTheTypesOfTheCoreSchemaOnly) {
  const struct {
    const char* text;
    Kind kind;
  } rows[] = {
      {"true", Kind::boolean},
      {"True", Kind::boolean},
      {"FALSE", Kind::boolean},
      {"tRUE", Kind::string},
      {"yes", Kind::string},
      {"no", Kind::string},
      {"on", Kind::string},
      {"off", Kind::string},
      {"y", Kind::string},
      {"null", Kind::null},
      {"~", Kind::null},
      {"NULL", Kind::null},
      {"nil", Kind::string},
      {"0", Kind::number},
      {"010", Kind::number},
      {"0o10", Kind::number},
      {"0x1F", Kind::number},
      {"-1", Kind::number},
      {"+1", Kind::number},
      {"1.5", Kind::number},
      {".5", Kind::number},
      {"1.", Kind::number},
      {"1e3", Kind::number},
      {"1E-3", Kind::number},
      {".inf", Kind::number},
      {"-.Inf", Kind::number},
      {".nan", Kind::number},
      {"1_000", Kind::string},
      {"1:30", Kind::string},
      {"2026-01-01", Kind::string},
      {".", Kind::string},
      {"-", Kind::string},
      {"1.2.3", Kind::string},
      {"1e", Kind::string},
      {"0x", Kind::string},
      {"12h", Kind::string},
      {"2026-01-01T00:00:00Z", Kind::string},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.text);
    EXPECT_EQ(kind_of_plain(row.text), row.kind);
    const YamlNode quoted = root_of("'" + std::string(row.text) + "'");
    EXPECT_EQ(quoted.kind, Kind::string);
    EXPECT_EQ(quoted.text, row.text);
  }
}

TEST(YamlTest, KeepsThePlaceOfEveryValue) {
  const YamlNode root = root_of("# comment\na: b\nlist:\n  - \xc3\xbc: c\n  - [d, {e: f}]\n");

  ASSERT_EQ(root.members.size(), 2U);
  EXPECT_EQ(root.members[0].at.line, 2);
  EXPECT_EQ(root.members[0].value.at.column, 4);
  const YamlNode* const list = &root.find("list")->value;
  ASSERT_EQ(list->items.size(), 2U);
  EXPECT_EQ(list->items[0].members[0].key, "\xc3\xbc");
  EXPECT_EQ(list->items[0].members[0].value.at.line, 4);
  EXPECT_EQ(list->items[0].members[0].value.at.column, 9);  // in bytes
  EXPECT_EQ(list->items[1].items[1].find("e")->value.text, "f");
  EXPECT_EQ(list->items[1].items[1].find("e")->value.at.column, 13);
  EXPECT_EQ(root.find("nothing"), nullptr);
}

TEST(YamlTest, ReadsWindowsLineEndings) {
  const YamlNode root = root_of("a: b\r\nc: |\r\n  d\r\n  e\r\n");

  EXPECT_EQ(root.find("a")->value.text, "b");
  EXPECT_EQ(root.find("c")->value.text, "d\ne\n");
  EXPECT_EQ(root.find("c")->at.line, 2);
}

TEST(YamlTest, ReadsEveryDocumentThatHasContent) {
  const YamlFile file = read_yaml("---\na: 1\n---\n# nothing\n---\n...\n---\nb: 2\n");

  EXPECT_FALSE(file.failure);
  ASSERT_EQ(file.documents.size(), 2U);
  EXPECT_EQ(file.documents[1].root.members[0].key, "b");
  EXPECT_TRUE(read_yaml("").documents.empty());
  EXPECT_TRUE(read_yaml("# only a comment\n").documents.empty());
}

TEST(YamlTest, ReportsWhatItDoesNotReadAndNeverExpandsIt) {
  const struct {
    const char* text;
    int line;
    int column;
    const char* field;
    const char* what;
  } rows[] = {
      {"a: &x b\n", 1, 4, "a", "anchors (`&name`) are not read; write the value out"},
      {"a: [&x b]\n", 1, 5, "a[0]", "anchors (`&name`) are not read; write the value out"},
      {"&x a: b\n", 1, 1, "", "anchors (`&name`) are not read; write the value out"},
      {"a: !!str b\n", 1, 4, "a", "tags (\"tag:yaml.org,2002:str\") are not read; take it out"},
      {"a: !b {c: d}\n", 1, 4, "a", "tags (\"!b\") are not read; take it out"},
      {"<<: {a: b}\n", 1, 1, "<<", "merge keys (`<<`) are not read; write the values out"},
      {"a: 1\nb: {c: 1,\n c: 2}\n", 3, 2, "b.c", "the key \"c\" stands here twice; keep one"},
      {"a: 1\n'a': 2\n", 2, 1, "a", "the key \"a\" stands here twice; keep one"},
      {"[a]: b\n", 1, 1, "", "a key must be text"},
      {"~: b\n", 1, 1, "", "a key must be text"},
      {"? {a: b}\n: c\n", 1, 3, "",
       "a key must be text; a template with {{ }} is rendered first, as with helm template"},
      {"a: \"\\0\"\n", 1, 4, "a", "a NUL character has no place in a value"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.text);
    const YamlFile file = read_yaml(row.text);
    ASSERT_FALSE(file.failure);
    ASSERT_EQ(file.documents.size(), 1U);
    ASSERT_EQ(file.documents[0].problems.size(), 1U);
    const YamlProblem& problem = file.documents[0].problems[0];
    EXPECT_EQ(problem.at.line, row.line);
    EXPECT_EQ(problem.at.column, row.column);
    EXPECT_EQ(problem.field, row.field);
    EXPECT_EQ(problem.what, row.what);
  }
}

TEST(YamlTest, AnAliasIsRefusedWhereItStands) {
  const YamlFile file = read_yaml("a: &x [1, 2]\nb: [*x, *x, *x]\n");

  ASSERT_EQ(file.documents.size(), 1U);
  ASSERT_EQ(file.documents[0].problems.size(), 4U);
  EXPECT_EQ(file.documents[0].problems[1].field, "b[0]");
  for (const YamlNode& item : file.documents[0].root.find("b")->value.items) {
    EXPECT_EQ(item.kind, Kind::refused);
    EXPECT_TRUE(item.items.empty());
  }
}

TEST(YamlTest, TheFirstOfTwoEqualKeysIsKept) {
  const YamlFile file = read_yaml("a: 1\na: 2\n");

  ASSERT_EQ(file.documents[0].root.members.size(), 1U);
  EXPECT_EQ(file.documents[0].root.members[0].value.text, "1");
}

TEST(YamlTest, ABombOfAliasesIsReadInItsOwnSize) {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 9; ++i) {
    const std::string last = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int j = 0; j < 9; ++j)
      bomb += last + ", ";
    bomb += last + "]\n";
  }

  const YamlFile file = read_yaml(bomb);

  ASSERT_EQ(file.documents.size(), 1U);
  EXPECT_EQ(file.documents[0].problems.size(), 33U);
  EXPECT_EQ(file.documents[0].problems.back().what, "there are more problems from here on");
}

TEST(YamlTest, RefusesOtherEncodings) {
  const struct {
    std::string text;
    int line;
    int column;
    const char* what;
  } rows[] = {
      {"\xef\xbb\xbf"
       "a: b\n",
       1, 1, "the file begins with a byte order mark; save it as UTF-8 without one"},
      {"\xff\xfe"
       "a",
       1, 1, "the file begins with a byte order mark; save it as UTF-8 without one"},
      {"\xfe\xff"
       "a",
       1, 1, "the file begins with a byte order mark; save it as UTF-8 without one"},
      {std::string("a\0b", 3), 1, 2, "a control character (\\x00) has no place here"},
      {"a: b\nc: \x1b[0m\n", 2, 4, "a control character (\\x1b) has no place here"},
      {"a: \x7f\n", 1, 4, "a control character (\\x7f) has no place here"},
      {"a: f\xfcr\n", 1, 5, "this is not UTF-8; save the file as UTF-8"},
      {"a: \xc0\xaf\n", 1, 4, "this is not UTF-8; save the file as UTF-8"},
      {"a: \xe0\x80\xaf\n", 1, 4, "this is not UTF-8; save the file as UTF-8"},
      {"a: \xf0\x80\x80\xaf\n", 1, 4, "this is not UTF-8; save the file as UTF-8"},
      {"a: \xed\xa0\x80\n", 1, 4, "this is not UTF-8; save the file as UTF-8"},
      {"a: \xf4\x90\x80\x80\n", 1, 4, "this is not UTF-8; save the file as UTF-8"},
      {"\xc3\xbc: \xe2\x82", 1, 5, "this is not UTF-8; save the file as UTF-8"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(::testing::PrintToString(row.text));
    const YamlFile file = read_yaml(row.text);
    ASSERT_TRUE(file.failure);
    EXPECT_TRUE(file.documents.empty());
    EXPECT_EQ(file.failure->at.line, row.line);
    EXPECT_EQ(file.failure->at.column, row.column);
    EXPECT_EQ(file.failure->what, row.what);
  }
  EXPECT_EQ(root_of("\xf4\x8f\xbf\xbf").kind, Kind::string);
}

TEST(YamlTest, NamesTabsWhereTheParserDoesNot) {
  const YamlFile file = read_yaml("a:\n\tb: c\n");

  ASSERT_TRUE(file.failure);
  EXPECT_NE(file.failure->what.find("indent with spaces, not with tabs"), std::string::npos);
  EXPECT_EQ(file.failure->at.line, 2);
}

TEST(YamlTest, BoundsTheSize) {
  const std::string most = "a: " + std::string(kPolicyFileBytes - 3, 'b');

  EXPECT_FALSE(read_yaml(most).failure);
  const YamlFile more = read_yaml(most + "b");
  ASSERT_TRUE(more.failure);
  EXPECT_EQ(more.failure->what, "the file is longer than 1048576 bytes; split it");
  EXPECT_EQ(more.failure->at.line, 0);
}

TEST(YamlTest, BoundsTheDepth) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };

  EXPECT_FALSE(read_yaml(nested(kYamlDepth)).failure);
  const YamlFile deeper = read_yaml(nested(kYamlDepth + 1));
  ASSERT_TRUE(deeper.failure);
  EXPECT_EQ(deeper.failure->what, "nested deeper than 32 levels");
  EXPECT_EQ(deeper.failure->at.column, 33);
}

TEST(YamlTest, BoundsTheDocuments) {
  std::string text;
  for (std::size_t i = 0; i < kYamlDocuments; ++i)
    text += "---\na\n";

  EXPECT_FALSE(read_yaml(text).failure);
  const YamlFile more = read_yaml(text + "---\na\n");
  ASSERT_TRUE(more.failure);
  EXPECT_EQ(more.failure->what, "more than 1000 documents in one file; split it");
}

}  // namespace
}  // namespace signet
