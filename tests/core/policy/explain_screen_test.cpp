#include "core/policy/explain_screen.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/base/text.hpp"
#include "tests/core/policy/in_order.hpp"
#include "tests/core/policy/world.hpp"

namespace signet {
namespace {

using namespace signet::world;
using testing::has;

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (const std::string_view line : split(trim(text), '\n'))
    lines.emplace_back(line);
  return lines;
}

std::string without_colours(std::string text) {
  for (std::size_t at = text.find('\x1b'); at != std::string::npos; at = text.find('\x1b', at))
    text.erase(at, text.find('m', at) - at + 1);
  return text;
}

// Many policies, authorities and signatures, none of them good.
Verdict crowd() {
  std::vector<Authority> authorities;
  for (int i = 0; i < 5; ++i)
    authorities.push_back(by_certificate("team-" + std::to_string(i) + "@example.com"));
  World world;
  for (int i = 0; i < 6; ++i)
    world.policies.push_back(cluster("policy-" + std::to_string(i), authorities));
  world.policies[0].message = "ask #team-platform";
  for (int i = 0; i < 7; ++i)
    world.sign(legacy(pki().team_b));
  return world.judge();
}

TEST(ExplanationOnTest, ShowsTheTreeInItsOrder) {
  World world = teams().sign(legacy(pki().team_b));
  world.reference = std::string(kRepository) + ":1.0";
  world.policies[0].message = "ask #team-platform";
  const std::string text = explanation_on({}, world.judge());
  const std::vector<std::string> parts = {
      "image:   quay.io/example/app:1.0\n",
      "digest:  " + image().str() + "\n",
      "verdict: not trusted by policy ClusterTrustPolicy/teams: identity_mismatch\n",
      "  policy ClusterTrustPolicy/teams: identity_mismatch\n",
      "    authority signer-team-a: identity_mismatch\n",
      "      want:     subject \"team-a@linuxera.org\"",
      "      got:      team-b@linuxera.org (issuer https://linuxera.org), legacy, tag "
      "sha256-x.sig layer 1\n",
      "        passed: chain\n",
      "        failed: identity_mismatch (found team-b@linuxera.org",
      "      searched: ",
      "fix:     sign with a certificate of an accepted identity",
      "contact: ask #team-platform\n"};
  testing::expect_in_order(text, parts);
}

TEST(ExplanationOnTest, ShowsWhatPassedToo) {
  World world({cluster("a", {by_certificate(kTeamA)}), cluster("b", {by_certificate(kTeamB)})});
  world.sign(legacy(pki().team_a));
  const std::string text = explanation_on({}, world.judge());
  EXPECT_LT(text.find("policy ClusterTrustPolicy/b: "), text.find("policy ClusterTrustPolicy/a: "))
      << text;
  EXPECT_TRUE(has(text, "        counts: verified, signed by team-a@linuxera.org")) << text;
  EXPECT_TRUE(has(text, "certificate ends 20")) << text;
  EXPECT_TRUE(has(explanation_on({}, teams().sign(legacy(pki().team_a)).judge()),
                  "verdict: trusted: verified\n"));
}

TEST(ExplanationOnTest, NamesStepsOnlyWhereTheyAreKnown) {
  const std::string foreign =
      explanation_on({}, teams().sign(legacy(pki().foreign_team_a)).judge());
  EXPECT_TRUE(has(foreign, "failed: chain_untrusted")) << foreign;
  EXPECT_FALSE(has(foreign, "passed: ")) << foreign;
  Signing moved;
  moved.digest = other_image();
  const std::string other = explanation_on({}, teams().sign(legacy(pki().team_a, moved)).judge());
  EXPECT_TRUE(has(other, "passed: chain, identity, signature\n        failed: payload_mismatch"))
      << other;
}

TEST(ExplanationOnTest, IsNeverLongerThanTheScreen) {
  const Verdict verdict = crowd();
  const std::size_t all = lines_of(explanation_on({}, verdict)).size();
  EXPECT_GT(all, 100U);
  for (const std::size_t height : {1, 2, 3, 5, 9, 23, 39, 60}) {
    for (const std::size_t width : {0, 20, 80}) {
      SCOPED_TRACE(std::to_string(height) + " x " + std::to_string(width));
      const std::string text = explanation_on({width, height, false}, verdict);
      EXPECT_LE(lines_of(text).size(), height);
      EXPECT_TRUE(has(text, "... ")) << text;
      EXPECT_TRUE(width > 0 || has(text, "--verbose shows all")) << text;
    }
  }
  EXPECT_EQ(lines_of(explanation_on({0, all, false}, verdict)).size(), all);
  EXPECT_LT(lines_of(explanation_on({0, all - 1, false}, verdict)).size(), all);
}

TEST(ExplanationOnTest, SaysWhatWentAndKeepsTheCure) {
  const std::string text = explanation_on({80, 23, false}, crowd());
  EXPECT_TRUE(has(text, "verdict: not trusted by policy ClusterTrustPolicy/policy-0")) << text;
  EXPECT_TRUE(has(text, "... 6 more signatures; --verbose shows all\n")) << text;
  EXPECT_TRUE(has(text, " more policies; --verbose shows all\n")) << text;
  EXPECT_TRUE(has(text, "fix:     ")) << text;
  EXPECT_TRUE(has(text, "contact: ask #team-platform\n")) << text;
}

TEST(ExplanationOnTest, BreaksLinesAtTheWidthBelowTheirText) {
  World world = teams().sign(legacy(pki().team_b));
  for (std::size_t width = 1; width <= 120; ++width) {
    const std::string text = explanation_on({width, 0, false}, world.judge());
    for (const std::string& line : lines_of(text))
      EXPECT_LE(line.size(), width) << text;
  }
  const std::string text = explanation_on({60, 0, false}, world.judge());
  EXPECT_TRUE(has(text, "\n                ")) << text;
  EXPECT_TRUE(has(text,
                  "\n        failed: identity_mismatch (found team-b@linuxera.org\n"
                  "                "))
      << text;
}

TEST(ExplanationOnTest, ColoursChangeNothingElse) {
  const Verdict verdict = crowd();
  for (const Screen& screen : {Screen{0, 0, true}, Screen{80, 23, true}, Screen{30, 40, true}}) {
    Screen plain = screen;
    plain.colour = false;
    const std::string coloured = explanation_on(screen, verdict);
    EXPECT_TRUE(has(coloured, "\x1b[31m")) << coloured;
    EXPECT_EQ(without_colours(coloured), explanation_on(plain, verdict));
  }
  EXPECT_TRUE(has(explanation_on({0, 0, true}, teams().sign(legacy(pki().team_a)).judge()),
                  "\x1b[32mtrusted\x1b[0m: verified\n"));
}

TEST(ExplanationOnTest, NothingFromOutsideReachesTheTerminalAsItIs) {
  World world = teams();
  world.policies[0].message = "a\x1b[31mb";
  Candidate odd = legacy(pki().team_b);
  odd.origin = "layer\n\x1b[2J";
  world.sign(odd).sign(unreadable(SignatureFormat::legacy, Reason::registry_protocol, "\xff\n\t"));
  Verdict verdict = world.judge();
  verdict.image = "x\ny\x1b]0;title\x07";
  verdict.policies[0].name += "\x1b[1m";
  verdict.hints = {
      "\x9b"
      "31m"};
  const std::string text = explanation_on({}, verdict);
  for (const char c : text)
    EXPECT_TRUE(c == '\n' || (c >= ' ' && c <= '~')) << text;
  // Every escape is one of ours, and stands round a word of ours.
  EXPECT_EQ(without_colours(explanation_on({0, 0, true}, verdict)), text);
}

TEST(ExplanationOnTest, OfAnErrorSaysWhatItWas) {
  const std::string text =
      explanation_on({}, failed_verdict("nginx", Error(Reason::deadline, "8 s are over")));
  EXPECT_TRUE(has(text, "digest:  not known\n")) << text;
  EXPECT_TRUE(has(text, "verdict: could not be checked: deadline (8 s are over)\n")) << text;
  EXPECT_TRUE(has(text, "fix:     ")) << text;
}

}  // namespace
}  // namespace signet
