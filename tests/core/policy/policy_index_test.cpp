// An index finds what a walk over all policies finds, and what it looks at does not grow with them.

#include "core/policy/policy_index.hpp"

#include <gtest/gtest.h>

#include <random>

#include "tests/core/policy/world.hpp"

namespace signet {
namespace {

using namespace signet::world;

constexpr int kSets = 1000;
constexpr int kQuestions = 8;

std::shared_ptr<const PolicySet> set_of(const std::vector<Policy>& policies,
                                        NoMatch no_match = NoMatch::deny) {
  Loaded loaded;
  for (const Policy& policy : policies)
    loaded.policies.push_back(std::make_shared<const Policy>(policy));
  return std::make_shared<const PolicySet>(make_policy_set(std::move(loaded), no_match));
}

// The same set, of which every policy is asked.
std::shared_ptr<const PolicySet> without_index(const PolicySet& set) {
  auto walked = std::make_shared<PolicySet>(set);
  walked->index.reset();
  return walked;
}

class PolicyMaker {
 public:
  explicit PolicyMaker(unsigned seed) : random_(seed) {
    for (int i = 0; i < 400; ++i)
      patterns_.push_back(make_pattern());
  }

  std::size_t pick(std::size_t below) { return random_() % below; }
  bool chance(std::size_t in) { return pick(in) == 0; }
  template <std::size_t N>
  std::string one_of(const char* const (&texts)[N]) {
    return texts[pick(N)];
  }

  const ImageGlob& pattern() { return patterns_[pick(patterns_.size())]; }

  ImageGlob make_pattern() {
    if (chance(12)) return glob("**");
    std::string text = one_of({"quay.io", "ghcr.io", "docker.io", "*.example.org",
                               "reg.example.org", "reg.example.org:5000"});
    const std::size_t depth = 1 + pick(6);
    for (std::size_t i = 0; i < depth; ++i)
      text += "/" + one_of({"a", "b", "c", "a*", "*", "**"});
    const auto parsed = ImageGlob::parse(text);
    return parsed ? *parsed : glob("docker.io/library/*");
  }

  std::string repository() {
    std::string text = one_of({"quay.io", "ghcr.io", "docker.io/library", "x.example.org",
                               "reg.example.org", "reg.example.org:5000", "example.org"});
    const std::size_t depth = 1 + pick(6);
    for (std::size_t i = 0; i < depth; ++i)
      text += "/" + one_of({"a", "b", "c", "ab"});
    return text;
  }

  std::string ns() { return one_of({"", "shop", "team-a", "team-b", "other"}); }

  Selector selector() {
    const std::string key = one_of({"tier", "team", "kubernetes.io/metadata.name"});
    const auto op = static_cast<Selector::Operator>(pick(4));
    return {{{key, op, {one_of({"prod", "test", "shop"})}}}};
  }

  std::optional<Labels> labels() {
    if (chance(3)) return std::nullopt;
    Labels made;
    if (chance(2)) made["tier"] = one_of({"prod", "test"});
    if (chance(2)) made["team"] = one_of({"prod", "shop"});
    if (chance(2)) made["unasked"] = one_of({"x", "y"});
    return made;
  }

  Policy policy(std::size_t number) {
    Policy made = cluster("p" + std::to_string(number), {allow({image()})});
    made.fingerprint = made.name;
    made.match.images.clear();
    const std::size_t patterns = chance(10) ? 40 : 1 + pick(3);
    for (std::size_t i = 0; i < patterns; ++i)
      made.match.images.push_back(pattern());
    if (chance(4)) made.match.exclude = {pattern()};
    if (chance(10)) made.issues.push_back({"p.yaml", 1, 1, "spec", "is odd"});
    if (!made.issues.empty() && chance(2)) made.match.images.clear();
    if (chance(4)) made.mode = Mode::warn;
    if (chance(2)) {
      made.kind = PolicyKind::namespaced;
      made.ns = ns();
      if (chance(3)) made.match.object_selector = selector();
      return made;
    }
    const std::size_t namespaces = chance(2) ? pick(4) : 0;
    for (std::size_t i = 0; i < namespaces; ++i)
      made.match.namespaces.push_back(one_of({"shop", "team-*", "team-a", "o?her", "other"}));
    if (chance(4)) made.match.namespace_selector = selector();
    return made;
  }

  std::vector<Policy> policies() {
    std::vector<Policy> made;
    const std::size_t count = pick(16);
    for (std::size_t i = 0; i < count; ++i)
      made.push_back(policy(i));
    return made;
  }

  Workload workload() { return {ns(), labels(), labels().value_or(Labels())}; }
  Reference reference() {
    return *Reference::parse(repository() + (chance(2) ? "" : "@" + image().str()));
  }

 private:
  std::mt19937 random_;
  std::vector<ImageGlob> patterns_;
};

void expect_same(const Plan& found, const Plan& walked) {
  EXPECT_EQ(found.cluster, walked.cluster);
  EXPECT_EQ(found.namespaced, walked.namespaced);
  EXPECT_EQ(found.undecided, walked.undecided);
  EXPECT_EQ(found.places, walked.places);
  EXPECT_EQ(found.needs_digest, walked.needs_digest);
}

TEST(PolicyIndexTest, FindsWhatAWalkOverAllPoliciesFinds) {
  PolicyMaker maker(1);
  std::size_t applied = 0;
  std::size_t undecided = 0;
  for (int i = 0; i < kSets; ++i) {
    const auto set = set_of(maker.policies());
    const auto walked = without_index(*set);
    for (int k = 0; k < kQuestions; ++k) {
      const Workload workload = maker.workload();
      const Reference image = maker.reference();
      SCOPED_TRACE("set " + std::to_string(i) + " " + image.original() + " in " + workload.ns);
      const Plan found = plan_for(set, workload, image);
      expect_same(found, plan_for(walked, workload, image));
      applied += found.cluster.size() + found.namespaced.size();
      undecided += found.undecided.size();
    }
    if (HasFailure()) return;
  }
  // The sets are worth asking.
  EXPECT_GT(applied, 2000U);
  EXPECT_GT(undecided, 50U);
}

TEST(PolicyIndexTest, APlanDependsOnNothingOfAWorkloadThatItsKeyLeavesOut) {
  PolicyMaker maker(2);
  int met = 0;
  for (int i = 0; i < kSets / 2; ++i) {
    const auto set = set_of(maker.policies());
    const Reference image = maker.reference();
    std::map<std::string, Workload> known;
    for (int k = 0; k < kQuestions; ++k) {
      const Workload workload = maker.workload();
      const auto [first, added] = known.emplace(workload_key(*set, workload), workload);
      if (added) continue;
      ++met;
      expect_same(plan_for(set, workload, image), plan_for(set, first->second, image));
    }
    if (HasFailure()) return;
  }
  EXPECT_GT(met, 500);
}

struct Growth {
  const char* what;
  void (*distinguish)(Policy& policy, const std::string& number);
};

TEST(PolicyIndexTest, WhatIsLookedAtDoesNotGrowWithPoliciesOfOthers) {
  const Growth rows[] = {
      {"other hosts",
       [](Policy& policy, const std::string& number) {
         policy.match.images = {glob("r" + number + ".example/**")};
       }},
      {"other repositories",
       [](Policy& policy, const std::string& number) {
         policy.match.images = {glob("quay.io/team-" + number + "/**")};
       }},
      {"other namespaces by name",
       [](Policy& policy, const std::string& number) {
         policy.match.namespaces = {"team-" + number};
       }},
      {"policies of other namespaces",
       [](Policy& policy, const std::string& number) {
         policy.kind = PolicyKind::namespaced;
         policy.ns = "team-" + number;
       }},
  };
  for (const Growth& row : rows) {
    SCOPED_TRACE(row.what);
    std::vector<Policy> policies = {cluster("mine", {by_certificate()})};
    for (std::size_t i = 0; i < kPolicies - 1; ++i) {
      policies.push_back(cluster("p" + std::to_string(i), {by_certificate()}));
      row.distinguish(policies.back(), std::to_string(i));
    }
    const auto set = set_of(policies);
    EXPECT_EQ(set->index->candidates("shop", kRepository).size(), 1U);
  }
}

TEST(PolicyIndexTest, AnIndexOfManyNamesByManyPatternsStaysSmall) {
  Policy wide = cluster("wide", {allow()});
  wide.match.images.clear();
  for (std::size_t i = 0; i < kPatterns; ++i) {
    wide.match.images.push_back(glob("quay.io/r" + std::to_string(i) + "/**"));
    wide.match.namespaces.push_back("n" + std::to_string(i));
  }
  const auto set = set_of({wide});
  for (std::size_t i = 0; i < kPatterns; ++i) {
    const std::string number = std::to_string(i);
    EXPECT_EQ(set->index->candidates("n" + number, "quay.io/r" + number + "/a").size(), 1U);
  }
  EXPECT_TRUE(set->index->candidates("n0", "quay.io/elsewhere/a").empty());
}

TEST(LabelKeysTest, AreThoseThatSelectorsAskFor) {
  Policy labelled = cluster("a", {allow()});
  labelled.match.namespace_selector =
      Selector{{{"tier", Selector::Operator::exists, {}},
                {"kubernetes.io/metadata.name", Selector::Operator::in, {"shop"}}}};
  Policy own = in_shop("b", {allow()});
  own.match.object_selector = Selector{{{"app", Selector::Operator::in, {"web"}}}};
  const auto set = set_of({labelled, own});
  EXPECT_EQ(set->label_keys.of_namespace, (std::vector<std::string>{"signet.dev/enforce", "tier"}));
  EXPECT_EQ(set->label_keys.of_object, (std::vector<std::string>{"app"}));
}

TEST(WorkloadKeyTest, TellsApartWhatDecides) {
  Policy labelled = cluster("a", {allow()});
  labelled.match.namespace_selector = Selector{{{"tier", Selector::Operator::exists, {}}}};
  Policy own = in_shop("b", {allow()});
  own.match.object_selector = Selector{{{"app", Selector::Operator::in, {"web"}}}};
  const auto set = set_of({labelled, own});
  const auto key = [&](Workload workload) { return workload_key(*set, workload); };
  const Workload base{"shop", Labels{{"tier", "prod"}}, {{"app", "web"}}};
  const Workload others[] = {
      {"shop2", Labels{{"tier", "prod"}}, {{"app", "web"}}},
      {"shop", Labels{{"tier", "test"}}, {{"app", "web"}}},
      {"shop", Labels{}, {{"app", "web"}}},
      {"shop", std::nullopt, {{"app", "web"}}},
      {"shop", Labels{{"tier", "prod"}}, {{"app", "db"}}},
      {"shop", Labels{{"tier", "prod"}}, {}},
  };
  for (const Workload& other : others)
    EXPECT_NE(key(other), key(base));
  EXPECT_EQ(key({"shop", Labels{{"tier", "prod"}, {"x", "y"}}, {{"app", "web"}, {"v", "1"}}}),
            key(base));
}

}  // namespace
}  // namespace signet
