// What holds for every world: generated with a fixed seed.

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <random>

#include "core/policy/explain.hpp"
#include "tests/core/policy/world.hpp"

namespace signet {
namespace {

using namespace signet::world;

constexpr int kWorlds = 60;

class WorldMaker {
 public:
  explicit WorldMaker(unsigned seed) : random_(seed) {}

  std::size_t pick(std::size_t below) { return random_() % below; }
  bool chance(std::size_t in) { return pick(in) == 0; }

  Authority authority(bool of_cluster) {
    switch (pick(of_cluster ? 8 : 7)) {
      case 0:
      case 1:
        return by_certificate(kTeamA);
      case 2:
        return by_certificate(kTeamB);
      case 3:
        return by_key({pki().team_a.key.public_key()});
      case 4:
        return by_key({pki().team_b.key.public_key(), pki().team_a.key.public_key()});
      case 5:
        return by_inline_roots(kTeamB);
      case 6:
        return allow({chance(2) ? image() : other_image()});
      default:
        return delegate();
    }
  }

  Policy policy(const std::string& name) {
    const bool of_cluster = !chance(3);
    std::vector<Authority> authorities;
    const std::size_t count = 1 + pick(3);
    for (std::size_t i = 0; i < count; ++i) {
      authorities.push_back(authority(of_cluster));
      authorities.back().name += std::to_string(i);
      if (chance(6)) authorities.back().annotations = {{"environment", "prod"}};
      if (chance(6)) authorities.back().formats = {SignatureFormat::legacy};
    }
    Policy made = of_cluster ? cluster(name, authorities) : in_shop(name, authorities);
    made.threshold = 1 + pick(count);
    made.mode = chance(4) ? Mode::warn : Mode::enforce;
    if (chance(4)) made.on_error = ErrorAction::allow;
    if (chance(12)) made = broken(made);
    return made;
  }

  Candidate candidate() {
    Signing what;
    if (chance(3)) what.annotations = {{"environment", "prod"}};
    if (chance(6)) what.digest = other_image();
    const auto format = chance(2) ? SignatureFormat::bundle : SignatureFormat::legacy;
    switch (pick(7)) {
      case 0:
        return signature(format, pki().foreign_team_a, what);
      case 1:
        return unreadable(format, Reason::registry_forbidden, "no access");
      case 2:
        return signature(format, pki().expired, what);
      case 3:
      case 4:
        return signature(format, pki().team_b, what);
      default:
        return signature(format, pki().team_a, what);
    }
  }

  World world() {
    World made;
    const std::size_t policies = 1 + pick(4);
    for (std::size_t i = 0; i < policies; ++i) {
      made.policies.push_back(policy("p" + std::to_string(i)));
    }
    const std::size_t candidates = pick(5);
    for (std::size_t i = 0; i < candidates; ++i) {
      made.sign(candidate());
    }
    if (chance(5)) made.fail(SignatureFormat::legacy, Reason::registry_unreachable);
    return made;
  }

  template <class T>
  void shuffle(std::vector<T>& list) {
    std::shuffle(list.begin(), list.end(), random_);
  }

 private:
  std::mt19937 random_;
};

bool has_cluster_policy(const World& world) {
  return std::any_of(world.policies.begin(), world.policies.end(),
                     [](const Policy& policy) { return policy.kind == PolicyKind::cluster; });
}

TEST(EvaluatePropertyTest, TheWorldsAreWorthTesting) {
  WorldMaker maker(1);
  int passed = 0;
  for (int i = 0; i < kWorlds; ++i) {
    passed += maker.world().judge().allowed() ? 1 : 0;
  }
  EXPECT_GT(passed, kWorlds / 10);
  EXPECT_LT(passed, kWorlds * 9 / 10);
}

// Where no ClusterTrustPolicy matched, `noMatch` had decided, and the first one is meant to lift
// that (policy.md 6). A TrustPolicy may also satisfy a delegate, as it is meant to (policy.md 3).
TEST(EvaluatePropertyTest, AnotherPolicyNeverTurnsADenialIntoAPass) {
  WorldMaker maker(2);
  for (int i = 0; i < kWorlds; ++i) {
    World world = maker.world();
    const bool allowed = world.judge().allowed();
    Policy more = maker.policy("more");
    const bool delegates =
        std::any_of(world.policies.begin(), world.policies.end(), [](const Policy& policy) {
          return std::any_of(policy.authorities.begin(), policy.authorities.end(),
                             [](const Authority& authority) {
                               return std::holds_alternative<DelegateRule>(authority.rule);
                             });
        });
    if (!has_cluster_policy(world)) continue;
    if (delegates && more.kind == PolicyKind::namespaced) continue;
    world.policies.push_back(more);
    EXPECT_TRUE(allowed || !world.judge().allowed()) << "world " << i;
  }
}

TEST(EvaluatePropertyTest, MoreEvidenceNeverTurnsAPassIntoADenial) {
  WorldMaker maker(3);
  for (int i = 0; i < kWorlds; ++i) {
    World partial = maker.world();
    partial.unsearched(SignatureFormat::legacy);
    World whole = partial;
    if (!partial.judge().allowed()) continue;
    const Plan plan = whole.plan();
    Evidence evidence = whole.evidence(plan);
    // Then whatever lies in the place that was left out.
    for (const SignaturePlace& place : plan.places) {
      const auto there = whole.found.find(place);
      evidence.found.emplace(place, there == whole.found.end() ? FoundSignatures() : there->second);
    }
    EXPECT_TRUE(evaluate(plan, evidence, whole.now).allowed()) << "world " << i;
  }
}

TEST(EvaluatePropertyTest, JudgingInStepsAsEvidenceComesEqualsOneLook) {
  WorldMaker maker(8);
  for (int i = 0; i < kWorlds; ++i) {
    const World world = maker.world();
    const Plan plan = world.plan();
    const Evidence whole = world.evidence(plan);
    Evidence evidence{whole.digest, {}};
    Evaluation evaluation(plan, evidence, world.now);
    std::vector<SignaturePlace> places = plan.places;
    maker.shuffle(places);
    for (const SignaturePlace& place : places) {
      evidence.found.insert(*whole.found.find(place));
      while (!maker.chance(4) && evaluation.step()) {
      }
      const Verdict stepped = evaluation.verdict();
      const Verdict at_once = evaluate(plan, evidence, world.now);
      EXPECT_EQ(verdict_json(stepped), verdict_json(at_once)) << "world " << i;
      EXPECT_EQ(stepped.stable_until, at_once.stable_until) << "world " << i;
    }
  }
}

TEST(EvaluatePropertyTest, AnotherSignatureNeverTurnsAPassIntoADenial) {
  WorldMaker maker(4);
  for (int i = 0; i < kWorlds; ++i) {
    World world = maker.world();
    if (!world.judge().allowed()) continue;
    world.sign(maker.candidate());
    EXPECT_TRUE(world.judge().allowed()) << "world " << i;
  }
}

TEST(EvaluatePropertyTest, TheSameInputsGiveTheSameWords) {
  WorldMaker maker(5);
  for (int i = 0; i < kWorlds; ++i) {
    const World world = maker.world();
    EXPECT_EQ(explanation(world.judge(), "x"), explanation(world.judge(), "x"));
  }
}

TEST(EvaluatePropertyTest, TheOrderOfPoliciesAndSignaturesDoesNotDecide) {
  WorldMaker maker(6);
  for (int i = 0; i < kWorlds; ++i) {
    World world = maker.world();
    const Verdict before = world.judge();
    maker.shuffle(world.policies);
    EXPECT_EQ(explanation(world.judge(), ""), explanation(before, "")) << "world " << i;
    for (auto& [place, found] : world.found) {
      maker.shuffle(found.candidates);
    }
    for (Policy& policy : world.policies) {
      maker.shuffle(policy.authorities);
    }
    EXPECT_EQ(brief(world.judge()), brief(before)) << "world " << i;
  }
}

TEST(EvaluatePropertyTest, APassNeverRestsOnNothing) {
  WorldMaker maker(7);
  for (int i = 0; i < kWorlds; ++i) {
    World world = maker.world();
    for (Policy& policy : world.policies) {
      policy.mode = Mode::enforce;
      policy.on_error = ErrorAction::deny;
    }
    const Verdict verdict = world.judge();
    if (!verdict.allowed()) continue;
    ASSERT_FALSE(verdict.policies.empty());
    for (const PolicyFinding& policy : verdict.policies) {
      EXPECT_EQ(policy.outcome, Outcome::pass);
      EXPECT_TRUE(std::any_of(
          policy.authorities.begin(), policy.authorities.end(),
          [](const AuthorityFinding& authority) { return authority.outcome == Outcome::pass; }));
    }
  }
}

}  // namespace
}  // namespace signet
