// Every bound of the loader at N and at N+1.

#include <gtest/gtest.h>

#include "core/base/limits.hpp"
#include "core/base/text.hpp"
#include "tests/core/policy/load_support.hpp"

namespace signet::testing {
namespace {

// Issues of a policy that is good but for `count` of something.
struct Bound {
  const char* name;
  std::size_t most;
  std::string (*policy)(std::size_t count);
  const char* says;
};

std::string with_match(const std::string& match) {
  return cluster_policy("  match: {" + match + "}\n" + kDeny);
}

std::string with_authority(const std::string& authority) {
  return cluster_policy(std::string(kAnyImage) + "  authorities: [" + authority + "]\n");
}

std::string with_certificate(const std::string& fields) {
  return with_authority("{certificate: {roots: {file: root-ca.pem}, " + fields + "}}");
}

std::string with_selector(const std::string& selector) {
  return with_match("images: ['**'], namespaceSelector: {" + selector + "}");
}

const Bound kBounds[] = {
    {"images", kPatterns,
     [](std::size_t n) { return with_match("images: [" + repeated(n, "quay.io/a#") + "]"); },
     "spec.match.images: has 65 entries, more than 64"},
    {"exclude", kPatterns,
     [](std::size_t n) {
       return with_match("images: ['**'], exclude: [" + repeated(n, "quay.io/a#") + "]");
     },
     "spec.match.exclude: has 65 entries, more than 64"},
    {"namespaces", kPatterns,
     [](std::size_t n) {
       return with_match("images: ['**'], namespaces: [" + repeated(n, "a#") + "]");
     },
     "spec.match.namespaces: has 65 entries, more than 64"},
    {"matchLabels", kPatterns,
     [](std::size_t n) { return with_selector("matchLabels: {" + repeated(n, "a#: b") + "}"); },
     "matchLabels: has 65 entries, more than 64"},
    {"matchExpressions", kPatterns,
     [](std::size_t n) {
       return with_selector("matchExpressions: [" + repeated(n, "{key: a, operator: Exists}") +
                            "]");
     },
     "matchExpressions: has 65 entries, more than 64"},
    {"values", kPatterns,
     [](std::size_t n) {
       return with_selector("matchExpressions: [{key: a, operator: In, values: [" +
                            repeated(n, "v#") + "]}]");
     },
     "values: has 65 entries, more than 64"},
    {"authorities", kPatterns,
     [](std::size_t n) { return with_authority(repeated(n, "{key: {file: cosign.pub}}")); },
     "spec.authorities: has 65 entries, more than 64"},
    {"identities", kPatterns,
     [](std::size_t n) {
       return with_certificate("identities: [" + repeated(n, "{subject: a, issuer: b}") + "]");
     },
     "identities: has 65 entries, more than 64"},
    {"annotations", kPatterns,
     [](std::size_t n) {
       return with_authority("{key: {file: cosign.pub}, annotations: {" + repeated(n, "a#: b") +
                             "}}");
     },
     "annotations: has 65 entries, more than 64"},
    {"digests", kStaticDigests,
     [](std::size_t n) {
       return with_authority("{static: {action: allow, digests: [" +
                             repeated(n, "'" + Digest::of("").str() + "'") + "]}}");
     },
     "digests: has 1001 entries, more than 1000"},
    {"threshold", kPatterns,
     [](std::size_t n) {
       return with_authority(repeated(kPatterns, "{key: {file: cosign.pub}}")) +
              "  threshold: " + std::to_string(n) + "\n";
     },
     "spec.threshold: 65 is not a whole decimal number from 1 to 64"},
    {"message", kMessageBytes,
     [](std::size_t n) {
       return cluster_policy(std::string(kAnyImage) + kDeny + "  message: " + std::string(n, 'a') +
                             "\n");
     },
     "spec.message: is longer than 200 characters"},
    {"static message", kMessageBytes,
     [](std::size_t n) {
       return with_authority("{static: {action: allow, message: " + std::string(n, 'a') + "}}");
     },
     "static.message: is longer than 200 characters"},
    {"subject", kPatternBytes,
     [](std::size_t n) {
       return with_certificate("identities: [{subject: " + std::string(n, 'a') + ", issuer: b}]");
     },
     "subject: is longer than 1024 bytes"},
    {"issuerRegExp", kPatternBytes,
     [](std::size_t n) {
       return with_certificate("identities: [{subject: a, issuerRegExp: " + std::string(n, 'a') +
                               "}]");
     },
     "is longer than 1024 bytes"},
    {"maxIntermediates", kMaxIntermediates,
     [](std::size_t n) {
       return with_certificate("chain: {maxIntermediates: " + std::to_string(n) +
                               "}, identities: [{subject: a, issuer: b}]");
     },
     "chain.maxIntermediates: 4 is not a whole decimal number from 0 to 3"},
    {"authority name", 63,
     [](std::size_t n) {
       return with_authority("{name: " + std::string(n, 'a') + ", key: {file: cosign.pub}}");
     },
     "is not a name: at most 63"},
    {"policy name", 253,
     [](std::size_t n) {
       return cluster_policy(std::string(kAnyImage) + kDeny, std::string(n, 'a'));
     },
     "metadata.name: "},
    {"namespace", 63,
     [](std::size_t n) {
       return team_policy(std::string(kAnyImage) + kDeny, "x", std::string(n, 'a'));
     },
     "is not the name of a namespace"},
};

TEST(LoaderLimitsTest, ListsAndTextsAreBounded) {
  for (const Bound& bound : kBounds) {
    SCOPED_TRACE(bound.name);
    EXPECT_EQ(issues_of(load_text(bound.policy(bound.most))), "");
    const std::string issues = issues_of(load_text(bound.policy(bound.most + 1)));
    EXPECT_NE(issues.find(bound.says), std::string::npos) << issues;
  }
}

// A file of that many copies of a PEM.
ReadFile copies(const char* file, std::size_t count) {
  return [=](const std::string&, const std::string&) -> Result<Blob> {
    std::string text;
    for (std::size_t i = 0; i < count; ++i)
      text += contents_of(vectors() / file);
    return text;
  };
}

std::string issues_with(const std::string& text, const ReadFile& reader) {
  const SourceFile file{"policy.yaml", text};
  return issues_of(load_policies(std::span(&file, 1), reader));
}

TEST(LoaderLimitsTest, CertificatesOfATrustRootAreBounded) {
  const std::string one = trust_root("  certificateAuthorities: [{roots: {file: a}}]\n");
  const std::string two =
      trust_root("  certificateAuthorities: [{roots: {file: a}, intermediates: {file: b}}]\n");

  EXPECT_EQ(issues_with(one, copies("root-ca.pem", kTrustRootCertificates)), "");
  EXPECT_NE(issues_with(one, copies("root-ca.pem", kTrustRootCertificates + 1)), "");
  EXPECT_EQ(issues_with(two, copies("root-ca.pem", kTrustRootCertificates / 2)), "");
  EXPECT_EQ(issues_with(two, copies("root-ca.pem", kTrustRootCertificates / 2 + 1)),
            "policy.yaml:5:3: spec: has 66 certificates, more than 64\n");
}

// A file of that size: text in front of a PEM block is fine.
ReadFile padded(const char* file, std::size_t size) {
  return [=](const std::string&, const std::string& path) -> Result<Blob> {
    if (path != "big") return contents_of(vectors() / path);
    const std::string pem = contents_of(vectors() / file);
    return std::string(size - pem.size() - 1, 'x') + "\n" + pem;
  };
}

TEST(LoaderLimitsTest, FilesAreBounded) {
  const struct {
    const char* file;
    std::size_t most;
    std::string text;
  } rows[] = {
      {"root-ca.pem", kTrustPemBytes,
       trust_root("  certificateAuthorities: [{roots: {file: big}}]\n")},
      {"crl.pem", kCrlBytes,
       trust_root("  certificateAuthorities: [{roots: {file: root-ca.pem}, crls: {file: big}}]\n")},
      {"cosign.pub", kPemBytes, with_authority("{key: {file: big}}")},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.file);
    EXPECT_EQ(issues_with(row.text, padded(row.file, row.most)), "");
    const std::string issues = issues_with(row.text, padded(row.file, row.most + 1));
    EXPECT_NE(issues.find("file: \"big\" is longer than " + std::to_string(row.most) + " bytes"),
              std::string::npos)
        << issues;
  }
}

std::vector<SourceFile> policy_files(std::size_t count, const std::string& ns) {
  std::vector<SourceFile> files;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string spec = std::string("  match: {images: [quay.io/a/**]}\n") + kDeny;
    const std::string name = "p" + std::to_string(i);
    files.push_back({name, ns.empty() ? cluster_policy(spec, name) : team_policy(spec, name, ns)});
  }
  return files;
}

TEST(LoaderLimitsTest, PoliciesAreBoundedAndThoseBeyondDeny) {
  EXPECT_EQ(issues_of(load_policies(policy_files(kPolicies, ""), {})), "");
  const Loaded loaded = load_policies(policy_files(kPolicies + 1, ""), {});

  EXPECT_EQ(issues_of(loaded),
            "p500:3:18: metadata.name: is beyond the 500 policies that are read of the whole "
            "cluster\n");
  ASSERT_EQ(loaded.policies.size(), kPolicies + 1);
  EXPECT_FALSE(loaded.policies.back()->issues.empty());
  EXPECT_EQ(loaded.policies.back()->match.images[0].text(), "quay.io/a/**");
  EXPECT_TRUE(loaded.policies.front()->issues.empty());
}

TEST(LoaderLimitsTest, PoliciesOfOneNamespaceAreBounded) {
  EXPECT_EQ(issues_of(load_policies(policy_files(kPoliciesPerNamespace, "a"), {})), "");
  std::vector<SourceFile> files = policy_files(kPoliciesPerNamespace + 1, "a");
  for (const SourceFile& other : policy_files(kPoliciesPerNamespace, "b"))
    files.push_back(other);

  EXPECT_EQ(issues_of(load_policies(files, {})),
            "p100:3:18: metadata.name: is beyond the 100 policies that are read of one "
            "namespace\n");
}

TEST(LoaderLimitsTest, IssuesOfOneDocumentAreBounded) {
  std::string spec = std::string("  mode: audit\n  match: {images: [quay.io/a/**]}\n") + kDeny;
  for (std::size_t i = 0; i < kIssues; ++i)
    spec += "  zz" + std::to_string(i) + "zz: 1\n";
  const Loaded most = load_text(cluster_policy(spec));
  const Loaded more = load_text(cluster_policy(spec + "  zzzz: 1\n  yyyy: 1\n"));

  EXPECT_EQ(most.issues.size(), kIssues);
  EXPECT_EQ(most.policies[0]->mode, Mode::audit);
  ASSERT_EQ(more.issues.size(), kIssues + 1);
  EXPECT_EQ(more.issues.back().what, "there are more issues from here on");
  // What was not looked at any more may have been anything.
  EXPECT_EQ(more.policies[0]->mode, Mode::enforce);
  EXPECT_EQ(more.policies[0]->match.images[0].text(), "**");
}

}  // namespace
}  // namespace signet::testing
