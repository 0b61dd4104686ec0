#include <gtest/gtest.h>

#include "tests/core/policy/import_support.hpp"

namespace signet::testing {
namespace {

const std::string kRule = R"(apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: {name: images}
spec:
  validationFailureAction: Enforce
  rules:
    - name: signed
      match:
        any:
          - resources: {kinds: [Pod]}
      verifyImages:
        - imageReferences: ["registry.example.com/prod/*"]
          attestors:
            - count: 1
              entries:
                - keys: {publicKeys: )" +
                          yaml_text(kImportKey) + R"(, rekor: {ignoreTlog: true}}
)";

const std::string kKeyless =
    "- keyless: {roots: " + yaml_text(kImportRoot) +
    ", subject: \"team-*@example.com\", issuer: \"https://i.example.com\", "
    "rekor: {ignoreTlog: true}, ctlog: {ignoreSCT: true}}";
const std::string kKeys =
    "- keys: {publicKeys: " + yaml_text(kImportKey) + ", rekor: {ignoreTlog: true}}";

const std::string kValidating = R"(apiVersion: policies.kyverno.io/v1beta1
kind: ImageValidatingPolicy
metadata: {name: images}
spec:
  validationActions: [Deny]
  matchImageReferences:
    - glob: registry.example.com/prod/*
  attestors:
    - name: one
      cosign:
        key: {data: )" + yaml_text(kImportKey) +
                                R"(}
        ctlog: {insecureIgnoreTlog: true}
    - name: two
      cosign:
        key: {data: )" + yaml_text(kOtherImportKey) +
                                R"(}
        ctlog: {insecureIgnoreTlog: true}
  validations:
    - expression: EXPRESSION
)";

std::string validating(const std::string& expression) {
  return with(kValidating, "EXPRESSION", "'" + expression + "'");
}
const std::string kEither =
    "images.containers.map(image, verifyImageSignatures(image, [attestors.one, attestors.two]))"
    ".all(e, e > 0)";

TEST(ImportKyverno, a_key_is_carried_over_whole) {
  const ImportOutcome outcome = import_text(kRule);
  EXPECT_EQ(outcome.failure, "");
  EXPECT_EQ(outcome.losses(), std::vector<std::string>{});
  const Policy* const policy = outcome.policy("images");
  ASSERT_NE(policy, nullptr);
  EXPECT_EQ(policy->mode, Mode::enforce);
  EXPECT_EQ(policy->threshold, 1u);
  EXPECT_EQ(policy->match.images[0].text(), "registry.example.com/prod/**");
  EXPECT_FALSE(policy->require_digest);
}

TEST(ImportKyverno, each_field_is_carried_over_or_told) {
  const std::string resources = "resources: {kinds: [Pod]}";
  const std::string entry = "spec.rules[0].verifyImages[0].";
  const std::string references = "- imageReferences:";
  const auto more = [&](const std::string& field) {
    return "- " + field + "\n          imageReferences:";
  };
  const std::vector<ImportChange> changes = {
      {kRule, "Enforce", "Audit", "", true},
      {kRule, "  rules:", "  failurePolicy: Ignore\n  rules:", "spec.failurePolicy", true},
      {kRule, "  rules:", "  background: false\n  rules:", "", true},
      {kRule, "  rules:", "  novelty: 1\n  rules:", "spec.novelty", true},
      {kRule, "  rules:", "  rules:\n    - {name: other, validate: {message: x}}", "spec.rules[0]",
       true},
      {kRule, resources, "resources: {kinds: [Pod], namespaces: [\"prod-*\"]}", "", true},
      {kRule, resources, "resources: {kinds: [Pod], selector: {matchLabels: {a: b}}}",
       "spec.rules[0].match.any[0].resources.selector", true},
      {kRule, resources, resources + "\n            subjects: [{kind: User, name: x}]",
       "spec.rules[0].match.any[0].subjects", true},
      {kRule, resources, "resources: {kinds: [Deployment]}",
       "spec.rules[0].match.any[0].resources.kinds", true},
      {kRule, resources, "resources: {kinds: [Pod], operations: [CREATE]}",
       "spec.rules[0].match.any[0].resources.operations", true},
      {kRule, resources, "resources: {kinds: [Pod], operations: [CREATE, UPDATE]}", "", true},
      {kRule, "- resources: {kinds: [Pod]}",
       "- resources: {kinds: [Pod], namespaces: [a]}\n          - resources: {kinds: [Pod], "
       "namespaces: [b], operations: [CREATE]}",
       "spec.rules[0].match", true},
      {kRule, resources,
       resources + "\n      exclude: {any: [{resources: {namespaces: [kube-system]}}]}", "", true},
      {kRule, resources, resources + "\n      exclude: {any: [{resources: {names: [x]}}]}",
       "spec.rules[0].exclude.any[0]", true},
      {kRule, resources, resources + "\n      preconditions: {all: []}",
       "spec.rules[0].preconditions", true},
      {kRule, references, more("mutateDigest: false"), "", true},
      {kRule, references, more("required: false"), entry + "required", true},
      {kRule, references, more("useCache: false"), "", true},
      {kRule, references, more("type: Notary"), entry + "type", false},
      {kRule, references, more("type: SigstoreBundle"), "", true},
      {kRule, references, more("repository: registry.example.com/signatures"), "", true},
      {kRule, references, more("annotations: {a: b}"), "", true},
      {kRule, references, more("failureAction: Audit"), "", true},
      {kRule, references, more("attestations: [{type: x}]"), entry + "attestations", false},
      {kRule, references, more("validate: {deny: {}}"), entry + "validate", false},
      {kRule, references, more("imageRegistryCredentials: {secrets: [x]}"),
       entry + "imageRegistryCredentials", true},
      {kRule, references, more("skipImageReferences: [registry.example.com/prod/x/*]"), "", true},
      {kRule, references, more("skipImageReferences: [\"registry.example.com/prod/x:*\"]"),
       entry + "skipImageReferences[0]", true},
      {kRule, "prod/*", "prod/web:v?", entry + "imageReferences[0]", true},
      {kRule, "registry.example.com/prod/*", "*.example.com/*", entry + "imageReferences[0]",
       false},
  };
  check_changes(changes);
}

TEST(ImportKyverno, each_field_of_an_attestor_is_carried_over_or_told) {
  const std::string entry = "spec.rules[0].verifyImages[0].";
  const std::string keys = entry + "attestors[0].entries[0].keys";
  const std::vector<ImportChange> changes = {
      {kRule, "ignoreTlog: true", "ignoreTlog: false", keys + ".rekor", false},
      {kRule, ", rekor: {ignoreTlog: true}", "", keys + ".rekor", false},
      {kRule, yaml_text(kImportKey), "k8s://ns/key", keys + ".publicKeys", false},
      {kRule, yaml_text(kImportKey), "\"{{ keys.data.key }}\"", keys + ".publicKeys", false},
      {kRule, "publicKeys: ", "signatureAlgorithm: sha512, publicKeys: ",
       keys + ".signatureAlgorithm", false},
      {kRule, kKeys, kKeyless, "", true},
      {kRule, kKeys, with(kKeyless, "roots: " + yaml_text(kImportRoot) + ", ", ""),
       entry + "attestors[0].entries[0].keyless", false},
      {kRule, kKeys, with(kKeyless, "ignoreSCT: true", ""),
       entry + "attestors[0].entries[0].keyless.ctlog", false},
      {kRule, kKeys, with(kKeyless, "roots:", "additionalExtensions: {a: b}, roots:"),
       entry + "attestors[0].entries[0].keyless.additionalExtensions", false},
      {kRule, kKeys,
       "- certificates: {certChain: " + yaml_text(kImportIntermediate + kImportRoot) +
           ", rekor: {ignoreTlog: true}, ctlog: {ignoreSCT: true}}",
       "", true},
      {kRule, kKeys,
       "- certificates: {cert: x, rekor: {ignoreTlog: true}, ctlog: {ignoreSCT: true}}",
       entry + "attestors[0].entries[0].certificates.cert", false},
      {kRule, kKeys, "- attestor: {entries: []}", entry + "attestors[0].entries[0].attestor",
       false},
  };
  check_changes(changes);
}

TEST(ImportKyverno, the_count_is_over_keys_and_all_of_them_without_one) {
  const std::string two =
      with(kRule, yaml_text(kImportKey), yaml_text(kImportKey + kOtherImportKey));
  const ImportOutcome any = import_text(two);
  ASSERT_NE(any.policy("images"), nullptr);
  EXPECT_EQ(any.policy("images")->authorities.size(), 2u);
  EXPECT_EQ(any.policy("images")->threshold, 1u);
  const ImportOutcome all =
      import_text(with(two, "- count: 1\n              entries", "- entries"));
  ASSERT_NE(all.policy("images"), nullptr);
  EXPECT_EQ(all.policy("images")->threshold, 2u);
}

TEST(ImportKyverno, every_set_is_a_policy_and_all_are_left_out_where_one_must_be) {
  const std::string second =
      kRule +
      "            - entries:\n                - keys: {publicKeys: " + yaml_text(kOtherImportKey) +
      ", rekor: {ignoreTlog: true}}\n";
  const ImportOutcome both = import_text(second);
  EXPECT_EQ(both.loaded.policies.size(), 2u);
  const ImportOutcome none = import_text(with(second, yaml_text(kOtherImportKey), "k8s://a/b"));
  EXPECT_EQ(none.failure, "");
  EXPECT_EQ(none.loaded.policies.size(), 0u) << none.text;
  EXPECT_NE(none.text.find("# kind: ClusterTrustPolicy"), std::string::npos);
}

// Where `all` must match, one that is left out cannot be made up for.
TEST(ImportKyverno, an_entry_that_cannot_be_is_missed_by_the_count) {
  const std::string kms =
      "                - keys: {kms: \"awskms://x\", rekor: {ignoreTlog: true}}\n";
  EXPECT_EQ(import_text(kRule + kms).loaded.policies.size(), 1u);
  EXPECT_EQ(import_text(with(kRule, "- count: 1\n              entries", "- entries") + kms)
                .loaded.policies.size(),
            0u);
}

TEST(ImportKyverno, wildcards_of_an_identity_match_the_whole_value) {
  const ImportOutcome outcome = import_text(with(kRule, kKeys, kKeyless));
  ASSERT_NE(outcome.policy("images"), nullptr);
  const auto& rule = std::get<CertificateRule>(outcome.policy("images")->authorities[0].rule);
  EXPECT_TRUE(rule.identities[0].subject.matches("team-a@example.com"));
  EXPECT_FALSE(rule.identities[0].subject.matches("team-a@exampleXcom"));
  EXPECT_FALSE(rule.identities[0].subject.matches("team-a@example.com.evil.org"));
}

TEST(ImportKyverno, namespaces_are_carried_over) {
  const ImportOutcome outcome = import_text(
      with(kRule, "resources: {kinds: [Pod]}",
           "resources: {kinds: [Pod], namespaces: [\"prod-*\"]}\n      exclude: {any: [{resources: "
           "{namespaces: [prod-x]}}]}"));
  ASSERT_NE(outcome.policy("images"), nullptr);
  const Match& match = outcome.policy("images")->match;
  EXPECT_EQ(match.namespaces, std::vector<std::string>{"prod-*"});
  ASSERT_TRUE(match.namespace_selector);
  EXPECT_EQ(match.namespace_selector->expressions[0].op, Selector::Operator::not_in);
}

// A rule for `matched` kinds with an entry that excludes.
ImportOutcome excluding(const std::string& matched, const std::string& entry) {
  return import_text(with(kRule, "resources: {kinds: [Pod]}",
                          "resources: {" + matched + "}\n      exclude: {any: [" + entry + "]}"));
}

TEST(ImportKyverno, what_excludes_less_than_a_namespace_excludes_none) {
  const std::string pods = "kinds: [Pod]";
  const std::string dev = "kinds: [Pod], namespaces: [dev]";
  const std::vector<std::pair<std::string, std::string>> rules = {
      {pods, "{resources: {" + dev + ", operations: [UPDATE]}}"},
      {pods, "{resources: {" + dev + ", operations: [CREATE]}}"},
      {pods, "{resources: {" + dev + ", operations: [CREATE, DELETE]}}"},
      {"kinds: [Deployment, Pod]", "{resources: {" + dev + "}}"},
      {"kinds: ['*']", "{resources: {" + dev + "}}"},
      {"namespaces: ['*']", "{resources: {" + dev + "}}"},
      {pods, "{resources: {kinds: [Pod], namespaces: ['dev-*']}}"},
      {pods, "{resources: {kinds: [Pod], namespaces: ['dev-?']}}"},
      {pods, "{resources: {" + dev + ", name: x}}"},
      {pods, "{resources: {" + dev + ", names: [x]}}"},
      {pods, "{resources: {" + dev + ", annotations: {a: b}}}"},
      {pods, "{resources: {" + dev + ", selector: {matchLabels: {a: b}}}}"},
      {pods, "{resources: {" + dev + ", namespaceSelector: {matchLabels: {a: b}}}}"},
      {pods, "{resources: {" + dev + "}, subjects: [{kind: User, name: x}]}"},
      {pods, "{resources: {" + dev + "}, roles: [x]}"},
      {pods, "{resources: {" + dev + "}, clusterRoles: [x]}"},
  };
  for (const auto& [matched, entry] : rules) {
    const ImportOutcome outcome = excluding(matched, entry);
    ASSERT_NE(outcome.policy("images"), nullptr) << matched << entry;
    EXPECT_FALSE(outcome.policy("images")->match.namespace_selector) << matched << entry;
    EXPECT_TRUE(outcome.lost("spec.rules[0].exclude.any[0]")) << matched << entry;
  }
}

TEST(ImportKyverno, a_namespace_is_excluded_with_all_that_is_matched) {
  const std::vector<std::pair<std::string, std::string>> rules = {
      {"kinds: [Pod]", "kinds: [Pod], operations: [UPDATE, CREATE]"},
      {"kinds: [Pod]", "kinds: [Pod], operations: ['*']"},
      {"kinds: [Pod]", "kinds: [Pod], operations: []"},
      {"kinds: [Deployment, Pod]", "kinds: [Pod, Job, Deployment]"},
      {"kinds: [Deployment, Pod]", "kinds: ['*']"},
      {"namespaces: ['*']", "operations: [CREATE, UPDATE]"},
  };
  for (const auto& [matched, excluded] : rules) {
    const ImportOutcome outcome =
        excluding(matched, "{resources: {" + excluded + ", namespaces: [dev]}}");
    ASSERT_NE(outcome.policy("images"), nullptr) << matched << excluded;
    EXPECT_TRUE(outcome.policy("images")->match.namespace_selector) << matched << excluded;
    EXPECT_EQ(outcome.losses(), std::vector<std::string>{}) << matched << excluded;
  }
}

TEST(ImportKyverno, every_choice_of_a_match_must_be_excluded) {
  const ImportOutcome outcome = import_text(
      with(kRule, "- resources: {kinds: [Pod]}",
           "- resources: {kinds: [Pod], namespaces: [dev]}\n          - resources: {kinds: "
           "[Pod, Job], namespaces: [prod]}\n      exclude: {any: [{resources: {kinds: [Pod], "
           "namespaces: [dev]}}]}"));
  EXPECT_TRUE(outcome.lost("spec.rules[0].exclude.any[0]"));
  ASSERT_NE(outcome.policy("images"), nullptr);
  EXPECT_FALSE(outcome.policy("images")->match.namespace_selector);
}

TEST(ImportKyverno, a_digest_is_demanded_where_nobody_writes_it) {
  const ImportOutcome outcome = import_text(
      with(kRule, "- imageReferences:", "- mutateDigest: false\n          imageReferences:"));
  ASSERT_NE(outcome.policy("images"), nullptr);
  EXPECT_TRUE(outcome.policy("images")->require_digest);
}

TEST(ImportKyverno, the_strictest_action_holds) {
  const std::string text =
      with(with(kRule, "Enforce", "Audit"), "  rules:",
           "  validationFailureActionOverrides: [{action: Enforce, namespaces: [prod]}]\n  rules:");
  const ImportOutcome outcome = import_text(text);
  ASSERT_NE(outcome.policy("images"), nullptr);
  EXPECT_EQ(outcome.policy("images")->mode, Mode::enforce);
  EXPECT_TRUE(outcome.lost("spec.validationFailureActionOverrides"));
}

// ---- ImageValidatingPolicy

TEST(ImportKyvernoValidating, the_documented_expression_is_understood) {
  const ImportOutcome outcome = import_text(validating(kEither));
  EXPECT_EQ(outcome.failure, "");
  EXPECT_EQ(outcome.losses(), std::vector<std::string>{});
  const Policy* const policy = outcome.policy("images");
  ASSERT_NE(policy, nullptr);
  EXPECT_EQ(policy->authorities.size(), 2u);
  EXPECT_EQ(policy->threshold, 1u);
  EXPECT_EQ(policy->mode, Mode::enforce);
}

TEST(ImportKyvernoValidating, a_number_is_a_threshold) {
  for (const auto& [end, threshold] : std::vector<std::pair<std::string, std::size_t>>{
           {"e > 0", 1}, {"e >= 1", 1}, {"e > 1", 2}, {"e >= 2", 2}, {"e == 2", 2}}) {
    const ImportOutcome outcome = import_text(validating(with(kEither, "e > 0", end)));
    ASSERT_NE(outcome.policy("images"), nullptr) << end;
    EXPECT_EQ(outcome.policy("images")->threshold, threshold) << end;
  }
}

TEST(ImportKyvernoValidating, every_validation_must_pass) {
  const std::string one =
      "images.containers.map(i, verifyImageSignatures(i, [attestors.one])).all(e, e > 0)";
  const std::string two =
      "images.initContainers.map(i, verifyImageSignatures(i, [attestors.two])).all(e, e > 0)";
  EXPECT_EQ(import_text(validating(one + " && " + two)).loaded.policies.size(), 2u);
  EXPECT_EQ(
      import_text(validating(one) + "    - expression: '" + two + "'\n").loaded.policies.size(),
      2u);
}

TEST(ImportKyvernoValidating, no_other_expression_is_guessed_at) {
  for (const std::string& expression : std::vector<std::string>{
           "true", "", with(kEither, "e > 0", "e > 2"), with(kEither, "e > 0", "e >= 0"),
           with(kEither, "e > 0", "e == 1"), with(kEither, "e > 0", "x > 0"),
           with(kEither, "(image, [", "(other, ["), kEither + " || true",
           with(kEither, ".all(", ".exists("), "!" + kEither, with(kEither, "one", "three"),
           kEither + " && true", with(kEither, "verifyImageSignatures", "verifyAttestation")}) {
    const ImportOutcome outcome = import_text(validating(expression));
    EXPECT_EQ(outcome.failure, "") << expression;
    EXPECT_EQ(outcome.loaded.policies.size(), 0u) << expression << outcome.text;
    EXPECT_FALSE(outcome.losses().empty()) << expression;
  }
}

TEST(ImportKyvernoValidating, each_field_is_carried_over_or_told) {
  const std::string good = validating(kEither);
  const std::string log = "ctlog: {insecureIgnoreTlog: true}";
  const std::string resource_rules = "spec.matchConstraints.resourceRules";
  const auto rules = [](const std::string& rule) {
    return "  matchConstraints: {resourceRules: [{" + rule + "}]}\n  validations:";
  };
  const std::vector<ImportChange> changes = {
      {good, "[Deny]", "[Warn]", "", true},
      {good, "[Deny]", "[Audit]", "", true},
      {good, "  validations:", "  matchConditions: [{name: a, expression: b}]\n  validations:",
       "spec.matchConditions", true},
      {good, "  validations:", "  evaluation: {mode: JSON}\n  validations:", "spec.evaluation.mode",
       false},
      {good, "  validations:", "  failurePolicy: Ignore\n  validations:", "spec.failurePolicy",
       true},
      {good, "  validations:", "  novelty: 1\n  validations:", "spec.novelty", true},
      {good, "  validations:", "  credentials: {secrets: [a]}\n  validations:", "spec.credentials",
       true},
      {good, "  validations:",
       "  matchConstraints: {namespaceSelector: {matchLabels: {a: b}}}\n  validations:", "", true},
      {good, "  validations:",
       "  matchConstraints: {objectSelector: {matchLabels: {a: b}}}\n  validations:",
       "spec.matchConstraints.objectSelector", true},
      {good, "  validations:",
       "  matchConstraints: {excludeResourceRules: [{resources: [pods]}]}\n  validations:",
       "spec.matchConstraints.excludeResourceRules", true},
      {good, "  validations:", rules("resources: [pods], operations: [CREATE, UPDATE]"), "", true},
      {good, "  validations:", rules("resources: [pods], operations: [CREATE]"),
       resource_rules + "[0].operations", true},
      {good, "  validations:", rules("resources: [pods], resourceNames: [a]"),
       resource_rules + "[0].resourceNames", true},
      {good, "  validations:", rules("resources: [deployments]"), resource_rules, true},
      {good, "- glob: registry.example.com/prod/*", "- expression: 'true'",
       "spec.matchImageReferences[0].expression", false},
      {good, "insecureIgnoreTlog: true", "", "spec.attestors[0].cosign.ctlog", true},
      {good, log, log + "\n        source: {repository: registry.example.com/s}", "", true},
      {good, log, log + "\n        source: {tagPrefix: p}",
       "spec.attestors[0].cosign.source.tagPrefix", true},
      {good, log, log + "\n        annotations: {a: b}", "", true},
  };
  check_changes(changes);
}

}  // namespace
}  // namespace signet::testing
