#include "server/cli/case_results.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "core/policy/explain.hpp"

namespace signet {
namespace {

JudgedImage judged(const std::string& reference, Reason reason) {
  Verdict verdict;
  verdict.image = reference;
  verdict.reason = reason;
  verdict.detail = "as the test says";
  verdict.outcome = reason == Reason::verified ? Outcome::pass : Outcome::fail;
  PodImage image;
  image.reference = reference;
  return JudgedImage{image, SharedVerdict(std::move(verdict)), false, {}};
}

CaseFound found_one() {
  CaseFound found;
  found.allowed = false;
  found.reason = Reason::no_signature;
  found.images = {judged("a.example/web:1", Reason::no_signature),
                  judged("a.example/db:1", Reason::verified)};
  found.warnings = {"certificates end soon"};
  found.message = "image a.example/web:1: not trusted\nmore";
  found.patches = {{"/spec/containers/0/image", "a.example/web:1@sha256:x"}};
  return found;
}

std::vector<std::string> differing(const CaseExpectation& expect, const CaseFound& found) {
  std::vector<std::string> what;
  for (const CaseDifference& difference : compare(expect, found))
    what.push_back(difference.what);
  return what;
}

using Names = std::vector<std::string>;

TEST(CaseResultsTest, WhatIsNotExpectedIsNotCompared) {
  EXPECT_EQ(differing({}, found_one()), Names{});
}

TEST(CaseResultsTest, EachExpectationIsCompared) {
  const CaseFound found = found_one();
  CaseExpectation same;
  same.allowed = false;
  same.reasons = {Reason::no_signature, Reason::verified};
  same.patches = found.patches;
  same.warnings = {"end soon"};
  same.message = {"not trusted", "more"};
  CaseExpectation other;
  other.allowed = true;
  other.reasons = {Reason::verified, Reason::no_signature};
  other.patches = {PatchedField{"/spec/containers/0/image", "y"}};
  other.warnings = {"end soon", "and another"};
  other.message = {"trusted by all"};

  EXPECT_EQ(differing(same, found), Names{});
  EXPECT_EQ(differing(other, found),
            (Names{"decision", "reasons", "patches", "warnings", "message"}));
}

TEST(CaseResultsTest, OneReasonStandsForAllImages) {
  CaseFound found = found_one();
  CaseExpectation expect;
  expect.reasons = {Reason::no_signature};

  EXPECT_EQ(differing(expect, found), Names{"reasons"});
  found.images[1] = found.images[0];
  EXPECT_EQ(differing(expect, found), Names{});
}

TEST(CaseResultsTest, NoneIsNone) {
  CaseFound found = found_one();
  CaseExpectation expect;
  expect.warnings.emplace();
  expect.patches.emplace();

  EXPECT_EQ(differing(expect, found), (Names{"patches", "warnings"}));
  found.warnings.clear();
  found.patches.clear();
  EXPECT_EQ(differing(expect, found), Names{});
}

TEST(CaseResultsTest, WithoutImagesTheReasonOfTheAnswerCounts) {
  CaseFound found;
  found.reason = Reason::malformed_object;
  CaseExpectation expect;
  expect.reasons = {Reason::malformed_object};

  EXPECT_EQ(differing(expect, found), Names{});
}

TEST(CaseResultsTest, AnIncompleteEvidenceFailsEveryCase) {
  CaseFound found = found_one();
  found.missing = {"a.example/web:1"};

  EXPECT_EQ(differing({}, found), Names{"evidence"});
}

class TwoCases : public ::testing::Test {
 protected:
  TwoCases() {
    good.name = "good";
    good.place = Issue{"x.cases.yaml", 3, 1, "", "", false};
    bad.name = "<bad> & \"worse\" \x01";
    bad.place = Issue{"x.cases.yaml", 9, 1, "", "", false};
    bad.expect.allowed = true;
    bad.expect.reasons = {Reason::verified};
    results.push_back(CaseResult{&good, found_one(), {}, 0.25});
    results.push_back(CaseResult{&bad, found_one(), compare(bad.expect, found_one()), 0.5});
  }
  std::string text(const CaseCoverage* coverage = nullptr) {
    print_results(results, coverage, {out, out});
    return out.str();
  }

  PolicyCase good, bad;
  std::vector<CaseResult> results;
  std::ostringstream out;
};

TEST_F(TwoCases, AreToldInLinesWithTheirDifferences) {
  EXPECT_EQ(text(),
            "ok      x.cases.yaml:3  good\n"
            "FAILED  x.cases.yaml:9  <bad> & \"worse\" \\x01\n"
            "    decision\n"
            "        expected allow\n"
            "        found    deny\n"
            "    reasons\n"
            "        expected verified\n"
            "        found    no_signature  (a.example/web:1)\n"
            "                 verified  (a.example/db:1)\n"
            "    " +
                first_line(*results[1].found.images[0].verdict) +
                "\n"
                "1 passed, 1 failed\n");
}

TEST_F(TwoCases, CoverageNamesWhatIsUntried) {
  const CaseCoverage coverage{5, {Issue{"p.yaml", 4, 7, "policy", "no case is refused", false}}};

  const std::string told = text(&coverage);

  EXPECT_NE(told.find("p.yaml:4:7: policy: no case is refused\n"), std::string::npos) << told;
  EXPECT_NE(told.find("coverage: 4 of 5 parts"), std::string::npos) << told;
}

TEST_F(TwoCases, JsonHasEveryCase) {
  print_results_json(results, nullptr, {out, out});

  const Json json = Json::parse(out.str());

  EXPECT_EQ(json["version"], "signet.dev/policy-test/v1");
  EXPECT_EQ(json["passed"], 1);
  EXPECT_EQ(json["failed"], 1);
  EXPECT_EQ(json["cases"][1]["differences"][1]["found"].size(), 2U);
  EXPECT_EQ(json["cases"][1]["found"]["images"][0]["reason"], "no_signature");
  EXPECT_FALSE(json.contains("coverage"));
}

TEST_F(TwoCases, XmlIsEscaped) {
  const std::string xml = junit_of(results);

  EXPECT_NE(xml.find("name=\"&lt;bad&gt; &amp; &quot;worse&quot; \\x01\""), std::string::npos);
  EXPECT_NE(xml.find("tests=\"2\" failures=\"1\""), std::string::npos);
  EXPECT_EQ(xml.find("<failure"), xml.rfind("<failure"));
}

}  // namespace
}  // namespace signet
