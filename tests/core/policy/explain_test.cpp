#include "core/policy/explain.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/base/limits.hpp"
#include "tests/core/policy/in_order.hpp"
#include "tests/core/policy/world.hpp"

namespace signet {
namespace {

using namespace signet::world;
using testing::has;

bool is_plain(const std::string& text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c == '\n' || (c >= ' ' && c <= '~'); });
}

TEST(FirstLineTest, SaysWhoRefusedAndWhy) {
  World world = teams().sign(legacy(pki().team_b));
  world.reference = std::string(kRepository) + ":1.0";
  const std::string line = first_line(world.judge());
  EXPECT_TRUE(
      line.starts_with("image quay.io/example/app:1.0: not trusted by policy "
                       "ClusterTrustPolicy/teams: identity_mismatch (found "
                       "team-b@linuxera.org"))
      << line;
  EXPECT_TRUE(has(line, "wanted subject \"team-a@linuxera.org\"")) << line;
  EXPECT_LE(line.size(), kFirstLineBytes);
}

TEST(FirstLineTest, SaysThatSomethingCouldNotBeChecked) {
  World world = teams().fail(SignatureFormat::legacy, Reason::registry_timeout);
  world.reference = std::string(kRepository) + ":1.0";
  EXPECT_EQ(first_line(world.judge()),
            "image quay.io/example/app:1.0: could not be checked by policy "
            "ClusterTrustPolicy/teams: registry_timeout (the registry said so)");
}

TEST(FirstLineTest, NamesNoPolicyWhereNoneDecided) {
  World world;
  world.reference = "nginx:1.0";
  EXPECT_EQ(first_line(world.judge()),
            "image nginx:1.0: not trusted: no_policy_deny (no ClusterTrustPolicy matches "
            "docker.io/library/nginx)");
  EXPECT_EQ(first_line(failed_verdict("nginx", Error(Reason::deadline, "8 s are over"))),
            "image nginx: could not be checked: deadline (8 s are over)");
  EXPECT_EQ(first_line(failed_verdict("NGINX", Error(Reason::invalid_reference, "upper case"))),
            "image NGINX: not trusted: invalid_reference (upper case)");
}

TEST(FirstLineTest, SaysThatAnImageIsTrustedOrLetThrough) {
  World good = teams().sign(legacy(pki().team_a));
  good.reference = std::string(kRepository) + ":1.0";
  EXPECT_EQ(first_line(good.judge()),
            "image quay.io/example/app:1.0: trusted: verified (signed by team-a@linuxera.org "
            "(issuer https://linuxera.org))");
  World warned = teams();
  warned.policies[0].mode = Mode::warn;
  EXPECT_TRUE(has(first_line(warned.judge()),
                  "let through, although not trusted by policy ClusterTrustPolicy/teams: "
                  "no_signature"));
}

TEST(FirstLineTest, IsCompleteWithinItsLengthHoweverLongThePartsAre) {
  World world({cluster(std::string(253, 'p'), {by_certificate()})});
  const std::string path = std::string(kRepository) + "/" + std::string(180, 'a');
  world.reference = path + ":" + std::string(128, 't') + "@" + image().str();
  world.sign(legacy(pki().team_b), path);
  const std::string line = first_line(world.judge());
  EXPECT_LE(line.size(), kFirstLineBytes);
  EXPECT_TRUE(line.starts_with("image quay.io/example/app/aaa")) << line;
  EXPECT_TRUE(has(line, "identity_mismatch (found")) << line;
  EXPECT_TRUE(line.ends_with(")")) << line;
  // The reference is cut in its middle: its end, where digests differ, is still there.
  EXPECT_TRUE(has(line, image().str().substr(60) + ": not trusted")) << line;
}

TEST(FirstLineTest, ShowsNothingThatATerminalWouldObey) {
  const Error nasty(Reason::internal, "a\nb\x1b[31mc\xff");
  const std::string line = first_line(failed_verdict("x\ny", nasty));
  EXPECT_TRUE(is_plain(line));
  EXPECT_FALSE(has(line, "\n"));
}

TEST(ExplanationTest, ShowsPolicyAuthoritySignaturesAndTheWayOut) {
  World world = teams().sign(legacy(pki().team_b)).sign(bundle(pki().foreign_team_a));
  world.policies[0].message = "ask #team-platform";
  const std::string text = explanation(world.judge(), "spec.containers[0].image");
  const std::vector<std::string> parts = {
      "- spec.containers[0].image: quay.io/example/app@sha256:",
      "  digest: " + image().str(),
      "  policy ClusterTrustPolicy/teams: identity_mismatch\n",
      "    authority signer-team-a: identity_mismatch\n",
      "      want: subject \"team-a@linuxera.org\", issuer \"https://linuxera.org\"",
      "      got:  team-b@linuxera.org (issuer https://linuxera.org), legacy, tag sha256-x.sig",
      "            identity_mismatch (found team-b@linuxera.org",
      "      got:  team-a@linuxera.org (issuer https://linuxera.org), bundle, referrer sha256:0",
      "            chain_untrusted",
      "      searched: bundle signatures in quay.io/example/app, legacy signatures in",
      "    fix: sign with a certificate of an accepted identity",
      "    ask #team-platform\n"};
  testing::expect_in_order(text, parts);
  EXPECT_TRUE(text.ends_with("ask #team-platform\n"));
}

TEST(ExplanationTest, NotesWhatMayHaveHiddenSomething) {
  Verdict verdict = teams().fail(SignatureFormat::legacy, Reason::registry_auth).judge();
  verdict.hints = {"pull secret \"a\" does not exist", "pull secret \"b\" is not JSON\n\x1b[0m"};
  const std::string text = explanation(verdict, "", kDenialBytes);
  EXPECT_TRUE(has(text, "    note: pull secret \"a\" does not exist\n")) << text;
  EXPECT_TRUE(has(text, "    note: pull secret \"b\" is not JSON")) << text;
  EXPECT_TRUE(is_plain(text)) << text;

  verdict.hints.assign(1000, std::string(200, 'x'));
  EXPECT_LE(explanation(verdict, "", kDenialBytes).size(), kDenialBytes);
}

TEST(ExplanationTest, ListsAtMostThreeAuthoritiesAndThreeSignatures) {
  std::vector<Authority> many;
  for (int i = 0; i < 5; ++i) {
    many.push_back(by_certificate("team-" + std::to_string(i) + "@linuxera.org"));
  }
  World world({cluster("teams", many)});
  for (int i = 0; i < 5; ++i) {
    world.sign(legacy(pki().team_b));
  }
  const std::string text = explanation(world.judge(), "");
  EXPECT_TRUE(has(text, "    and 2 more authorities")) << text;
  EXPECT_TRUE(has(text, "            and 2 more signatures")) << text;
  std::size_t shown = 0;
  for (std::size_t at = text.find("authority signer"); at != std::string::npos;
       at = text.find("authority signer", at + 1)) {
    ++shown;
  }
  EXPECT_EQ(shown, 3U);
}

TEST(ExplanationTest, ShowsTheAuthorityThatGotFurthestFirst) {
  Authority nowhere = by_certificate(kTeamB);
  nowhere.signature_repository = *Repository::parse("quay.io/example/signatures");
  World world({cluster("teams", {nowhere, by_certificate(kTeamA)})});
  const std::string text = explanation(world.sign(legacy(pki().team_b)).judge(), "");
  EXPECT_LT(text.find("signer-team-a"), text.find("signer-team-b")) << text;
}

TEST(ExplanationTest, LeavesOutWhatPassed) {
  World world({cluster("a", {by_certificate(kTeamA)}), cluster("b", {by_certificate(kTeamB)})});
  const std::string text = explanation(world.sign(legacy(pki().team_a)).judge(), "");
  EXPECT_FALSE(has(text, "ClusterTrustPolicy/a"));
  EXPECT_TRUE(has(text, "ClusterTrustPolicy/b"));
}

TEST(ExplanationTest, OfATrustedImageNamesSignersAndEnds) {
  const std::string text = explanation(teams().sign(legacy(pki().team_a)).judge(), "");
  EXPECT_TRUE(has(text, "policy ClusterTrustPolicy/teams: verified")) << text;
  EXPECT_TRUE(has(text, "authority signer-team-a: signed by team-a@linuxera.org")) << text;
  EXPECT_TRUE(has(text, "certificates end 2027-06-01T00:00:00Z")) << text;
  EXPECT_FALSE(has(text, "fix:"));
}

TEST(ExplanationTest, KeepsTheWayOutWhereDetailsAreTooLong) {
  World world;
  for (int i = 0; i < 30; ++i) {
    const std::string name = "policy-" + std::to_string(i) + std::string(100, 'x');
    world.policies.push_back(cluster(name, {by_certificate(), by_certificate("c@linuxera.org")}));
    world.policies.back().message = std::string(200, 'm');
  }
  for (int i = 0; i < 5; ++i) {
    world.sign(legacy(pki().team_b));
  }
  const std::string text = explanation(world.judge(), "spec.containers[0].image");
  EXPECT_LE(text.size(), kDenialBytes);
  EXPECT_TRUE(has(text, "... and more\n"));
  EXPECT_TRUE(has(text, "fix: "));
  EXPECT_TRUE(text.ends_with(std::string(200, 'm') + "\n"));
}

TEST(ExplanationTest, KeepsReasonAndCureInTheShareOfOneImageOfMany) {
  World world({cluster(std::string(253, 'p'), {by_certificate(), by_certificate("c@d.org")})});
  const std::string path = std::string(kRepository) + "/" + std::string(180, 'a');
  world.reference = path + ":" + std::string(128, 't') + "@" + image().str();
  world.policies[0].message = std::string(200, 'm');
  world.sign(legacy(pki().team_b), path);
  world.sign(legacy(pki().expired), path);
  const Verdict verdict = world.judge();
  for (std::size_t most = 4 * kDenialBytes / 25; most <= kDenialBytes; most += 101) {
    SCOPED_TRACE(most);
    const std::string text = explanation(verdict, "spec.containers[0].image", most);
    EXPECT_LE(text.size(), most);
    EXPECT_TRUE(text.starts_with("- spec.containers[0].image: quay.io/example/app/aaa")) << text;
    EXPECT_TRUE(has(text, "\n  policy ClusterTrustPolicy/ppp")) << text;
    EXPECT_TRUE(has(text, "identity_mismatch")) << text;
    EXPECT_TRUE(has(text, "    fix: " + cure_for(verdict.reason) + "\n")) << text;
  }
}

TEST(ExplanationTest, IsPlainTextWhateverWasFound) {
  World world({cluster("teams", {by_certificate()})});
  Candidate odd = legacy(pki().team_b);
  odd.origin = "layer\n\x1b[2J";
  world.sign(odd).sign(unreadable(SignatureFormat::legacy, Reason::registry_protocol, "\xff\n\t"));
  EXPECT_TRUE(is_plain(explanation(world.judge(), "a\nb")));
}

TEST(ExplanationTest, OfAnErrorSaysWhatItWas) {
  const std::string text =
      explanation(failed_verdict("nginx", Error(Reason::deadline, "8 s are over")), "");
  EXPECT_TRUE(has(text, "- image: nginx\n"));
  EXPECT_TRUE(has(text, "digest: not known"));
  EXPECT_TRUE(has(text, "deadline (8 s are over)"));
  EXPECT_TRUE(has(text, "fix: "));
}

TEST(CureTest, EveryReasonThatIsNotTrustHasOne) {
  for (int i = 0; i <= static_cast<int>(Reason::malformed_object); ++i) {
    const auto reason = static_cast<Reason>(i);
    SCOPED_TRACE(name_of(reason));
    const std::string cure = cure_for(reason);
    EXPECT_EQ(cure.empty(), standing_of(reason) == Standing::trusted);
    EXPECT_LE(cure.size(), 200U);
    EXPECT_TRUE(is_plain(cure));
  }
}

TEST(VerdictTest, AnErrorIsRefusedOrUnknownAndNeverAPass) {
  for (int i = 0; i <= static_cast<int>(Reason::malformed_object); ++i) {
    const auto reason = static_cast<Reason>(i);
    SCOPED_TRACE(name_of(reason));
    const Verdict verdict = failed_verdict("x", Error(reason, "y"));
    EXPECT_FALSE(verdict.allowed());
    EXPECT_NE(standing_of(verdict.reason), Standing::trusted);
    EXPECT_EQ(verdict.outcome == Outcome::fail, standing_of(reason) == Standing::refused);
  }
}

TEST(VerdictTest, TheDecisiveFindingIsARefusalBeforeADoubtBeforeAWarning) {
  World world({cluster("a", {by_certificate()}), cluster("b", {by_certificate(kTeamB)})});
  EXPECT_EQ(decisive(world.judge())->name, "ClusterTrustPolicy/a");
  world.policies[0].authorities[0].formats = {SignatureFormat::bundle};
  world.policies[1].authorities[0].formats = {SignatureFormat::legacy};
  world.fail(SignatureFormat::bundle, Reason::registry_timeout);
  const Verdict doubt = world.judge();
  EXPECT_EQ(decisive(doubt)->name, "ClusterTrustPolicy/b");
  EXPECT_EQ(brief(doubt), "fail no_signature");
  world.policies[1].mode = Mode::warn;
  EXPECT_EQ(brief(world), "unknown registry_timeout");
  world.policies[0].mode = Mode::audit;
  const Verdict lax = world.judge();
  EXPECT_EQ(decisive(lax)->name, "ClusterTrustPolicy/b");
  EXPECT_TRUE(lax.allowed());
}

TEST(VerdictJsonTest, HasTheWholeTreeUnderStableNames) {
  World world = teams().sign(legacy(pki().team_b)).sign(bundle(pki().team_a));
  world.policies[0].message = "ask #team-platform";
  world.policies.push_back(cluster("two", {by_certificate(kTeamB)}));
  const Json json = verdict_json(world.judge());
  EXPECT_EQ(json["image"], pinned());
  EXPECT_EQ(json["digest"], image().str());
  EXPECT_EQ(json["allowed"], true);
  EXPECT_EQ(json["outcome"], "pass");
  EXPECT_EQ(json["reason"], "verified");
  EXPECT_EQ(json["warnings"], Json::array());
  EXPECT_TRUE(json["stable_until"].is_string());
  EXPECT_EQ(json["certificates_until"], "2027-06-01T00:00:00Z");
  EXPECT_EQ(json["policies"][0]["certificates_until"], "2027-06-01T00:00:00Z");
  EXPECT_TRUE(json["stale"].is_null());
  ASSERT_EQ(json["policies"].size(), 2U);
  const Json& policy = json["policies"][1];
  EXPECT_EQ(policy["name"], "ClusterTrustPolicy/two");
  EXPECT_EQ(policy["mode"], "enforce");
  EXPECT_EQ(policy["effect"], "none");
  const Json& authority = policy["authorities"][0];
  EXPECT_EQ(authority["name"], "signer-team-b");
  EXPECT_EQ(authority["outcome"], "pass");
  EXPECT_EQ(authority["searched"].size(), 2U);
  EXPECT_TRUE(authority["earliest_end"].is_string());
  ASSERT_EQ(authority["signatures"].size(), 2U);
  EXPECT_EQ(authority["signatures"][0]["format"], "bundle");
  EXPECT_EQ(authority["signatures"][0]["counted"], false);
  EXPECT_EQ(authority["signatures"][0]["reason"], "identity_mismatch");
  EXPECT_EQ(authority["signatures"][1]["subject"], kTeamB);
  EXPECT_EQ(authority["signatures"][1]["counted"], true);
}

TEST(VerdictJsonTest, CanAlwaysBeWritten) {
  const Json json = verdict_json(failed_verdict("\xff\n", Error(Reason::internal, "\xfe\x01")));
  EXPECT_TRUE(is_plain(json.dump()));
  EXPECT_EQ(json["digest"], nullptr);
  EXPECT_EQ(json["stable_until"], nullptr);
  EXPECT_EQ(json["policies"], Json::array());
}

}  // namespace
}  // namespace signet
