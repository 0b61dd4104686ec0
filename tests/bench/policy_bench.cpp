// What the warm path asks of policies, by their number: a plan, the key that one is remembered
// under, and what a reload costs. Policies of others must cost nothing.

#include <benchmark/benchmark.h>

#include <cstdlib>
#include <string>

#include "core/policy/fingerprint.hpp"
#include "core/policy/loader.hpp"
#include "core/policy/plan.hpp"

namespace signet {
namespace {

enum class Spread { repositories, namespaces, patterns };

Authority signer() {
  Authority authority;
  authority.name = "team";
  CertificateRule rule;
  rule.trust_root = "linuxera";
  rule.identities = {{TextPattern::exact("team-a@linuxera.org"),
                      SubjectType::any,
                      TextPattern::exact("https://linuxera.org"),
                      {}}};
  authority.rule = std::move(rule);
  return authority;
}

Policy policy(std::string name, const std::string& pattern) {
  Policy made;
  made.name = std::move(name);
  made.match.images = {*ImageGlob::parse(pattern)};
  made.authorities = {signer()};
  made.fingerprint = fingerprint_of(made);
  return made;
}

// One policy for the image, and all others for somebody else's.
std::shared_ptr<const PolicySet> set_of(std::size_t count, Spread spread) {
  Loaded loaded;
  const auto add = [&](Policy made) {
    loaded.policies.push_back(std::make_shared<const Policy>(std::move(made)));
  };
  add(policy("mine", "quay.io/example/**"));
  for (std::size_t i = 1; i < count; ++i) {
    const std::string number = std::to_string(i);
    if (spread == Spread::repositories) {
      add(policy("p" + number, "quay.io/team-" + number + "/**"));
    } else if (spread == Spread::namespaces) {
      Policy made = policy("p" + number, "quay.io/**");
      made.kind = PolicyKind::namespaced;
      made.ns = "team-" + number;
      add(std::move(made));
    } else {
      // The worst case: nothing to find them by.
      add(policy("p" + number, "*.host-" + number + ".example/**"));
    }
  }
  TrustRoot root;
  root.name = "linuxera";
  loaded.trust_roots.push_back(std::make_shared<const TrustRoot>(std::move(root)));
  return std::make_shared<const PolicySet>(make_policy_set(std::move(loaded), NoMatch::deny));
}

Reference image() {
  return *Reference::parse("quay.io/example/shop/app@" + Digest::of("the image").str());
}

Workload workload() {
  return {"shop", Labels{{"tier", "prod"}}, {{"app", "web"}, {"version", "1"}}};
}

void plan(benchmark::State& state, Spread spread) {
  const auto set = set_of(static_cast<std::size_t>(state.range(0)), spread);
  const Workload of = workload();
  const Reference reference = image();
  for (auto _ : state) {
    const Plan made = plan_for(set, of, reference);
    if (made.cluster.size() != 1) std::abort();
    benchmark::DoNotOptimize(made);
  }
}

void key(benchmark::State& state) {
  const auto set = set_of(500, Spread::namespaces);
  const Workload of = workload();
  for (auto _ : state) {
    auto made = workload_key(*set, of);
    benchmark::DoNotOptimize(made);
  }
}

void make_set(benchmark::State& state) {
  const auto made = set_of(static_cast<std::size_t>(state.range(0)), Spread::repositories);
  Loaded loaded;
  loaded.policies = made->policies;
  for (auto _ : state) {
    auto set = make_policy_set(loaded, NoMatch::deny);
    benchmark::DoNotOptimize(set);
  }
}

void fingerprint(benchmark::State& state) {
  const auto set = set_of(static_cast<std::size_t>(state.range(0)), Spread::repositories);
  for (auto _ : state) {
    auto made = fingerprint_of(*set);
    benchmark::DoNotOptimize(made);
  }
}

BENCHMARK_CAPTURE(plan, other_repositories, Spread::repositories)
    ->Arg(1)
    ->Arg(10)
    ->Arg(100)
    ->Arg(500);
BENCHMARK_CAPTURE(plan, other_namespaces, Spread::namespaces)->Arg(1)->Arg(10)->Arg(100)->Arg(500);
BENCHMARK_CAPTURE(plan, no_literal_host, Spread::patterns)->Arg(1)->Arg(10)->Arg(100)->Arg(500);
BENCHMARK(key);
BENCHMARK(make_set)->Arg(10)->Arg(500);
BENCHMARK(fingerprint)->Arg(10)->Arg(500);

}  // namespace
}  // namespace signet

BENCHMARK_MAIN();
