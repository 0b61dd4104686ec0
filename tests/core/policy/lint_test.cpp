#include "core/policy/lint.hpp"

#include <gtest/gtest.h>

#include "core/base/text.hpp"
#include "core/policy/glob_relations.hpp"
#include "core/policy/pattern_risks.hpp"
#include "core/policy/regexp_ways.hpp"
#include "tests/core/policy/load_support.hpp"

namespace signet {
namespace {

LintResult lint_texts(const std::vector<std::string>& texts) {
  std::vector<SourceFile> files;
  for (std::size_t i = 0; i < texts.size(); ++i)
    files.push_back({cat("p", std::to_string(i), ".yaml"), texts[i], {}});
  return lint(files, testing::reader_of(testing::vectors()), *parse_time("2026-11-24T00:00:00Z"));
}

std::string rules_of(const LintResult& result) {
  std::vector<std::string> rules;
  for (const LintFinding& finding : result.findings)
    rules.push_back(cat(std::to_string(finding.line), " ", finding.rule->id));
  return join(rules, ", ");
}

std::string rules_of(const std::string& text) {
  return rules_of(lint_texts({text}));
}

const std::string kAllow = "  authorities:\n    - static: {action: allow}\n";

TEST(LintTest, EachRuleHasAnIdOfItsOwnASentenceWhyAndACure) {
  for (const LintRule& rule : lint_rules()) {
    EXPECT_EQ(find_lint_rule(rule.id), &rule);
    EXPECT_FALSE(rule.why.empty());
    EXPECT_FALSE(rule.instead.empty());
  }
}

TEST(LintTest, ACommentSuppressesTheRuleThatItNamesOnItsLineOrTheNext) {
  const std::string head = testing::cluster_policy("  match: {images: [\"**\"]}\n");
  const std::string before =
      "  authorities:\n    # signet-lint: ignore any-image-unsigned because it is a test\n"
      "    - static: {action: allow}\n";
  const std::string behind =
      "  authorities:\n"
      "    - static: {action: allow}  # signet-lint: ignore any-image-unsigned because of a test\n";
  EXPECT_EQ(rules_of(head + kAllow), "7 any-image-unsigned");
  EXPECT_EQ(rules_of(head + before), "");
  EXPECT_EQ(rules_of(head + behind), "");
}

TEST(LintTest, ASuppressionNeedsAReasonARuleOfWarningsAndSomethingToSuppress) {
  const std::string head = testing::cluster_policy("  match: {images: [\"**\"]}\n");
  const auto with = [&](const std::string& comment) {
    return rules_of(head + "  authorities:\n    # signet-lint: " + comment +
                    "\n    - static: {action: allow}\n");
  };
  EXPECT_EQ(with("ignore any-image-unsigned"), "7 bad-suppression, 8 any-image-unsigned");
  EXPECT_EQ(with("ignore any-image because x"), "7 bad-suppression, 8 any-image-unsigned");
  EXPECT_EQ(with("ignore not-yaml because x"), "7 bad-suppression, 8 any-image-unsigned");
  EXPECT_EQ(with("disable any-image-unsigned"), "7 bad-suppression, 8 any-image-unsigned");
  EXPECT_EQ(with("ignore anybody because x"), "7 unused-suppression, 8 any-image-unsigned");
  EXPECT_EQ(with("ignore anybody, any-image-unsigned because x"), "");
}

TEST(LintTest, AnEmptyFileIsAFinding) {
  EXPECT_EQ(rules_of(""), "0 empty-file");
  EXPECT_EQ(rules_of("# nothing yet\n"), "0 empty-file");
}

TEST(LintTest, WhatStandsInTheClusterIsTakenAsGood) {
  EXPECT_EQ(rules_of(testing::trust_root("  certificateAuthorities:\n"
                                         "    - roots: {secretRef: {name: pki, key: ca.pem}}\n")),
            "");
}

TEST(LintTest, WhatStandsInTheClusterHidesNothingElseOfItsDocument) {
  const std::string policy = testing::cluster_policy(
      "  match: {images: [\"**\"]}\n"
      "  authorities:\n"
      "    - key: {secretRef: {name: keys, key: a.pem}}\n"
      "    - static: {action: allow}\n"
      "    - certificate:\n"
      "        trustRootRef: {name: pki}\n"
      "        identities: [{subjectRegExp: '.*@example.com', issuerDN: CN=ca}]\n");
  const std::string root = testing::trust_root(
      "  certificateAuthorities:\n    - roots: {secretRef: {name: pki, key: ca.pem}}\n", "pki");
  EXPECT_EQ(rules_of(lint_texts({policy, root})), "8 any-image-unsigned, 11 regexp-dot");
}

TEST(LintTest, NothingIsSaidAboutWhatStandsInTheCluster) {
  const auto with_key = [](const std::string& key, const std::string& name) {
    return testing::cluster_policy(
        "  match: {images: [\"**\"]}\n  threshold: 2\n  authorities:\n"
        "    - key: {secretRef: {name: keys, key: " +
            key + "}}\n    - key: {configMapRef: {name: keys, key: b.pem}}\n",
        name);
  };
  EXPECT_EQ(rules_of(lint_texts({with_key("a.pem", "x"), with_key("c.pem", "y")})), "");
  const std::string root = testing::trust_root(
      "  certificateAuthorities:\n    - roots: {secretRef: {name: pki, key: ca.pem}}\n"
      "      intermediates: {file: intermediate-ca.pem}\n");
  EXPECT_EQ(rules_of(root), "");
}

TEST(LintTest, FindingsComeInTheOrderOfFilesAndLines) {
  const std::string wrong = testing::cluster_policy("  mode: Enforce\n", "y");
  const std::string risky = testing::cluster_policy("  match: {images: [\"**\"]}\n" + kAllow);
  const LintResult result = lint_texts({risky, wrong});
  ASSERT_GE(result.findings.size(), 2U);
  EXPECT_EQ(result.findings[0].file, "p0.yaml");
  EXPECT_EQ(result.findings[1].file, "p1.yaml");
  EXPECT_EQ(result.documents, 2U);
}

TEST(LintTest, OfTwoPoliciesThatSayTheSameOneIsTold) {
  const std::string one = testing::cluster_policy(
      "  match: {images: [\"a.example/**\"]}\n"
      "  authorities:\n    - static: {action: deny}\n");
  const std::string other = testing::cluster_policy(
      "  match: {images: [\"a.example/b/**\"]}\n"
      "  authorities:\n    - static: {action: deny}\n",
      "y");
  EXPECT_EQ(rules_of(lint_texts({one, other})), "3 shadowed");
  EXPECT_EQ(rules_of(lint_texts({other, one})), "3 shadowed");
}

TEST(LintTest, ADenyInANarrowerPlaceShadowsNothing) {
  const std::string narrow = testing::cluster_policy(
      "  match: {images: [\"a.example/b/**\"]}\n"
      "  authorities:\n    - static: {action: deny}\n");
  const std::string wide = testing::cluster_policy(
      "  match: {images: [\"a.example/**\"]}\n  authorities:\n    - static: {action: allow, "
      "digests: [\"sha256:" +
          std::string(64, '0') + "\"], expires: 2026-12-24T00:00:00Z}\n",
      "y");
  EXPECT_EQ(rules_of(lint_texts({narrow, wide})), "");
}

// ---- patterns

std::string subject_rules(const std::string& pattern, SubjectType type = SubjectType::any) {
  std::vector<std::string> rules;
  PatternWork work{kPolicyWork};
  const auto compiled = TextPattern::regexp(pattern);
  if (!compiled) return "refused";
  for (const PatternRisk& risk : subject_risks(*compiled, type, work))
    rules.emplace_back(risk.rule);
  return join(rules, ", ");
}

TEST(PatternRisksTest, GoodPatternsHaveNone) {
  for (const char* const pattern :
       {R"(team-.*@linuxera\.org)", R"(team-[a-z]+@example\.org)", R"(.+@linuxera\.org)",
        R"(^team-.*@linuxera\.org$)", R"((team|ops)-[a-z]{1,8}@(eu\.)?linuxera\.org)",
        R"(.*@.*\.linuxera\.org)", R"(https://ci\.example\.org/shop/[a-z-]+)",
        R"(https://github\.com/.*)", R"(\Qteam-a@linuxera.org\E)", R"((?i)team-a@linuxera\.org)",
        R"([a-z]+\.build\.example\.org)", ".*", "(.+)"}) {
    EXPECT_EQ(subject_rules(pattern), "") << pattern;
  }
}

TEST(PatternRisksTest, RiskyPatternsAreNamed) {
  const struct {
    const char* pattern;
    const char* rules;
  } rows[] = {
      {"team-a@linuxera.org", "regexp-dot"},
      {"team-.*@linuxera.org", "regexp-dot"},
      {R"(.*@linuxera\.org.*)", "other-domain"},
      {R"(.*linuxera\.org)", "other-domain"},
      {R"(.*@.*linuxera\.org)", "other-domain"},
      {R"(.*@linuxera\..*)", "other-domain"},
      {R"(.*@.*)", "other-domain"},
      {R"((a|.*@linuxera\.org[a-z.]*))", "other-domain"},
      {R"(https://.*\.linuxera\.org/x)", "other-domain"},
      {R"(https://linuxera\.org.*)", "other-domain"},
      {R"(team-*@linuxera\.org)", "glob-in-regexp"},
      {R"(team-a@linuxera\\.org)", "never-matches"},
      {R"(a$b|c^d)", "never-matches"},
      {"team a@x", "never-matches"},
  };
  for (const auto& row : rows)
    EXPECT_EQ(subject_rules(row.pattern), row.rules) << row.pattern;
}

TEST(PatternRisksTest, ATypeNarrowsWhatIsSuspected) {
  EXPECT_EQ(subject_rules("build-.*"), "other-domain");
  EXPECT_EQ(subject_rules("https://ci.*", SubjectType::dns), "");
  EXPECT_EQ(subject_rules("https://ci.*", SubjectType::uri), "other-domain");
}

TEST(PatternRisksTest, WaysAreTextsThatTheExpressionMatches) {
  for (const char* const pattern :
       {"a|b", "(a|b)(c|d)", "a?b*c+", "[^a-z]x", R"(\d{3}\w)", "(?:x){2,}", "(?P<n>a.)b",
        R"([[:alpha:]]\-[\]]*)", "x{,2}y{", "((((a))))", "()", "a||b"}) {
    PatternWork work{kPolicyWork};
    const auto compiled = TextPattern::regexp(pattern);
    ASSERT_TRUE(compiled) << pattern;
    const auto ways = ways_through(pattern, work);
    EXPECT_FALSE(ways.empty()) << pattern;
    for (const RegexpWay& way : ways)
      EXPECT_TRUE(text_of(way).empty() || compiled->matches(text_of(way))) << pattern;
  }
}

std::string repeated(std::string_view text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i)
    all += text;
  return all;
}

TEST(PatternRisksTest, AnIntricatePatternCostsItsPartOfTheWorkAndIsToldToBeIntricate) {
  for (const std::string& pattern :
       {cat("(a|b|c|d)(a|b|c|d)", repeated(".*", 400), "@x"), repeated("(a|b)", 200),
        repeated("[a-z]", 200), repeated("x{0,1000}", 20), cat("(a|b)", repeated("(a?b)*", 150))}) {
    const auto compiled = TextPattern::regexp(pattern);
    ASSERT_TRUE(compiled) << pattern;
    PatternWork work{kPolicyWork};
    const auto risks = subject_risks(*compiled, SubjectType::any, work);
    ASSERT_EQ(risks.size(), 1U) << pattern;
    EXPECT_EQ(risks.front().rule, "too-intricate") << pattern;
    EXPECT_EQ(work.left, kPolicyWork - kPatternSteps) << pattern;
  }
}

TEST(PatternRisksTest, AllPatternsOfAPolicyShareItsWork) {
  const auto hostile = TextPattern::regexp(cat("(a|b|c|d)(a|b|c|d)", repeated(".*", 400), "@x"));
  PatternWork work{kPolicyWork};
  std::size_t told = 0;
  for (int identity = 0; identity < 64; ++identity)
    told += subject_risks(*hostile, SubjectType::any, work).size();
  EXPECT_EQ(work.left, 0U);
  EXPECT_EQ(told, kPolicyWork / kPatternSteps);
}

TEST(PatternRisksTest, TheWorkIsEnoughForAHundredIdentitiesOfAForge) {
  const auto usual = TextPattern::regexp(
      R"(https://github\.com/linuxera/[a-z-]+/\.github/workflows/release\.yml@refs/tags/v.*)");
  PatternWork work{kPolicyWork};
  for (int identity = 0; identity < 100; ++identity)
    EXPECT_TRUE(subject_risks(*usual, SubjectType::any, work).empty());
  EXPECT_GT(work.left, 0U);
}

TEST(GlobRelationsTest, CoversAndOverlap) {
  const struct {
    const char* outer;
    const char* inner;
    bool covers;
    bool meet;
  } rows[] = {
      {"**", "a.example/b", true, true},
      {"a.example/b", "**", false, true},
      {"a.example/**", "a.example/b/**", true, true},
      {"a.example/*", "a.example/b", true, true},
      {"a.example/*", "a.example/**", false, true},
      {"a.example/b/**", "a.example/b", false, false},
      {"a.example/b*", "a.example/bc/d", false, false},
      {"a.example/b*", "a.example/bc", true, true},
      {"a.example/b*", "a.example/*c", false, true},
      {"a.example/b*x", "a.example/*c", false, false},
      {"*.example/**", "a.example/**", true, true},
      {"*.example/**", "*.a.example/**", true, true},
      {"*.a.example/**", "*.example/**", false, true},
      {"*.example/**", "a.example.org/**", false, false},
      {"index.docker.io/library/*", "docker.io/library/nginx", true, true},
  };
  for (const auto& row : rows) {
    const auto outer = ImageGlob::parse(row.outer);
    const auto inner = ImageGlob::parse(row.inner);
    ASSERT_TRUE(outer && inner) << row.outer << " " << row.inner;
    EXPECT_EQ(covers(*outer, *inner), row.covers) << row.outer << " " << row.inner;
    EXPECT_EQ(may_overlap(*outer, *inner), row.meet) << row.outer << " " << row.inner;
    EXPECT_EQ(may_overlap(*inner, *outer), row.meet) << row.outer << " " << row.inner;
  }
}

}  // namespace
}  // namespace signet
