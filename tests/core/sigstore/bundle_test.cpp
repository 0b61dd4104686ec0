#include "core/sigstore/bundle.hpp"

#include <gtest/gtest.h>

#include "core/base/limits.hpp"
#include "core/base/text.hpp"
#include "tests/core/sigstore/signer.hpp"

namespace signet {
namespace {

const std::string kType = "application/vnd.dev.sigstore.bundle.v0.3+json";
const std::string kMaterial = R"("certificate":{"rawBytes":"Y2VydA=="})";
const std::string kContent = R"("dsseEnvelope":{"payload":"aGk=","payloadType":"t",)"
                             R"("signatures":[{"sig":"c2ln"}]})";

std::string bundle(std::string_view type, std::string_view material, std::string_view content) {
  return test::bundle_json(type, material, content);
}

Reason reason_of(const std::string& text) {
  const auto parsed = parse_bundle(text);
  return parsed ? Reason::verified : parsed.error().reason();
}

std::string certificates(std::size_t count) {
  std::string list;
  for (std::size_t i = 0; i < count; ++i) {
    list += cat(i == 0 ? "" : ",", R"({"rawBytes":"Yw=="})");
  }
  return cat(R"("x509CertificateChain":{"certificates":[)", list, "]}");
}

TEST(BundleTest, ReadsCertificateAndEnvelope) {
  const auto parsed = parse_bundle(bundle(kType, kMaterial, kContent));

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
      {"chain", certificates(2), {"Yw==", "Yw=="}},
      {"key", R"("publicKey":{"hint":"x"})", {}},
      {"key without hint", R"("publicKey":{})", {}},
      {"nulls", kMaterial + R"(,"publicKey":null,"x509CertificateChain":null)", {"Y2VydA=="}},
  };
  for (const auto& row : cases) {
    SCOPED_TRACE(row.what);
    const auto parsed = parse_bundle(bundle(kType, row.material, kContent));
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
    EXPECT_EQ(reason_of(bundle(row.type, kMaterial, kContent)), row.reason);
  }
}

TEST(BundleTest, DoesNotLookAtWhatNobodyAskedFor) {
  for (const char* value :
       {"[]", "[{\"logIndex\":\"1\",\"zzz\":0}]", "\"garbage\"", "{}", "null"}) {
    SCOPED_TRACE(value);
    const std::string material =
        cat(kMaterial, ",\"tlogEntries\":", value, ",\"timestampVerificationData\":", value);
    EXPECT_EQ(reason_of(bundle(kType, material, kContent)), Reason::verified);
  }
}

TEST(BundleTest, CallsAMessageSignatureUnsupported) {
  EXPECT_EQ(reason_of(bundle(kType, kMaterial, R"("messageSignature":{"signature":"c2ln"})")),
            Reason::unsupported_format);
}

TEST(BundleTest, RefusesWhatProtobufJsonRefuses) {
  const std::string message = R"("messageSignature":{})";
  const struct {
    const char* what;
    std::string text;
  } cases[] = {
      {"unknown member", bundle(kType, kMaterial, kContent + ",\"zzz\":1")},
      {"other case", bundle(kType, kMaterial, kContent + ",\"MediaType\":\"x\"")},
      {"duplicate member", bundle(kType, kMaterial, kContent + "," + kContent)},
      {"unknown member of material", bundle(kType, kMaterial + ",\"zzz\":1", kContent)},
      {"unknown member of certificate",
       bundle(kType, R"("certificate":{"rawBytes":"eA==","zzz":1})", kContent)},
      {"unknown member of chain",
       bundle(kType, R"("x509CertificateChain":{"certificates":[],"zzz":1})", kContent)},
      {"unknown member of key", bundle(kType, R"("publicKey":{"rawBytes":"eA=="})", kContent)},
      {"no material", bundle(kType, "", kContent)},
      {"two materials", bundle(kType, kMaterial + R"(,"publicKey":{})", kContent)},
      {"empty chain", bundle(kType, certificates(0), kContent)},
      {"null certificate",
       bundle(kType, "\"x509CertificateChain\":{\"certificates\":[null]}", kContent)},
      {"certificate is a string", bundle(kType, "\"certificate\":\"x\"", kContent)},
      {"certificate without bytes", bundle(kType, "\"certificate\":{}", kContent)},
      {"chain is an array", bundle(kType, "\"x509CertificateChain\":[]", kContent)},
      {"key is a string", bundle(kType, "\"publicKey\":\"x\"", kContent)},
      {"hint is a number", bundle(kType, "\"publicKey\":{\"hint\":1}", kContent)},
      {"no content", bundle(kType, kMaterial, "\"dsseEnvelope\":null")},
      {"two contents", bundle(kType, kMaterial, kContent + "," + message)},
      {"envelope is a string", bundle(kType, kMaterial, "\"dsseEnvelope\":\"x\"")},
      {"no media type", "{\"verificationMaterial\":{" + kMaterial + "}," + kContent + "}"},
      {"no verification material", "{\"mediaType\":\"" + kType + "\"," + kContent + "}"},
      {"array", "[]"},
      {"empty", ""},
      {"gzip", "\x1f\x8b\x08"},
      {"trailing bytes", bundle(kType, kMaterial, kContent) + "x"},
  };
  for (const auto& row : cases) {
    SCOPED_TRACE(row.what);
    EXPECT_EQ(reason_of(row.text), Reason::malformed_object);
  }
}

TEST(BundleTest, BoundsTheCertificates) {
  EXPECT_EQ(reason_of(bundle(kType, certificates(kCertificates), kContent)), Reason::verified);
  EXPECT_EQ(reason_of(bundle(kType, certificates(kCertificates + 1), kContent)),
            Reason::limit_exceeded);
}

TEST(BundleTest, BoundsTheDocument) {
  std::string text = bundle(kType, kMaterial, kContent);
  text.append(kBundleBytes - text.size(), ' ');
  EXPECT_EQ(reason_of(text), Reason::verified);
  EXPECT_EQ(reason_of(text + " "), Reason::limit_exceeded);
}

}  // namespace
}  // namespace signet
