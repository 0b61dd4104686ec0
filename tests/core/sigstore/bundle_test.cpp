#include "core/sigstore/bundle.hpp"

#include <gtest/gtest.h>

#include "core/base/limits.hpp"
#include "core/base/text.hpp"
#include "tests/core/sigstore/signer.hpp"

namespace signet {
namespace {

const std::string kBundleType = "application/vnd.dev.sigstore.bundle.v0.3+json";
const std::string kMaterial = R"("certificate":{"rawBytes":"Y2VydA=="})";
const std::string kContent = R"("dsseEnvelope":{"payload":"aGk=","payloadType":"t",)"
                             R"("signatures":[{"sig":"c2ln"}]})";

std::string bundle_text(std::string_view type, std::string_view material,
                        std::string_view content) {
  return test::bundle_json(type, material, content);
}

Reason bundle_reason(const std::string& text) {
  const auto parsed = parse_bundle(text);
  return parsed ? Reason::verified : parsed.error().reason();
}

std::string chain_member(std::size_t count) {
  std::string list;
  for (std::size_t i = 0; i < count; ++i) {
    list += cat(i == 0 ? "" : ",", R"({"rawBytes":"Yw=="})");
  }
  return cat(R"("x509CertificateChain":{"certificates":[)", list, "]}");
}

TEST(BundleTest, ReadsCertificateAndEnvelope) {
  const auto parsed = parse_bundle(bundle_text(kBundleType, kMaterial, kContent));

  ASSERT_TRUE(parsed) << parsed.error().what();
  EXPECT_EQ(parsed->certificates, std::vector<std::string>{"Y2VydA=="});
  EXPECT_EQ(parsed->envelope.payload, "hi");
  EXPECT_EQ(parsed->envelope.signature, "sig");
}

TEST(BundleTest, ReadsEachKindOfMaterial) {
  const struct {
    const char* what;
    std::string material;
    std::vector<std::string> certificates;
  } cases[] = {
      {"leaf", kMaterial, {"Y2VydA=="}},
      {"chain", chain_member(2), {"Yw==", "Yw=="}},
      {"key", R"("publicKey":{"hint":"x"})", {}},
      {"key without hint", R"("publicKey":{})", {}},
      {"nulls", kMaterial + R"(,"publicKey":null,"x509CertificateChain":null)", {"Y2VydA=="}},
  };
  for (const auto& row : cases) {
    SCOPED_TRACE(row.what);
    const auto parsed = parse_bundle(bundle_text(kBundleType, row.material, kContent));
    ASSERT_TRUE(parsed) << parsed.error().what();
    EXPECT_EQ(parsed->certificates, row.certificates);
  }
}

TEST(BundleTest, KnowsTheSpellingsOfVersions) {
  const std::string old = "application/vnd.dev.sigstore.bundle+json;version=0.";
  const std::string current = "application/vnd.dev.sigstore.bundle.v0.";
  const struct {
    std::string type;
    Reason reason;
  } cases[] = {
      {old + "1", Reason::verified},
      {old + "2", Reason::verified},
      {old + "3", Reason::verified},
      {current + "1+json", Reason::verified},
      {current + "3+json", Reason::verified},
      {current + "3.1+json", Reason::verified},
      {current + "3.12+json", Reason::verified},
      {old + "4", Reason::unsupported_format},
      {old + "0", Reason::unsupported_format},
      {old, Reason::unsupported_format},
      {old + "3.1", Reason::unsupported_format},
      {old + "31", Reason::unsupported_format},
      {current + "4+json", Reason::unsupported_format},
      {current + "+json", Reason::unsupported_format},
      {current + "3", Reason::unsupported_format},
      {current + "31+json", Reason::unsupported_format},
      {current + "3.+json", Reason::unsupported_format},
      {current + "3.1-rc1+json", Reason::unsupported_format},
      {current + "3.01+json", Reason::unsupported_format},
      {"application/json", Reason::unsupported_format},
      {"", Reason::unsupported_format},
  };
  for (const auto& row : cases) {
    SCOPED_TRACE(row.type);
    EXPECT_EQ(bundle_reason(bundle_text(row.type, kMaterial, kContent)), row.reason);
  }
}

TEST(BundleTest, DoesNotLookAtWhatNobodyAskedFor) {
  for (const char* value :
       {"[]", "[{\"logIndex\":\"1\",\"zzz\":0}]", "\"garbage\"", "{}", "null"}) {
    SCOPED_TRACE(value);
    const std::string material =
        cat(kMaterial, ",\"tlogEntries\":", value, ",\"timestampVerificationData\":", value);
    EXPECT_EQ(bundle_reason(bundle_text(kBundleType, material, kContent)), Reason::verified);
  }
}

TEST(BundleTest, CallsAMessageSignatureUnsupported) {
  EXPECT_EQ(bundle_reason(
                bundle_text(kBundleType, kMaterial, R"("messageSignature":{"signature":"c2ln"})")),
            Reason::unsupported_format);
}

TEST(BundleTest, RefusesWhatProtobufJsonRefuses) {
  const std::string message = R"("messageSignature":{})";
  const struct {
    const char* what;
    std::string text;
  } cases[] = {
      {"unknown member", bundle_text(kBundleType, kMaterial, kContent + ",\"zzz\":1")},
      {"other case", bundle_text(kBundleType, kMaterial, kContent + ",\"MediaType\":\"x\"")},
      {"duplicate member", bundle_text(kBundleType, kMaterial, kContent + "," + kContent)},
      {"unknown member of material", bundle_text(kBundleType, kMaterial + ",\"zzz\":1", kContent)},
      {"unknown member of certificate",
       bundle_text(kBundleType, R"("certificate":{"rawBytes":"eA==","zzz":1})", kContent)},
      {"unknown member of chain",
       bundle_text(kBundleType, R"("x509CertificateChain":{"certificates":[],"zzz":1})", kContent)},
      {"unknown member of key",
       bundle_text(kBundleType, R"("publicKey":{"rawBytes":"eA=="})", kContent)},
      {"no material", bundle_text(kBundleType, "", kContent)},
      {"two materials", bundle_text(kBundleType, kMaterial + R"(,"publicKey":{})", kContent)},
      {"empty chain", bundle_text(kBundleType, chain_member(0), kContent)},
      {"null certificate",
       bundle_text(kBundleType, "\"x509CertificateChain\":{\"certificates\":[null]}", kContent)},
      {"certificate is a string", bundle_text(kBundleType, "\"certificate\":\"x\"", kContent)},
      {"certificate without bytes", bundle_text(kBundleType, "\"certificate\":{}", kContent)},
      {"chain is an array", bundle_text(kBundleType, "\"x509CertificateChain\":[]", kContent)},
      {"key is a string", bundle_text(kBundleType, "\"publicKey\":\"x\"", kContent)},
      {"hint is a number", bundle_text(kBundleType, "\"publicKey\":{\"hint\":1}", kContent)},
      {"no content", bundle_text(kBundleType, kMaterial, "\"dsseEnvelope\":null")},
      {"two contents", bundle_text(kBundleType, kMaterial, kContent + "," + message)},
      {"envelope is a string", bundle_text(kBundleType, kMaterial, "\"dsseEnvelope\":\"x\"")},
      {"no media type", "{\"verificationMaterial\":{" + kMaterial + "}," + kContent + "}"},
      {"no verification material", "{\"mediaType\":\"" + kBundleType + "\"," + kContent + "}"},
      {"array", "[]"},
      {"empty", ""},
      {"gzip", "\x1f\x8b\x08"},
      {"trailing bytes", bundle_text(kBundleType, kMaterial, kContent) + "x"},
  };
  for (const auto& row : cases) {
    SCOPED_TRACE(row.what);
    EXPECT_EQ(bundle_reason(row.text), Reason::malformed_object);
  }
}

TEST(BundleTest, BoundsTheCertificates) {
  EXPECT_EQ(bundle_reason(bundle_text(kBundleType, chain_member(kCertificates), kContent)),
            Reason::verified);
  EXPECT_EQ(bundle_reason(bundle_text(kBundleType, chain_member(kCertificates + 1), kContent)),
            Reason::limit_exceeded);
}

TEST(BundleTest, BoundsTheDocument) {
  std::string text = bundle_text(kBundleType, kMaterial, kContent);
  text.append(kBundleBytes - text.size(), ' ');
  EXPECT_EQ(bundle_reason(text), Reason::verified);
  EXPECT_EQ(bundle_reason(text + " "), Reason::limit_exceeded);
}

}  // namespace
}  // namespace signet
