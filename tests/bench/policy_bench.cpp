// What the warm path asks of policies, by their number: a plan, the key that one is remembered
// under, and what a reload costs. Policies of others must cost nothing.

#include <benchmark/benchmark.h>

#include <cstdlib>
#include <fstream>
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

// ---- a cluster: 500 cluster policies and 10 of each of 200 namespaces, as objects

SourceFile object(PolicyKindName kind, const std::string& ns, const std::string& name,
                  const std::string& images) {
  std::string in_namespace = ns.empty() ? "" : R"(,"namespace":")" + ns + '"';
  std::string json = R"({"apiVersion":"signet.dev/v1alpha1","kind":")" +
                     std::string(name_of(kind)) + R"(","metadata":{"name":")" + name + '"' +
                     in_namespace +
                     R"(,"uid":"8c5d1f0a-9b7e-4c21-8c5d-1f0a9b7e4c21","generation":1,)" +
                     R"("managedFields":[{"manager":"kubectl","operation":"Apply","fieldsV1":)" +
                     R"({"f:spec":{"f:authorities":{},"f:match":{"f:images":{}}}}}]},"spec":)" +
                     R"({"mode":"enforce","match":{"images":[")" + images +
                     R"("]},"authorities":[{"name":"teams","certificate":{"trustRootRef":)" +
                     R"({"name":"linuxera"},"identities":[{"subjectRegExp":)" +
                     R"("team-.*@linuxera\\.org","issuer":"https://linuxera.org"}]}}],)" +
                     R"("threshold":1,"onError":"deny"}})";
  return {name, std::move(json), ObjectName{kind, ns, name}};
}

std::vector<SourceFile> objects_of_a_cluster() {
  std::vector<SourceFile> objects;
  objects.push_back(object(PolicyKindName::cluster_policy, "", "mine", "quay.io/example/**"));
  for (int i = 1; i < 500; ++i) {
    const std::string number = std::to_string(i);
    objects.push_back(
        object(PolicyKindName::cluster_policy, "", "c" + number, "quay.io/team-" + number + "/**"));
  }
  for (int i = 0; i < 2000; ++i) {
    objects.push_back(object(PolicyKindName::policy, "team-" + std::to_string(i / 10),
                             "p" + std::to_string(i), "quay.io/**"));
  }
  return objects;
}

std::vector<SourcePtr> loaded(const std::vector<SourceFile>& objects) {
  std::vector<SourcePtr> sources;
  for (const SourceFile& one : objects)
    sources.push_back(load_source(one, files_only({})));
  return sources;
}

std::shared_ptr<const PolicySet> set_from(const std::vector<SourcePtr>& sources) {
  auto set = std::make_shared<PolicySet>(make_policy_set(combine(sources), NoMatch::deny));
  for (const auto& one : set->policies) {
    if (!one->issues.empty()) std::abort();
  }
  return set;
}

double resident_mib() {
  std::ifstream pages("/proc/self/statm");
  double all = 0;
  double resident = 0;
  pages >> all >> resident;
  return resident * 4096 / (1024 * 1024);
}

void cluster_load(benchmark::State& state) {
  const auto objects = objects_of_a_cluster();
  const double before = resident_mib();
  std::shared_ptr<const PolicySet> kept;
  for (auto _ : state) {
    kept = set_from(loaded(objects));
    benchmark::DoNotOptimize(kept);
  }
  state.counters["MiB"] = resident_mib() - before;
}

// What a change of one object costs.
void cluster_change(benchmark::State& state) {
  const auto objects = objects_of_a_cluster();
  auto sources = loaded(objects);
  for (auto _ : state) {
    sources[7] = load_source(objects[7], files_only({}));
    auto set = set_from(sources);
    benchmark::DoNotOptimize(set);
  }
}

// A plan in a namespace with ten policies: beside all others, and alone with ten of the cluster.
void cluster_plan(benchmark::State& state) {
  auto objects = objects_of_a_cluster();
  if (state.range(0) < 2500) {
    objects.erase(objects.begin() + 510, objects.end());
    objects.erase(objects.begin() + 10, objects.begin() + 500);
  }
  const auto set = set_from(loaded(objects));
  Workload of = workload();
  of.ns = "team-0";
  const Reference reference = image();
  for (auto _ : state) {
    const Plan made = plan_for(set, of, reference);
    if (made.cluster.size() != 1 || made.namespaced.size() != 10) std::abort();
    benchmark::DoNotOptimize(made);
  }
}

BENCHMARK(cluster_load)->Unit(benchmark::kMillisecond);
BENCHMARK(cluster_change)->Unit(benchmark::kMillisecond);
BENCHMARK(cluster_plan)->Arg(20)->Arg(2500);
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
