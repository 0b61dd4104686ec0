#pragma once
// Policies of peers for the tests of import, and what became of them.

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "core/policy/import.hpp"

namespace signet::testing {

inline const std::string kImportRoot =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBwDCCAWWgAwIBAgIUTa1MfZaffhJnX0jJxQJXsG/86KAwCgYIKoZIzj0EAwIw\n"
    "LDEQMA4GA1UECgwHRXhhbXBsZTEYMBYGA1UEAwwPRXhhbXBsZSBSb290IENBMCAX\n"
    "DTI2MTEyMzE5MzE1NVoYDzIxMjYxMDMwMTkzMTU1WjAsMRAwDgYDVQQKDAdFeGFt\n"
    "cGxlMRgwFgYDVQQDDA9FeGFtcGxlIFJvb3QgQ0EwWTATBgcqhkjOPQIBBggqhkjO\n"
    "PQMBBwNCAATFtE2J2nGpURlFQAbYvqU/aVXku7b0zmiyckMea3GL96S0vWNm2U++\n"
    "iHGCuQZ+zyrplxtY5fiGam08gHtaVhlPo2MwYTAdBgNVHQ4EFgQUvVRN9uX+Jw+9\n"
    "CHuPy/DjDDlGC4MwHwYDVR0jBBgwFoAUvVRN9uX+Jw+9CHuPy/DjDDlGC4MwDwYD\n"
    "VR0TAQH/BAUwAwEB/zAOBgNVHQ8BAf8EBAMCAQYwCgYIKoZIzj0EAwIDSQAwRgIh\n"
    "ALSOmcZFNvJrddc6J2FGxJjAqwBkDcf2ETei0HxQAetTAiEA33esCLjOd0SrL3Ut\n"
    "cug1pK8WSdfeRSObxlKcrwHU9W0=\n"
    "-----END CERTIFICATE-----\n";
inline const std::string kImportIntermediate =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBxDCCAWmgAwIBAgIUHnDFgFOjudlxYEPvM+WFsMfXfvAwCgYIKoZIzj0EAwIw\n"
    "LDEQMA4GA1UECgwHRXhhbXBsZTEYMBYGA1UEAwwPRXhhbXBsZSBSb290IENBMCAX\n"
    "DTI2MTEyMzE5MzE1NVoYDzIxMjYxMDMwMTkzMTU1WjAtMRAwDgYDVQQKDAdFeGFt\n"
    "cGxlMRkwFwYDVQQDDBBFeGFtcGxlIFRlYW1zIENBMFkwEwYHKoZIzj0CAQYIKoZI\n"
    "zj0DAQcDQgAEcmVcp46NTWguPhlgrfb5XwXuVpmE7S9TmIL3J2x+8H2pkWSTUG5/\n"
    "9y4jobY2/QvZlICmlb4h1ybKjlx0Bvr8haNmMGQwEgYDVR0TAQH/BAgwBgEB/wIB\n"
    "ADAOBgNVHQ8BAf8EBAMCAQYwHQYDVR0OBBYEFPqVBV3fZDFTK9gFxKLJo1oho5fM\n"
    "MB8GA1UdIwQYMBaAFL1UTfbl/icPvQh7j8vw4ww5RguDMAoGCCqGSM49BAMCA0kA\n"
    "MEYCIQDcNEG8Nbjr/xyt7uusqI7W60mVUfZthm35xdgyRHrFEgIhANtmF8WaMKzs\n"
    "nj20NZc3WzIcqT/By+/rDQwoeIXNjkjX\n"
    "-----END CERTIFICATE-----\n";
inline const std::string kImportKey =
    "-----BEGIN PUBLIC KEY-----\n"
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEPxNhbzrQcLIsyOBesmdufznwKnIw\n"
    "1+VZIpK5gb4ruWWjvaZKuB84n6WPubiKfSpL7edWPGinRu7IsI7tkU9zjA==\n"
    "-----END PUBLIC KEY-----\n";
inline const std::string kOtherImportKey =
    "-----BEGIN PUBLIC KEY-----\n"
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEZsmNhSW3y8LZU5FK+IkmOP8pKUON\n"
    "EnDAzDJEvcGLJeSqeF6ib2PrwFay/8pH3L4WAnyZbHDiyBfLnkM4AWR+vQ==\n"
    "-----END PUBLIC KEY-----\n";

// A text as a quoted scalar of YAML.
inline std::string yaml_text(const std::string& text) {
  std::string quoted = "\"";
  for (const char c : text)
    quoted += c == '\n' ? "\\n" : std::string(1, c);
  return quoted + '"';
}

struct ImportOutcome {
  std::string text;
  std::vector<ImportRemark> remarks;
  std::string failure;  // empty: it was converted
  Loaded loaded;

  std::vector<std::string> losses() const {
    std::vector<std::string> fields;
    for (const ImportRemark& remark : remarks) {
      if (remark.loss) fields.push_back(remark.issue.field);
    }
    return fields;
  }
  bool lost(const std::string& field) const {
    const auto fields = losses();
    return std::find(fields.begin(), fields.end(), field) != fields.end();
  }
  const Policy* policy(const std::string& name) const {
    for (const auto& each : loaded.policies) {
      if (each->name == name) return each.get();
    }
    return nullptr;
  }
};

inline ImportOutcome import_text(const std::string& text, bool without_logs = false) {
  const auto made = import_policies(SourceFile{"peer.yaml", text}, ImportOptions{without_logs});
  ImportOutcome outcome;
  if (!made) {
    outcome.failure = made.error().what();
    return outcome;
  }
  outcome.text = made->text;
  outcome.remarks = made->remarks;
  const SourceFile file{"output.yaml", made->text};
  outcome.loaded = load_policies(std::span(&file, 1), {});
  return outcome;
}

// `text` with the first `from` in it replaced.
inline std::string with(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  return at == std::string::npos ? std::string() : text.replace(at, from.size(), to);
}

// One change to a policy: what is lost by it, if anything, and whether a policy is left.
struct ImportChange {
  std::string base, from, to, lost;
  bool stays;
};

inline void check_changes(const std::vector<ImportChange>& changes) {
  for (const ImportChange& change : changes) {
    const std::string text = with(change.base, change.from, change.to);
    ASSERT_NE(text, "") << change.from;
    const ImportOutcome outcome = import_text(text);
    EXPECT_EQ(outcome.failure, "") << change.to;
    EXPECT_TRUE(outcome.loaded.issues.empty()) << change.to;
    EXPECT_EQ(outcome.loaded.policies.size(), change.stays ? 1u : 0u) << change.to << outcome.text;
    EXPECT_TRUE(change.lost.empty() || outcome.lost(change.lost)) << change.to << outcome.text;
    EXPECT_EQ(outcome.losses().empty(), change.lost.empty()) << change.to << outcome.text;
  }
}

}  // namespace signet::testing
