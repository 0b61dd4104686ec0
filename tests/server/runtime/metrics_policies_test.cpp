#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "core/policy/loader.hpp"
#include "server/runtime/metrics.hpp"
#include "tests/support/certificates.hpp"

namespace signet {
namespace {

using testing::kTestNow;

std::size_t policy_series_in(const std::string& text) {
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) {
    if (text[at] != '#') ++count;
  }
  return count;
}

PolicySet set_of(std::vector<std::shared_ptr<const Policy>> policies, std::string fingerprint) {
  PolicySet set;
  set.policies = std::move(policies);
  set.fingerprint = std::move(fingerprint);
  return set;
}

std::shared_ptr<Policy> cluster_policy(const std::string& name, const std::string& pattern) {
  auto policy = std::make_shared<Policy>();
  policy->name = name;
  policy->match.images.push_back(*ImageGlob::parse(pattern));
  return policy;
}

std::shared_ptr<Policy> namespaced_policy(const std::string& ns, const std::string& name) {
  auto policy = cluster_policy(name, "quay.io/" + ns + "/**");
  policy->kind = PolicyKind::namespaced;
  policy->ns = ns;
  return policy;
}

TEST(MetricsPoliciesTest, TwentyPoliciesOfTwentyRegistriesStayBelow2500Series) {
  Metrics metrics(TimePoint{});
  PolicySet set = set_of({}, "0123456789abcdef");
  const std::vector<Mode> modes = {Mode::enforce, Mode::warn, Mode::audit};
  for (int i = 0; i < 20; ++i) {
    const std::string number = std::to_string(i);
    auto policy = cluster_policy("policy" + number, "registry" + number + ".example/**");
    policy->mode = modes[static_cast<std::size_t>(i) % 3];
    set.policies.push_back(policy);
  }
  metrics.show_policies(set);
  EXPECT_LT(policy_series_in(metrics.text()), 2500U);
  EXPECT_GT(policy_series_in(metrics.text()), 1000U);
}

TEST(MetricsPoliciesTest, APolicyHasItsSeriesAtZeroAndLosesThemWithItself) {
  Metrics metrics(TimePoint{});
  metrics.show_policies(set_of({cluster_policy("a", "quay.io/a/*")}, "aaaaaaaaaaaabbbb"));
  const std::string with = metrics.text();
  metrics.count_verdict("ClusterTrustPolicy/a", "enforce", Reason::no_signature);
  const double counted = metrics.image_verifications.value(
      {"ClusterTrustPolicy/a", "enforce", "fail", "no_signature"});
  metrics.show_policies(set_of({}, "ccccccccccccdddd"));
  const std::string without = metrics.text();

  EXPECT_NE(with.find(R"(signet_image_verifications_total{code="verified",mode="enforce",)"
                      R"(policy="ClusterTrustPolicy/a",result="pass"} 0)"),
            std::string::npos);
  EXPECT_NE(with.find(R"(signet_policy_ready{kind="ClusterTrustPolicy",)"
                      R"(policy="ClusterTrustPolicy/a"} 1)"),
            std::string::npos);
  EXPECT_NE(with.find(R"(registry="quay.io")"), std::string::npos);
  EXPECT_EQ(counted, 1);
  EXPECT_EQ(without.find("ClusterTrustPolicy/a"), std::string::npos);
  EXPECT_EQ(without.find(R"(registry="quay.io")"), std::string::npos);
}

TEST(MetricsPoliciesTest, APolicyThatStaysKeepsItsCounts) {
  Metrics metrics(TimePoint{});
  const auto stays = cluster_policy("a", "quay.io/a/*");
  metrics.show_policies(set_of({stays}, "aaaaaaaaaaaa"));
  metrics.count_verdict("ClusterTrustPolicy/a", "enforce", Reason::verified);
  metrics.show_policies(set_of({stays, cluster_policy("b", "quay.io/b/*")}, "bbbbbbbbbbbb"));
  EXPECT_EQ(
      metrics.image_verifications.value({"ClusterTrustPolicy/a", "enforce", "pass", "verified"}),
      1);
}

TEST(MetricsPoliciesTest, TheHashInForceIsTheOnlyOne) {
  Metrics metrics(TimePoint{});
  metrics.show_policies(set_of({}, "aaaaaaaaaaaabbbb"));
  metrics.show_policies(set_of({}, "ccccccccccccdddd"));
  const std::string text = metrics.text();
  EXPECT_NE(text.find("signet_policy_generation_info{hash=\"cccccccccccc\"} 1\n"),
            std::string::npos);
  EXPECT_EQ(text.find("aaaaaaaaaaaa"), std::string::npos);
}

TEST(MetricsPoliciesTest, CountsPoliciesByKindModeAndWhetherTheyAreSound) {
  Metrics metrics(TimePoint{});
  const auto broken = cluster_policy("broken", "quay.io/a/*");
  broken->issues.push_back(Issue{"f.yaml", 1, 1, "spec", "is wrong"});
  const auto warning = namespaced_policy("shop", "w");
  warning->mode = Mode::warn;
  metrics.show_policies(set_of({broken, warning, namespaced_policy("shop", "x")}, "aaaaaaaaaaaa"));

  EXPECT_EQ(metrics.policies.value({"ClusterTrustPolicy", "enforce", "false"}), 1);
  EXPECT_EQ(metrics.policies.value({"ClusterTrustPolicy", "enforce", "true"}), 0);
  EXPECT_EQ(metrics.policies.value({"TrustPolicy", "warn", "true"}), 1);
  EXPECT_EQ(metrics.policies.value({"TrustPolicy", "enforce", "true"}), 1);
  EXPECT_EQ(metrics.policy_ready.value({"ClusterTrustPolicy", "ClusterTrustPolicy/broken"}), 0);
  EXPECT_EQ(metrics.policy_ready.value({"TrustPolicy", "TrustPolicy/shop/w"}), 1);

  metrics.show_policies(set_of({}, "bbbbbbbbbbbb"));
  EXPECT_EQ(metrics.policies.value({"TrustPolicy", "warn", "true"}), 0);
}

TEST(MetricsPoliciesTest, ThePoliciesAfterTheFirst200ShareALabel) {
  Metrics metrics(TimePoint{});
  PolicySet set = set_of({}, "aaaaaaaaaaaa");
  for (int i = 0; i < 201; ++i)
    set.policies.push_back(cluster_policy("p" + std::to_string(i), "quay.io/a/*"));
  metrics.show_policies(set);
  metrics.count_verdict("ClusterTrustPolicy/p199", "enforce", Reason::verified);
  metrics.count_verdict("ClusterTrustPolicy/p200", "enforce", Reason::verified);

  const auto count = [&](const std::string& label) {
    return metrics.image_verifications.value({label, "enforce", "pass", "verified"});
  };
  EXPECT_EQ(count("ClusterTrustPolicy/p199"), 1);
  EXPECT_EQ(count("other"), 1);
  EXPECT_EQ(metrics.text().find("ClusterTrustPolicy/p200"), std::string::npos);
}

TEST(MetricsPoliciesTest, MoreThan50NamespacedPoliciesAreShownByTheirNamespace) {
  PolicySet set = set_of({}, "aaaaaaaaaaaa");
  for (int i = 0; i < 50; ++i)
    set.policies.push_back(namespaced_policy("shop", "p" + std::to_string(i)));
  Metrics few(TimePoint{});
  few.show_policies(set);
  few.count_verdict("TrustPolicy/shop/p49", "enforce", Reason::verified);
  EXPECT_EQ(few.image_verifications.value({"TrustPolicy/shop/p49", "enforce", "pass", "verified"}),
            1);

  set.policies.push_back(namespaced_policy("shop", "p50"));
  Metrics many(TimePoint{});
  many.show_policies(set);
  many.count_verdict("TrustPolicy/shop/p49", "enforce", Reason::verified);
  many.count_verdict("TrustPolicy/shop/p50", "enforce", Reason::verified);
  EXPECT_EQ(many.image_verifications.value({"namespaced/shop", "enforce", "pass", "verified"}), 2);
}

TEST(MetricsPoliciesTest, TheFirst20RegistriesHaveSeriesThoseOfTheSettingsBeforeOthers) {
  Metrics metrics(TimePoint{});
  PolicySet set = set_of({}, "aaaaaaaaaaaa");
  for (int i = 10; i < 30; ++i) {
    const std::string host = "r" + std::to_string(i) + ".example";
    set.policies.push_back(cluster_policy("p" + std::to_string(i), host + "/**"));
  }
  set.policies.push_back(cluster_policy("any", "**"));
  metrics.show_policies(set);
  metrics.know_registries({"zot.example", "r10.example"});
  const auto known = [&](const std::string& host) {
    return metrics.text().find("registry=\"" + host + "\"") != std::string::npos;
  };

  EXPECT_TRUE(known("zot.example"));
  EXPECT_TRUE(known("r10.example"));
  EXPECT_TRUE(known("r28.example"));
  EXPECT_FALSE(known("r29.example"));
  metrics.registry_requests.add({"r29.example", "token", "2xx"});
  metrics.registry_requests.add({"evil.example", "token", "2xx"});
  EXPECT_EQ(metrics.registry_requests.value({"other", "token", "2xx"}), 2);
}

TEST(MetricsPoliciesTest, ATrustRootShowsTheEarliestEndOfItsParts) {
  auto short_spec = testing::root_spec("short");
  short_spec.not_after = kTestNow + std::chrono::days(3);
  const auto long_root = testing::root("long");
  const auto short_root = testing::self_signed(short_spec);
  const auto crl = Crl::from_der(testing::issue_crl_der(long_root, {}));
  ASSERT_TRUE(crl);
  auto root = std::make_shared<TrustRoot>();
  root->name = "company";
  root->trust.authorities.push_back(
      CertificateAuthority{{long_root.certificate, short_root.certificate}, {}, {}, {*crl}});
  PolicySet set = set_of({}, "aaaaaaaaaaaa");
  set.trust_roots.emplace("company", root);
  Metrics metrics(TimePoint{});

  metrics.show_policies(set);

  const auto seconds = [](TimePoint at) {
    return static_cast<double>(at.time_since_epoch().count());
  };
  EXPECT_EQ(metrics.trust_root_ready.value({"company"}), 1);
  EXPECT_EQ(metrics.trust_root_not_after.value({"company", "ca"}),
            seconds(kTestNow + std::chrono::days(3)));
  EXPECT_EQ(metrics.trust_root_not_after.value({"company", "crl"}),
            seconds(kTestNow + std::chrono::days(1)));
  metrics.show_policies(set_of({}, "bbbbbbbbbbbb"));
  EXPECT_EQ(metrics.text().find("company"), std::string::npos);
}

TEST(MetricsPoliciesTest, TheEarliestEndOfADayIsShownAndThenForgotten) {
  using std::chrono::hours;
  Metrics metrics(TimePoint{});
  metrics.show_policies(set_of({cluster_policy("a", "quay.io/a/*")}, "aaaaaaaaaaaa"));
  const auto shown = [&] {
    return metrics.text().find("signet_admitted_certificate_not_after_timestamp_seconds{") !=
           std::string::npos;
  };
  EXPECT_FALSE(shown());
  metrics.saw_certificate_end("ClusterTrustPolicy/a", kTestNow + hours(9), kTestNow);
  metrics.saw_certificate_end("ClusterTrustPolicy/a", kTestNow + hours(99), kTestNow);
  EXPECT_EQ(metrics.admitted_certificate_not_after.value({"ClusterTrustPolicy/a"}),
            static_cast<double>((kTestNow + hours(9)).time_since_epoch().count()));
  metrics.forget(kTestNow + hours(24));
  EXPECT_TRUE(shown());
  metrics.forget(kTestNow + hours(26));
  EXPECT_FALSE(shown());
}

}  // namespace
}  // namespace signet
