// Every file of tests/vectors/policies/bad has its issues beside it, place and text; those of good
// have none.

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "tests/core/policy/load_support.hpp"

namespace signet::testing {
namespace {

std::vector<std::filesystem::path> samples(const std::string& directory) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(vectors() / directory)) {
    if (entry.path().extension() == ".yaml") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

// Issues that are not about one document: the policy is good, what it needs is missing.
bool is_of_the_set(const Issue& issue) {
  return issue.what.starts_with("there is no TrustRoot");
}

bool is_held_by_a_document(const Loaded& loaded, const Issue& issue) {
  const auto holds = [&](const auto& document) {
    return std::any_of(document->issues.begin(), document->issues.end(),
                       [&](const Issue& held) { return held.str() == issue.str(); });
  };
  return std::any_of(loaded.policies.begin(), loaded.policies.end(), holds) ||
         std::any_of(loaded.trust_roots.begin(), loaded.trust_roots.end(), holds);
}

TEST(LoaderSamplesTest, NamesFileLineColumnAndFieldOfEveryMistake) {
  const auto files = samples("bad");
  EXPECT_GE(files.size(), 150U);
  for (const auto& path : files) {
    SCOPED_TRACE(path.filename().string());
    std::filesystem::path expected = path;
    expected.replace_extension(".expected");
    EXPECT_EQ(issues_of(load_file(path)), contents_of(expected));
  }
}

TEST(LoaderSamplesTest, EveryMistakeClosesADocument) {
  for (const auto& path : samples("bad")) {
    SCOPED_TRACE(path.filename().string());
    const Loaded loaded = load_file(path);
    ASSERT_FALSE(loaded.issues.empty());
    for (const Issue& issue : loaded.issues) {
      EXPECT_TRUE(is_of_the_set(issue) || is_held_by_a_document(loaded, issue)) << issue.str();
    }
  }
}

TEST(LoaderSamplesTest, WhatIsInvalidIsNeverHalfObeyed) {
  for (const auto& path : samples("bad")) {
    SCOPED_TRACE(path.filename().string());
    const Loaded loaded = load_file(path);
    for (const auto& policy : loaded.policies) {
      EXPECT_FALSE(policy->match.images.empty());
      EXPECT_EQ(policy->issues.empty(), !policy->authorities.empty());
      EXPECT_TRUE(policy->issues.empty() || policy->on_error == ErrorAction::deny);
    }
    for (const auto& root : loaded.trust_roots) {
      EXPECT_EQ(root->issues.empty(), !root->trust.authorities.empty());
    }
  }
}

TEST(LoaderSamplesTest, FindsNothingWrongWithGoodOnes) {
  for (const auto& path : samples("good")) {
    SCOPED_TRACE(path.filename().string());
    const Loaded loaded = load_file(path);
    EXPECT_EQ(issues_of(loaded), "");
    EXPECT_FALSE(loaded.policies.empty());
  }
}

}  // namespace
}  // namespace signet::testing
