#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "core/base/text.hpp"
#include "core/policy/model.hpp"
#include "server/runtime/metrics.hpp"

namespace signet {
namespace {

struct Family {
  std::string type;
  std::set<std::string> labels;

  friend bool operator==(const Family&, const Family&) = default;
};
using Families = std::map<std::string, Family>;

// The tables of deploy/README.md: | `name` | type | labels | meaning |
Families documented() {
  Families families;
  std::ifstream file(SIGNET_TESTS "/../deploy/README.md");
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("| `")) continue;
    const auto cells = split(line, '|');
    if (cells.size() < 6) continue;
    const std::string_view name = trim(cells[1]);
    Family family{std::string(trim(cells[2])), {}};
    for (const std::string_view label : split(cells[3], ',')) {
      if (!trim(label).empty()) family.labels.emplace(trim(label));
    }
    families.emplace(name.substr(1, name.size() - 2), std::move(family));
  }
  return families;
}

// {a="x",b="y,z"} without its values and without `le`.
std::set<std::string> label_names(std::string_view text) {
  std::set<std::string> names;
  bool quoted_value = false;
  std::string name;
  for (const char c : text) {
    if (c == '"') quoted_value = !quoted_value;
    if (quoted_value || c == '"' || c == '{' || c == ',') {
      if (c == '{' || (c == ',' && !quoted_value)) name.clear();
      continue;
    }
    if (c == '=') names.insert(name);
    name.push_back(c);
  }
  names.erase("le");
  return names;
}

std::string family_of(const Families& families, const std::string& sample) {
  for (const std::string_view suffix : {"_bucket", "_count", "_sum"}) {
    const std::string base = sample.substr(0, sample.size() - suffix.size());
    if (sample.ends_with(suffix) && families.contains(base)) return base;
  }
  return sample;
}

Families exported(const std::string& text) {
  Families families;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const auto words = split(line, ' ');
    if (line.starts_with("# TYPE ")) families[std::string(words[2])].type = words[3];
    if (line.starts_with('#')) continue;
    const std::string series = line.substr(0, line.rfind(' '));
    const std::size_t brace = std::min(series.find('{'), series.size());
    const auto labels = label_names(series.substr(brace));
    families[family_of(families, series.substr(0, brace))].labels = labels;
  }
  return families;
}

PolicySet one_policy_and_root() {
  PolicySet set;
  set.fingerprint = "0123456789abcdef";
  auto policy = std::make_shared<Policy>();
  policy->name = "a";
  set.policies.push_back(policy);
  auto root = std::make_shared<TrustRoot>();
  root->name = "company";
  set.trust_roots.emplace("company", root);
  return set;
}

TEST(MetricsCatalogueTest, TheOperatorsTableIsWhatIsExported) {
  Metrics metrics(TimePoint{});
  metrics.show_policies(one_policy_and_root());
  // What is absent until it is known.
  metrics.trust_root_not_after.keep({{"company", "ca"}});
  metrics.trust_root_not_after.set({"company", "ca"}, 1);
  metrics.saw_certificate_end("ClusterTrustPolicy/a", TimePoint{}, TimePoint{});
  metrics.registry_requests.add({"other", "token", "2xx"});
  metrics.kube_requests.add({"get", "secrets", "2xx"});
  metrics.policy_last_sync_timestamp.set({"trustroots"}, 1);
  metrics.tls_not_after.set({"serving"}, 1);
  metrics.config_last_reload_success_timestamp.set({"policies"}, 1);
  metrics.memory_limit_bytes.set({}, 1);

  const Families told = documented();
  const Families found = exported(metrics.text());

  EXPECT_GT(found.size(), 55U);
  for (const auto& [name, family] : found) {
    ASSERT_TRUE(told.contains(name)) << name << " is not in deploy/README.md";
    EXPECT_EQ(told.at(name).type, family.type) << name;
    EXPECT_EQ(told.at(name).labels, family.labels) << name;
  }
  for (const auto& [name, family] : told) {
    EXPECT_TRUE(found.contains(name)) << name << " is in deploy/README.md and not exported";
  }
}

TEST(MetricsCatalogueTest, NamesFollowTheRules) {
  Metrics metrics(TimePoint{});
  for (const auto& [name, family] : exported(metrics.text())) {
    EXPECT_TRUE(name.starts_with("signet_") || name.starts_with("process_")) << name;
    EXPECT_EQ(name.ends_with("_total"), family.type == "counter") << name;
    for (const std::string label : {"image", "repository", "digest", "tag", "pod", "user", "uid"}) {
      EXPECT_FALSE(family.labels.contains(label)) << name;
    }
  }
}

}  // namespace
}  // namespace signet
