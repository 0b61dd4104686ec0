#include "core/policy/import.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "core/base/limits.hpp"
#include "core/policy/yaml.hpp"
#include "tests/core/policy/import_support.hpp"

namespace signet::testing {
namespace {

namespace fs = std::filesystem;

fs::path migration() {
  return fs::path(SIGNET_TESTS).parent_path() / "policies" / "migration";
}

std::string file_text(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

const std::vector<std::string> kPeers = {"policy-controller", "kyverno", "openshift"};

// Without comments and blank lines; nothing there has a `#` in a value.
std::string bare(const std::string& yaml) {
  std::stringstream lines(yaml);
  std::string kept;
  for (std::string line; std::getline(lines, line);) {
    line = line.substr(0, line.find('#'));
    line.erase(line.find_last_not_of(' ') + 1);
    if (!line.empty()) kept += line + '\n';
  }
  return kept;
}

TEST(Import, the_examples_of_migration_are_what_it_makes) {
  for (const std::string& peer : kPeers) {
    const ImportOutcome outcome = import_text(file_text(migration() / peer / "peer.yaml.txt"));
    EXPECT_EQ(outcome.failure, "");
    EXPECT_EQ(bare(outcome.text), bare(file_text(migration() / peer / "signet.yaml"))) << peer;
    EXPECT_FALSE(outcome.loaded.policies.empty());
    EXPECT_TRUE(outcome.loaded.issues.empty());
  }
}

// ---- nothing is dropped silently

// The text with a key of its own put in front of the n-th key of a block map; empty: there is none.
std::string with_novelty(const std::string& yaml, std::size_t n) {
  std::stringstream lines(yaml);
  std::string made;
  std::size_t seen = 0;
  bool done = false;
  for (std::string line; std::getline(lines, line); made += line + '\n') {
    const auto start = line.find_first_not_of(' ');
    const auto key = line.find_first_not_of("- ");
    const bool is_key = key != std::string::npos && line[start] != '#' &&
                        line.find(':') != std::string::npos && line.find("---") != 0 &&
                        line.compare(start, 2, "- ") != 0;
    if (!done && is_key && seen++ == n) {
      made += std::string(start, ' ') + "novelty: {x: 1}\n";
      done = true;
    }
  }
  return done ? made : "";
}

TEST(Import, a_field_that_it_does_not_know_is_told_wherever_it_stands) {
  int told = 0;
  for (const std::string& peer : kPeers) {
    const std::string text = file_text(migration() / peer / "peer.yaml.txt");
    for (std::size_t n = 0;; ++n) {
      const std::string changed = with_novelty(text, n);
      if (changed.empty()) break;
      const ImportOutcome outcome = import_text(changed);
      if (!outcome.failure.empty()) continue;  // told as an error
      const auto losses = outcome.losses();
      const bool metadata = changed.find("metadata:\n  novelty") != std::string::npos;
      const bool found = std::any_of(losses.begin(), losses.end(), [](const std::string& field) {
        return field.find("novelty") != std::string::npos;
      });
      // What is left to the API server, and rules for kinds of resources, mean nothing here.
      const bool open = metadata ||
                        changed.find("  novelty: {x: 1}\n  namespace:") != changed.npos ||
                        changed.find("novelty: {x: 1}\n        apiVersions") != changed.npos ||
                        changed.find("novelty: {x: 1}\n        operations") != changed.npos ||
                        changed.find("novelty: {x: 1}\n        resources") != changed.npos;
      EXPECT_TRUE(found || open) << peer << " " << n << "\n" << changed;
      told += found;
    }
  }
  EXPECT_GT(told, 40);
}

TEST(Import, each_remark_has_a_place_and_stands_in_the_output) {
  for (const std::string& peer : kPeers) {
    const ImportOutcome outcome = import_text(
        with(file_text(migration() / peer / "peer.yaml.txt"), "spec:", "spec:\n  novelty: 1"));
    ASSERT_EQ(outcome.failure, "");
    EXPECT_FALSE(outcome.losses().empty());
    for (const ImportRemark& remark : outcome.remarks) {
      EXPECT_GT(remark.issue.line, 0);
      EXPECT_GT(remark.issue.column, 0);
      EXPECT_NE(outcome.text.find(remark.issue.field), std::string::npos) << remark.issue.field;
    }
  }
}

// ---- inputs

TEST(Import, a_list_is_what_kubectl_prints) {
  const std::string policy =
      "{apiVersion: config.openshift.io/v1, kind: ClusterImagePolicy, metadata: {name: NAME}, "
      "spec: "
      "{scopes: [r.example.com], policy: {rootOfTrust: {policyType: PublicKey, publicKey: "
      "{keyData: " +
      std::string("x") + "}}}}}";
  const std::string list = "apiVersion: v1\nkind: List\nitems:\n  - " +
                           with(policy, "keyData: x", "keyData: " + yaml_text(kImportKey)) + "\n";
  const ImportOutcome outcome = import_text(with(list, "NAME", "a"));
  EXPECT_EQ(outcome.failure, "");
  EXPECT_EQ(outcome.loaded.policies.size(), 1u);
}

TEST(Import, what_cannot_be_read_is_one_error_with_its_place) {
  for (const auto& [text, wanted] : std::vector<std::pair<std::string, std::string>>{
           {"", "holds no policy that import knows"},
           {"a: b", "holds no policy that import knows"},
           {"- a", "is not an object of Kubernetes"},
           {"a: [", "peer.yaml:"},
           {"\x01\x02", "control character"},
           {"a: &x b", "anchors"},
           {"a: 1\na: 2", "stands here twice"},
           {std::string(kPolicyFileBytes + 1, ' '), "is longer than"},
           {"apiVersion: policy.sigstore.dev/v9\nkind: ClusterImagePolicy", "it reads"},
           {"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}", "it reads"},
           {"apiVersion: policy.sigstore.dev/v1beta1\nkind: ClusterImagePolicy\nspec: {}",
            "metadata.name"},
           {"apiVersion: policy.sigstore.dev/v1beta1\nkind: ClusterImagePolicy\nmetadata: {name: "
            "a}\nspec: {images: 1}",
            "peer.yaml:4:8: spec.images: is not a list"}}) {
    EXPECT_NE(import_text(text).failure.find(wanted), std::string::npos)
        << text.substr(0, 80) << ": " << import_text(text).failure;
  }
  EXPECT_EQ(import_text(std::string(kPolicyFileBytes, ' ')).failure.find("is longer than"),
            std::string::npos);
}

TEST(Import, an_object_of_another_kind_is_skipped_and_told) {
  const std::string text = file_text(migration() / "openshift" / "peer.yaml.txt") +
                           "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";
  const ImportOutcome outcome = import_text(text);
  EXPECT_EQ(outcome.failure, "");
  EXPECT_TRUE(outcome.lost("kind"));
  EXPECT_NE(outcome.text.find("v1 ConfigMap"), std::string::npos);
}

TEST(Import, two_policies_of_one_name_get_two) {
  const std::string text = file_text(migration() / "openshift" / "peer.yaml.txt");
  const ImportOutcome outcome = import_text(text + "---\n" + text);
  EXPECT_EQ(outcome.failure, "");
  EXPECT_EQ(outcome.loaded.policies.size(), 4u);
  EXPECT_TRUE(outcome.loaded.issues.empty());
}

// A name that is none here: what would not load is left out.
TEST(Import, what_would_not_load_is_left_out) {
  const std::string text = file_text(migration() / "openshift" / "peer.yaml.txt");
  const ImportOutcome outcome = import_text(with(text, "name: from-openshift", "name: Teams_1"));
  EXPECT_EQ(outcome.failure, "");
  EXPECT_EQ(outcome.loaded.policies.size(), 1u);
  EXPECT_TRUE(outcome.lost("metadata.name")) << outcome.text;
  EXPECT_NE(outcome.text.find("# This policy is left out"), std::string::npos);
  EXPECT_NE(outcome.text.find("# kind: ClusterTrustPolicy"), std::string::npos);
}

}  // namespace
}  // namespace signet::testing
