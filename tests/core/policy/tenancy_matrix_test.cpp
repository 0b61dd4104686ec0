// No TrustPolicy whatsoever turns a cluster denial into an admission (policy.md 2, 3, 6): 10,000
// generated ones against generated cluster policies and images, each decided by the product and by
// the rules in plain words. Every rule broken on purpose would have been noticed.

#include <gtest/gtest.h>

#include <random>

#include "tests/core/policy/tenancy_model.hpp"
#include "tests/core/policy/world.hpp"

namespace signet::tenancy {
namespace {

using namespace signet::world;
using Kind = TeamRule::Kind;

constexpr std::size_t kTeams = 10'000;
constexpr std::size_t kRounds = 20;  // of one cluster and one image
constexpr std::size_t kEnough = 1;   // times that a mutant has to be noticed

struct Known {
  Candidate candidate;
  std::optional<Signed> says;  // nothing: it is good for nothing
};

// Made once: what costs time is making and checking signatures.
const std::vector<Known>& signatures() {
  static const std::vector<Known> all = {
      {legacy(pki().team_a), Signed{kTeamA, "linuxera", 'a'}},
      {legacy(pki().team_b), Signed{kTeamB, "linuxera", 'b'}},
      {legacy(pki().team_a_again), Signed{kTeamA, "linuxera", 'x'}},
      {legacy(pki().team_b_with_key_of_a), Signed{kTeamB, "linuxera", 'a'}},
      {legacy(pki().foreign_team_a), Signed{kTeamA, "other", 'f'}},
      {legacy(pki().expired), std::nullopt},
      {legacy(pki().team_a, {other_image(), kRepository, {}}), std::nullopt},
  };
  return all;
}

struct Count {
  std::size_t fixed = 0, digests = 0, threshold = 0, delegates = 0, ceilings = 0, inline_roots = 0,
              opens = 0, invalid = 0, enforce = 0, warn = 0, audit = 0, uncovered = 0, lifted = 0,
              allowed = 0, denied = 0, unsigned_images = 0, here = 0;
};

class Generator {
 public:
  explicit Generator(unsigned seed) : random_(seed) {}

  std::size_t pick(std::size_t below) { return random_() % below; }
  bool chance(std::size_t in) { return pick(in) == 0; }

  ModelPolicy policy(bool of_cluster, bool here, Count& count) {
    ModelPolicy made;
    made.cluster = of_cluster;
    made.here = here;
    Policy real = of_cluster ? cluster("c", {}) : in_shop("t", {});
    if (!here) real.ns = "bank";
    real.name += std::to_string(++number_);
    add_rules(made, real);
    add_match(made, real);
    made.mode = real.mode = static_cast<Mode>(std::max<int>(0, static_cast<int>(pick(6)) - 3));
    if (chance(4)) {
      made.opens = true;
      real.on_error = ErrorAction::allow;
    }
    made.wants_digest = real.require_digest = chance(10);
    if (chance(10)) {
      made.invalid = true;
      real = broken(std::move(real));
    }
    tell(made, count);
    made.real = std::make_shared<const Policy>(std::move(real));
    return made;
  }

  Setting setting(Evidence& evidence, Count& count) {
    Setting made;
    const std::size_t policies = pick(4);
    for (std::size_t i = 0; i < policies; ++i)
      made.cluster.push_back(policy(true, true, count));
    made.pinned = !chance(5);
    made.no_match = chance(3) ? (chance(2) ? NoMatch::allow : NoMatch::warn) : NoMatch::deny;
    FoundSignatures found;
    const std::size_t signed_by = chance(3) ? 1 + pick(2) : 0;
    for (std::size_t i = 0; i < signed_by; ++i) {
      const Known& one = signatures()[pick(signatures().size())];
      found.candidates.push_back(one.candidate);
      if (one.says) made.signatures.push_back(*one.says);
    }
    if (signed_by == 0) ++count.unsigned_images;
    if (chance(4)) {
      made.unreachable = true;
      found.failure = Error(Reason::registry_unreachable, "nobody listens");
    }
    for (const bool own : {true, false}) {
      evidence.found[place(SignatureFormat::legacy, kRepository, own)] = found;
      evidence.found[place(SignatureFormat::bundle, kRepository, own)] = {};
    }
    return made;
  }

 private:
  void add_rules(ModelPolicy& made, Policy& real) {
    const std::size_t rules = 1 + pick(3);
    if (chance(10)) {  // a deny stands alone
      made.rules.push_back(fixed(true, real));
      return;
    }
    for (std::size_t i = 0; i < rules; ++i) {
      made.rules.push_back(rule(made.cluster, real));
      real.authorities.back().name += std::to_string(i);
    }
    made.threshold = real.threshold = chance(3) ? 1 + pick(rules) : 1;
  }

  TeamRule rule(bool of_cluster, Policy& real) {
    switch (pick(of_cluster ? 10 : 7)) {
      case 0:
        return fixed(false, real);
      case 1:
      case 2:
        return key(real);
      case 3:
      case 4:
      case 5:
      case 6:
        return certificate(real);
      default:
        return delegate(real);
    }
  }

  std::string subject() { return chance(2) ? kTeamA : kTeamB; }
  std::string root() { return chance(4) ? chance(2) ? "other" : "nobody" : "linuxera"; }

  TeamRule fixed(bool denies, Policy& real) {
    TeamRule rule;
    rule.denies = denies;
    rule.listed = static_cast<Listed>(pick(3));
    std::vector<Digest> digests;
    if (rule.listed == Listed::listed) digests = {other_image(), image()};
    if (rule.listed == Listed::unlisted) digests = {other_image()};
    Authority authority = denies ? deny(digests) : world::allow(digests);
    if (!denies && chance(2)) {
      rule.ended = chance(2);
      auto& expires = std::get<StaticRule>(authority.rule).expires;
      expires = kTestNow + std::chrono::hours(rule.ended ? -1 : 1);
    }
    real.authorities.push_back(std::move(authority));
    return rule;
  }

  TeamRule key(Policy& real) {
    TeamRule rule;
    rule.kind = Kind::key;
    rule.key = chance(2) ? 'a' : 'b';
    const TestKey& key = rule.key == 'a' ? pki().team_a.key : pki().team_b.key;
    real.authorities.push_back(by_key({key.public_key()}));
    return rule;
  }

  TeamRule certificate(Policy& real) {
    TeamRule rule;
    rule.kind = Kind::certificate;
    rule.subject = subject();
    rule.inline_roots = chance(4);
    if (!rule.inline_roots) rule.root = root();
    real.authorities.push_back(rule.inline_roots ? by_inline_roots(rule.subject)
                                                 : by_certificate(rule.subject, rule.root));
    return rule;
  }

  TeamRule delegate(Policy& real) {
    TeamRule rule;
    rule.kind = Kind::delegate;
    rule.root = root();
    Authority authority = world::delegate({rule.root});
    if (chance(2)) {
      rule.ceiling = subject();
      std::get<DelegateRule>(authority.rule).identities = {identity(*rule.ceiling)};
    }
    real.authorities.push_back(std::move(authority));
    return rule;
  }

  void add_match(ModelPolicy& made, Policy& real) {
    switch (pick(6)) {
      case 0:
        made.literal_host = false;
        real.match.images = {glob("**")};
        break;
      case 1:
        made.image = false;
        real.match.images = {glob("quay.io/elsewhere/**"), glob("quay.io/example/app/*")};
        break;
      case 2:
        real.match.images = {glob("quay.io/example/*")};
        break;
      default:
        break;
    }
    if (chance(8)) {
      made.excluded = true;
      real.match.exclude = {glob("quay.io/example/a*")};
    }
    if (made.cluster && chance(4)) {
      made.namespaces = chance(2);
      real.match.namespaces = {made.namespaces ? "sh*" : "bank"};
    }
    if (!made.cluster && chance(4)) {
      made.object = chance(2);
      real.match.object_selector =
          Selector{{{"app", Selector::Operator::in, {made.object ? "web" : "db"}}}};
    }
  }

  static void tell(const ModelPolicy& policy, Count& count) {
    if (policy.threshold > 1) ++count.threshold;
    if (policy.opens) ++count.opens;
    if (policy.invalid) ++count.invalid;
    ++(policy.mode == Mode::enforce ? count.enforce
       : policy.mode == Mode::warn  ? count.warn
                                    : count.audit);
    for (const TeamRule& rule : policy.rules) {
      if (rule.kind == Kind::fixed) ++count.fixed;
      if (rule.kind == Kind::fixed && rule.listed != Listed::everything) ++count.digests;
      if (rule.kind == Kind::delegate) ++(rule.ceiling ? count.ceilings : count.delegates);
      if (rule.inline_roots) ++count.inline_roots;
    }
  }

  std::mt19937 random_;
  int number_ = 0;
};

// The product's decision.
class Product {
 public:
  Product() {
    const auto add = [&](const std::string& name, Trust trust) {
      roots_[name] = std::make_shared<const TrustRoot>(TrustRoot{name, std::move(trust), name, {}});
    };
    add("linuxera", pki().trust());
    Trust other = pki().trust();
    other.authorities[0].anchors = {pki().foreign_root.certificate};
    add("other", std::move(other));
    workload_.ns = "shop";
    workload_.labels = {{"app", "web"}};
    workload_.namespace_labels = Labels();
  }

  Verdict judge(const Setting& setting, const Evidence& evidence,
                const std::vector<const ModelPolicy*>& teams) const {
    auto set = std::make_shared<PolicySet>();
    for (const ModelPolicy& policy : setting.cluster)
      set->policies.push_back(policy.real);
    for (const ModelPolicy* const policy : teams)
      set->policies.push_back(policy->real);
    set->trust_roots = roots_;
    set->no_match = setting.no_match;
    const std::string reference = setting.pinned ? pinned() : std::string(kRepository) + ":1";
    const Plan plan = plan_for(std::move(set), workload_, *Reference::parse(reference));
    return evaluate(plan, evidence, kTestNow);
  }

 private:
  std::map<std::string, std::shared_ptr<const TrustRoot>, std::less<>> roots_;
  Workload workload_;
};

void expect_all_were_hit(const Count& count) {
  EXPECT_GT(count.fixed, 0U);
  EXPECT_GT(count.digests, 0U);
  EXPECT_GT(count.threshold, 0U);
  EXPECT_GT(count.delegates, 0U);
  EXPECT_GT(count.ceilings, 0U);
  EXPECT_GT(count.inline_roots, 0U);
  EXPECT_GT(count.opens, 0U);
  EXPECT_GT(count.invalid, 0U);
  EXPECT_GT(count.enforce, 0U);
  EXPECT_GT(count.warn, 0U);
  EXPECT_GT(count.audit, 0U);
  EXPECT_GT(count.uncovered, 100U);
  EXPECT_GT(count.lifted, 10U);  // by a delegate, as it is meant to be
  EXPECT_GT(count.allowed, 500U);
  EXPECT_GT(count.denied, 1000U);
  EXPECT_GT(count.unsigned_images, 0U);
  EXPECT_GE(count.here, kTeams);
}

// One to three policies of the namespace, and one of another.
struct Round {
  std::vector<ModelPolicy> made;
  std::vector<const ModelPolicy*> all;

  Round(Generator& generator, Count& count) {
    const std::size_t here = 1 + generator.pick(3);
    for (std::size_t i = 0; i < here; ++i)
      made.push_back(generator.policy(false, true, count));
    count.here += here;
    made.push_back(generator.policy(false, false, count));
    for (const ModelPolicy& policy : made)
      all.push_back(&policy);
  }
};

void expect_no_other_namespace(const Verdict& verdict) {
  for (const PolicyFinding& finding : verdict.policies)
    EXPECT_EQ(finding.name.find("/bank/"), std::string::npos);
}

void expect_no_weakening(bool cluster_allows, const Verdict& verdict, const Model& model,
                         Count& count) {
  EXPECT_EQ(verdict.allowed(), model.allows());
  expect_no_other_namespace(verdict);
  if (!model.covered()) ++count.uncovered;
  ++(verdict.allowed() ? count.allowed : count.denied);
  if (cluster_allows || !verdict.allowed()) return;
  EXPECT_TRUE(model.covered() && model.delegates());
  ++count.lifted;
}

TEST(TenancyMatrixTest, NoneOf10000TrustPoliciesTurnsAClusterDenialIntoAnAdmission) {
  Generator generator(4711);
  const Product product;
  Count count;
  std::vector<std::size_t> noticed(static_cast<std::size_t>(Mutant::last));
  while (count.here < kTeams && !HasFailure()) {
    Evidence evidence{image(), {}};
    const Setting setting = generator.setting(evidence, count);
    const bool cluster_allows = product.judge(setting, evidence, {}).allowed();
    EXPECT_EQ(Model(setting, {}, Mutant::none).allows(), cluster_allows);
    for (std::size_t i = 0; i < kRounds && !HasFailure(); ++i) {
      SCOPED_TRACE(::testing::Message() << "after " << count.here << " policies");
      const Round round(generator, count);
      const Verdict verdict = product.judge(setting, evidence, round.all);
      const Model model(setting, round.all, Mutant::none);
      expect_no_weakening(cluster_allows, verdict, model, count);
      for (std::size_t m = 1; m < noticed.size(); ++m) {
        if (noticed[m] == kEnough) continue;
        const Model mutant(setting, round.all, static_cast<Mutant>(m));
        if (mutant.allows() != verdict.allowed()) ++noticed[m];
      }
    }
  }
  if (HasFailure()) return;
  expect_all_were_hit(count);
  for (std::size_t m = 1; m < noticed.size(); ++m)
    EXPECT_EQ(noticed[m], kEnough) << "nothing here would notice mutant " << m;
}

}  // namespace
}  // namespace signet::tenancy
