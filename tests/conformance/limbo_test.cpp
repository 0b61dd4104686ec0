#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "core/crypto/chain.hpp"

// Every path case of x509-limbo, turned to code signing. Where Signet's verdict is not limbo's, the
// difference stands in limbo-accepted.txt or limbo-refused.txt with its reason; one that is not
// listed fails, and so does a listed one that is gone.

namespace signet {
namespace {

constexpr const char* kDirectory = SIGNET_TESTS "/conformance/";
constexpr std::size_t kDataBytes = 4 * kMiB;

std::string file(const std::string& name) {
  std::ifstream in(kDirectory + name, std::ios::binary);
  EXPECT_TRUE(in) << name;
  return {std::istreambuf_iterator<char>(in), {}};
}

// Lines of the form "id: reason"; blank lines and lines beginning with # are skipped.
std::map<std::string, std::string> differences(const std::string& name) {
  std::map<std::string, std::string> listed;
  const std::string text = file(name);
  for (const std::string_view line : split(text, '\n')) {
    if (trim(line).empty() || line.starts_with('#')) continue;
    const auto at = line.find(": ");
    EXPECT_NE(at, std::string_view::npos) << "no reason: " << line;
    const bool fresh =
        listed.emplace(line.substr(0, at), trim(line.substr(std::min(at, line.size())))).second;
    EXPECT_TRUE(fresh) << "listed twice: " << line;
  }
  return listed;
}

Result<std::vector<Certificate>> certificates(const Json& pems) {
  std::vector<Certificate> all;
  for (const Json& pem : pems) {
    auto parsed = parse_certificates(pem.get<std::string>(), 1);
    if (!parsed) return parsed.error();
    all.push_back(std::move(parsed->front()));
  }
  return all;
}

Result<std::vector<Crl>> crls(const Json& pems) {
  std::vector<Crl> all;
  for (const Json& pem : pems) {
    auto parsed = parse_crls(pem.get<std::string>());
    if (!parsed) return parsed.error();
    all.push_back(std::move(parsed->front()));
  }
  return all;
}

TimePoint time_of(const Json& testcase) {
  const Json& time = testcase.at("validation_time");
  return *parse_time(time.is_null() ? "2024-06-01T00:00:00Z" : time.get<std::string>());
}

Result<Path> judge(const Json& testcase) {
  auto anchors = certificates(testcase.at("trusted_certs"));
  if (!anchors) return anchors.error();
  auto carried = certificates(testcase.at("untrusted_intermediates"));
  if (!carried) return carried.error();
  auto lists = crls(testcase.at("crls"));
  if (!lists) return lists.error();
  auto leaf = parse_certificates(testcase.at("peer_certificate").get<std::string>(), 1);
  if (!leaf) return leaf.error();

  Trust trust;
  trust.revocation = lists->empty() ? Revocation::off : Revocation::require;
  trust.authorities.push_back({std::move(*anchors), {}, {}, std::move(*lists)});
  const Json& depth = testcase.at("max_chain_depth");
  if (!depth.is_null()) trust.max_intermediates = depth.get<std::size_t>();
  const bool asked = testcase.at("extended_key_usage") == Json::array({"codeSigning"});
  return find_path(trust, leaf->front(), *carried,
                   asked ? CodeSigning::required : CodeSigning::optional, time_of(testcase));
}

TEST(X509LimboTest, EveryVerdictIsLimbosOrIsListedWithItsReason) {
  const auto data = parse_json(file("x509-limbo-codesign.json"), {kDataBytes, kJsonDepth});
  ASSERT_TRUE(data) << data.error().what();
  const auto accepted = differences("limbo-accepted.txt");
  const auto refused = differences("limbo-refused.txt");
  std::set<std::string> seen;

  for (const Json& testcase : data->at("testcases")) {
    const auto id = testcase.at("id").get<std::string>();
    const bool must_pass = testcase.at("expected_result") == "SUCCESS";
    seen.insert(id);
    const auto path = judge(testcase);
    if (path.has_value() == must_pass) {
      EXPECT_FALSE(accepted.contains(id)) << id << " is refused now; take it off the list";
      EXPECT_FALSE(refused.contains(id)) << id << " is accepted now; take it off the list";
    } else if (path) {
      EXPECT_TRUE(accepted.contains(id)) << "WRONG ACCEPT: " << id;
    } else {
      EXPECT_TRUE(refused.contains(id)) << "wrong refusal: " << id << ": " << path.error().what();
    }
  }
  EXPECT_EQ(seen.size(), 193U);
  for (const auto& list : {accepted, refused}) {
    for (const auto& [id, reason] : list) {
      EXPECT_TRUE(seen.contains(id)) << "no such case: " << id;
      EXPECT_FALSE(reason.empty()) << "no reason: " << id;
    }
  }
}

}  // namespace
}  // namespace signet
