// Manifests as people have them, and as nobody should: what comes out, and what is refused where.

#include "server/cli/manifests.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "core/base/text.hpp"

namespace signet {
namespace {

using Strings = std::vector<std::string>;

ReadBytes bytes_of(std::string_view text, std::size_t piece = 1 << 20) {
  return [text, piece](std::span<char> into) mutable -> Result<std::size_t> {
    const std::size_t count = std::min({text.size(), into.size(), piece});
    std::memcpy(into.data(), text.data(), count);
    text.remove_prefix(count);
    return count;
  };
}

struct ReadOutcome {
  Strings objects;
  Strings lists;
  std::string problem;
};

ReadOutcome outcome_of(std::string_view text, std::size_t piece = 1 << 20) {
  ReadOutcome outcome;
  const auto read = read_manifests(bytes_of(text, piece), [&](const ManifestObject& object) {
    outcome.objects.emplace_back(object.json);
    outcome.lists.push_back(cat(object.list_api, " ", object.list_kind));
    return Result<void>();
  });
  if (!read) outcome.problem = read.error().what();
  return outcome;
}

Strings objects_of(std::string_view text) {
  const ReadOutcome outcome = outcome_of(text);
  EXPECT_EQ(outcome.problem, "") << text;
  return outcome.objects;
}

TEST(ManifestsTest, EachDocumentIsOneObject) {
  EXPECT_EQ(objects_of("# Source: a.yaml\nkind: A\n---\n# Source: b.yaml\n---\nkind: B\n...\n"),
            (Strings{R"({"kind":"A"})", R"({"kind":"B"})"}));
  EXPECT_EQ(objects_of("{\"kind\":\"A\"}\n {\"kind\":\"B\"}"),
            (Strings{R"({"kind":"A"})", R"({"kind":"B"})"}));
}

TEST(ManifestsTest, TheItemsOfAListComeOneByOneWhereverItsKindStands) {
  const Strings items = {R"({"kind":"A"})", R"({"kind":"B","spec":{"items":[1]}})"};
  EXPECT_EQ(objects_of("apiVersion: v1\nitems:\n- kind: A\n- kind: B\n  spec: {items: [1]}\n"
                       "kind: List\nmetadata: {resourceVersion: \"\"}\n"),
            items);
  EXPECT_EQ(outcome_of(R"({"apiVersion":"v1","kind":"PodList","items":[{"spec":{}}]})").lists,
            (Strings{"v1 PodList"}));
  EXPECT_EQ(objects_of("kind: List\nitems: []\n"), Strings{});
}

TEST(ManifestsTest, ScalarsKeepTheirTypes) {
  EXPECT_EQ(objects_of("a: 1\nb: \"1\"\nc: 1.25\nd: true\ne: ~\nf: yes\ng: !!str 5\nh: 010\n"),
            (Strings{R"({"a":1,"b":"1","c":0.5,"d":true,"e":null,"f":"yes","g":"5","h":0.5})"}));
  EXPECT_EQ(objects_of("a: |\n  two\n  lines\nb: \"q\\\"\\u00e9\"\n"),
            (Strings{"{\"a\":\"two\\nlines\\n\",\"b\":\"q\\\"\xc3\xa9\"}"}));
  EXPECT_EQ(objects_of("{\"a\": \"\\ud83d\\ude00\"}"), (Strings{"{\"a\":\"\xf0\x9f\x98\x80\"}"}));
}

TEST(ManifestsTest, LeavesOutWhatNoDecisionDependsOn) {
  const Strings kept = {R"({"kind":"Pod","metadata":{"name":"a"},"spec":{"status":1}})"};
  EXPECT_EQ(objects_of("kind: Pod\nmetadata:\n  managedFields: [{a: {b: [1, 2]}}]\n  name: a\n"
                       "spec: {status: 1}\nstatus: {phase: [Running, {a: b}]}\n"),
            kept);
  EXPECT_EQ(objects_of("kind: List\nitems:\n- kind: Pod\n  metadata: {name: a, managedFields: x}\n"
                       "  spec: {status: 1}\n  status: gone\n"),
            kept);
}

TEST(ManifestsTest, AliasesStandForWhatTheyName) {
  EXPECT_EQ(objects_of("a: &x {image: one}\nb: *x\nc: [*x, &y 2, *y]\n"),
            (Strings{R"({"a":{"image":"one"},"b":{"image":"one"},"c":[{"image":"one"},2,2]})"}));
}

TEST(ManifestsTest, TheSameComesOutHoweverItComesIn) {
  const std::string text = "items:\n- {kind: A, n: [1, 2]}\n- kind: B\nkind: List\n---\nkind: C\n";
  const std::string json = "\xEF\xBB\xBF \n {\"kind\": \"A\"} {\"a\": \"\\ud83d\\ude00\"}";
  EXPECT_EQ(objects_of(json).size(), 2U);
  for (const std::size_t piece : {1, 2, 7}) {
    EXPECT_EQ(outcome_of(text, piece).objects, outcome_of(text).objects);
    EXPECT_EQ(outcome_of(json, piece).objects, outcome_of(json).objects);
  }
}

TEST(ManifestsTest, SaysWhereAndWhatIsWrong) {
  const std::vector<std::pair<const char*, const char*>> rows = {
      {"", "there is no object in it"},
      {"---\n# nothing\n---\n", "there is no object in it"},
      {"just text", "1:1: a document must be an object with apiVersion and kind"},
      {"- kind: A\n", "1:1: a document must be an object; write a list as the items of a List"},
      {"kind: A\n  b: c\n", "2:4: this is neither YAML nor JSON: mapping values are not allowed"},
      {"kind: A\na: *b\n", "2:4: the alias *b has no anchor before it"},
      {"a: &x 1\n---\nb: *x\n", "3:4: the alias *x has no anchor before it"},
      {"a: &x {b: 1}\nc:\n  <<: *x\n", "3:3: merge keys (`<<`) are not read"},
      {"a: !mine b\n", "1:4: tags (\"!mine\") are not read; take it out"},
      {"? [a]\n: b\n", "1:3: a key must be text"},
      {"items:\n- text\n", "2:3: the items of a List must be objects"},
      {"items:\n- [a]\n", "2:3: the items of a List must be objects"},
      {"\x1f\x8b\x08\x01\x02", "this is neither YAML nor JSON"},
      {"{\"kind\": A}", "this is not JSON: parse error at line 1, column 10"},
      {"{\"kind\": \"A\"", "this is not JSON: parse error at line 1, column 13"},
  };
  for (const auto& [text, wanted] : rows) {
    SCOPED_TRACE(text);
    EXPECT_NE(outcome_of(text).problem.find(wanted), std::string::npos) << outcome_of(text).problem;
  }
}

TEST(ManifestsTest, AnErrorOfWhoTakesObjectsEndsTheReading) {
  std::size_t seen = 0;
  const auto read = read_manifests(bytes_of("a: 1\n---\nb: 2\n---\nc: 3\n"),
                                   [&seen](const ManifestObject&) -> Result<void> {
                                     if (++seen == 2) return malformed("enough");
                                     return {};
                                   });
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().what(), "3:1: enough");
  EXPECT_EQ(seen, 2U);
}

TEST(ManifestsTest, AnInputThatBreaksOffIsNotTheEnd) {
  std::size_t calls = 0;
  const auto read = read_manifests(
      [&calls](std::span<char> into) -> Result<std::size_t> {
        if (calls++ > 0) return Error(Reason::config_not_ready, "cannot be read: gone");
        std::memcpy(into.data(), "a: 1\n", 5);
        return std::size_t{5};
      },
      [](const ManifestObject&) { return Result<void>(); });
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().what(), "cannot be read: gone");
}

// ---- bounds

TEST(ManifestsTest, DepthIsBounded) {
  const auto nested = [](std::size_t levels) {
    return cat("{\"a\":", std::string(levels - 1, '['), std::string(levels - 1, ']'), "}");
  };
  EXPECT_EQ(outcome_of(nested(kReviewDepth)).problem, "");
  EXPECT_EQ(outcome_of(nested(kReviewDepth + 1)).problem, "nested deeper than 64 levels");
  EXPECT_EQ(outcome_of("status: " + std::string(kReviewDepth, '[')).problem,
            "1:72: nested deeper than 64 levels");
}

TEST(ManifestsTest, OneObjectIsBoundedAndTheirNumberIsNot) {
  const auto object = [](std::size_t bytes) {
    const std::string half(bytes / 2 - 8, 'a');  // {"a":"","b":""}
    return cat("{\"a\":\"", half, "\",\"b\":\"", half, "\"}");
  };
  EXPECT_EQ(outcome_of(object(kReviewBytes)).problem, "");
  EXPECT_EQ(outcome_of(object(kReviewBytes + 4)).problem,
            "one object is larger than 7 MiB, and the API server takes 3");
  const std::string one = object(kReviewBytes / 2);
  EXPECT_EQ(outcome_of(cat("{\"kind\":\"List\",\"items\":[", one, ",", one, ",", one, "]}"))
                .objects.size(),
            3U);
}

TEST(ManifestsTest, AValueWithoutEndIsNotHeld) {
  std::size_t given = 0;
  const auto read = read_manifests(
      [&given](std::span<char> into) -> Result<std::size_t> {
        std::fill(into.begin(), into.end(), 'a');
        given += into.size();
        return into.size();
      },
      [](const ManifestObject&) { return Result<void>(); });
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().what(), "one value is longer than 7 MiB, and the API server takes 3");
  EXPECT_LT(given, kReviewBytes + kMiB);
}

TEST(ManifestsTest, AliasesDoNotGrowWithoutEnd) {
  std::string text = "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n";
  for (int i = 1; i < 10; ++i) {
    const std::string name = cat("a", std::to_string(i));
    const std::string before = cat("*a", std::to_string(i - 1));
    text += cat(name, ": &", name, " [");
    for (int k = 0; k < 8; ++k)
      text += before + ", ";
    text += before + "]\n";
  }
  EXPECT_NE(outcome_of(text).problem.find("the anchors of this document stand for is more than"),
            std::string::npos);
}

TEST(ManifestsTest, AliasesMayStandForOneMebibyte) {
  const auto text = [](std::size_t bytes) {
    return cat("a: &x \"", std::string(bytes - 2, 'a'), "\"\nb: *x\n");
  };
  EXPECT_EQ(outcome_of(text(kAliasBytes)).problem, "");
  EXPECT_NE(outcome_of(text(kAliasBytes + 1)).problem, "");
}

TEST(ManifestsTest, AliasesMayBeWrittenOutForSixteenMebibytes) {
  const auto text = [](std::size_t times) {
    std::string list = cat("kind: List\nitems:\n- a: &x \"", std::string(kMiB - 2, 'a'), "\"\n");
    for (std::size_t i = 0; i < times; ++i)
      list += "- b: *x\n";
    return list;
  };
  EXPECT_EQ(outcome_of(text(kWrittenAliasBytes / kMiB)).problem, "");
  EXPECT_NE(outcome_of(text(kWrittenAliasBytes / kMiB + 1)).problem, "");
}

TEST(ManifestsTest, ItemsDoNotHideAnObjectThatIsNoList) {
  const std::string why = "only a List has `items`; write kind: List, or take them away";
  EXPECT_NE(outcome_of("kind: Pod\nitems: []\nspec: {}\n").problem.find(why), std::string::npos);
  EXPECT_NE(outcome_of("items: []\nkind: Pod\n").problem.find(why), std::string::npos);
  EXPECT_NE(outcome_of("{\"items\":[{\"kind\":\"Pod\"}]}").problem.find(why), std::string::npos);
  EXPECT_EQ(objects_of("items: []\nkind: PodList\n"), Strings());
}

}  // namespace
}  // namespace signet
