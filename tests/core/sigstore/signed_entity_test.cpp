#include "core/sigstore/signed_entity.hpp"

#include <gtest/gtest.h>

#include "core/base/limits.hpp"
#include "core/base/text.hpp"
#include "tests/core/sigstore/signer.hpp"

namespace signet {
namespace {

using test::kCertificateAnnotation;
using test::kChainAnnotation;
using test::kSignatureAnnotation;
using test::signer;

Candidate legacy_entity() {
  return signer().legacy(test::payload_for(test::image()));
}

Candidate with(std::string_view annotation, std::string value) {
  Candidate candidate = legacy_entity();
  candidate.annotations.insert_or_assign(std::string(annotation), std::move(value));
  return candidate;
}

Reason entity_reason(const Candidate& candidate, Material material = Material::certificate) {
  const auto entity = parse_signature(candidate, material);
  return entity ? Reason::verified : entity.error().reason();
}

std::string pem(const test::KeyPair& pair) {
  return certificate_pem(pair.certificate);
}

std::string repeated(const std::string& piece, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i)
    text += piece;
  return text;
}

TEST(SignedEntityTest, TakesALegacySignatureApart) {
  const auto entity = parse_signature(legacy_entity(), Material::certificate);

  ASSERT_TRUE(entity) << entity.error().what();
  EXPECT_EQ(entity->format, SignatureFormat::legacy);
  const std::vector<Certificate> carried = {signer().leaf().certificate,
                                            signer().intermediate().certificate,
                                            signer().root().certificate};
  EXPECT_EQ(entity->certificates, carried);
  EXPECT_EQ(entity->signed_bytes, test::payload_for(test::image()));
  EXPECT_EQ(entity->claims, entity->signed_bytes);
}

TEST(SignedEntityTest, TakesABundleApart) {
  const Blob statement = test::statement_for(test::image());

  const auto entity = parse_signature(signer().bundle(statement), Material::certificate);

  ASSERT_TRUE(entity) << entity.error().what();
  EXPECT_EQ(entity->format, SignatureFormat::bundle);
  EXPECT_EQ(entity->certificates.size(), 2u);
  EXPECT_EQ(entity->claims, statement);
  EXPECT_EQ(entity->signed_bytes, cat("DSSEv1 28 application/vnd.in-toto+json ",
                                      std::to_string(statement.size()), " ", statement));
}

TEST(SignedEntityTest, HandsOnWhyTheContentIsMissing) {
  Candidate candidate = legacy_entity();
  candidate.content = Error(Reason::registry_timeout, "the blob did not come");

  EXPECT_EQ(entity_reason(candidate), Reason::registry_timeout);
}

TEST(SignedEntityTest, AKeyNeedsNoCertificate) {
  for (const std::string_view name : {kCertificateAnnotation, kChainAnnotation}) {
    const Candidate candidate = with(name, "garbage");
    EXPECT_EQ(entity_reason(candidate, Material::key), Reason::verified) << name;
    EXPECT_EQ(entity_reason(candidate, Material::certificate), Reason::signature_invalid) << name;
  }
  Candidate bundle = signer().bundle(test::statement_for(test::image()));
  bundle.content = test::bundle_json(
      "application/vnd.dev.sigstore.bundle.v0.3+json", R"("certificate":{"rawBytes":"garbage"})",
      "\"dsseEnvelope\":" + test::envelope_json("application/vnd.in-toto+json", "{}", "sig"));
  EXPECT_EQ(entity_reason(bundle, Material::key), Reason::verified);
  EXPECT_EQ(entity_reason(bundle, Material::certificate), Reason::signature_invalid);
}

TEST(SignedEntityTest, IgnoresAnnotationsThatNobodyAskedFor) {
  for (const char* name : {"dev.sigstore.cosign/bundle", "dev.sigstore.cosign/rfc3161timestamp",
                           "dev.sigstore.cosign/signature", "anything"}) {
    SCOPED_TRACE(name);
    EXPECT_EQ(entity_reason(with(name, "{garbage")), Reason::verified);
  }
}

TEST(SignedEntityTest, ReadsSignaturesAsBase64PrintsThem) {
  const std::string good = legacy_entity().annotations.find(kSignatureAnnotation)->second;
  const std::string half = good.substr(0, 40);
  const struct {
    const char* what;
    std::string text;
    Reason reason;
  } cases[] = {
      {"as cosign writes it", good, Reason::verified},
      {"final line end", good + "\n", Reason::verified},
      {"wrapped lines", half + "\r\n" + good.substr(40), Reason::verified},
      {"a space", half + " " + good.substr(40), Reason::signature_invalid},
      {"a tab", good + "\t", Reason::signature_invalid},
      {"url alphabet", "-_" + good.substr(2), Reason::signature_invalid},
      {"no padding", "aGk", Reason::signature_invalid},
      {"bits of no byte", "aGl=", Reason::signature_invalid},
      {"empty", "", Reason::signature_invalid},
      {"line ends only", "\n", Reason::signature_invalid},
      {"not base64", "***", Reason::signature_invalid},
  };
  for (const auto& row : cases) {
    SCOPED_TRACE(row.what);
    EXPECT_EQ(entity_reason(with(kSignatureAnnotation, row.text)), row.reason);
  }
  Candidate without = legacy_entity();
  without.annotations.erase(without.annotations.find(kSignatureAnnotation));
  EXPECT_EQ(entity_reason(without), Reason::signature_invalid);
}

TEST(SignedEntityTest, ReadsPemAsPeopleStoreIt) {
  const std::string leaf = pem(signer().leaf());
  const std::string der = signer().leaf().certificate.der();
  std::string crlf;
  for (const char c : leaf)
    crlf += c == '\n' ? std::string("\r\n") : std::string(1, c);
  const struct {
    const char* what;
    std::string text;
    Reason reason;
  } cases[] = {
      {"text before the block", "Certificate:\n    Data:\n" + leaf, Reason::verified},
      {"CRLF", crlf, Reason::verified},
      {"white space around", "\n " + leaf + "\n \n", Reason::verified},
      {"text after the block", leaf + "junk", Reason::signature_invalid},
      {"base64 of PEM", base64(leaf), Reason::signature_invalid},
      {"base64 of DER", base64(der), Reason::signature_invalid},
      {"DER with a byte behind",
       "-----BEGIN CERTIFICATE-----\n" + base64(der + "x") + "\n-----END CERTIFICATE-----\n",
       Reason::signature_invalid},
      {"a key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
       Reason::signature_invalid},
  };
  for (const auto& row : cases) {
    SCOPED_TRACE(row.what);
    EXPECT_EQ(entity_reason(with(kCertificateAnnotation, row.text)), row.reason);
  }
}

TEST(SignedEntityTest, HasNoCertificateWhereTheAnnotationIsBlank) {
  for (const char* text : {"", " ", "\n\t \r\n"}) {
    const auto entity = parse_signature(with(kCertificateAnnotation, text), Material::certificate);
    ASSERT_TRUE(entity) << entity.error().what();
    EXPECT_TRUE(entity->certificates.empty());
  }
}

TEST(SignedEntityTest, CarriesNothingFromBehindTheLeaf) {
  Candidate candidate =
      with(kCertificateAnnotation, pem(signer().leaf()) + pem(signer().intermediate()));
  candidate.annotations.insert_or_assign(std::string(kChainAnnotation), "");

  const auto entity = parse_signature(candidate, Material::certificate);

  ASSERT_TRUE(entity) << entity.error().what();
  EXPECT_EQ(entity->certificates, std::vector<Certificate>{signer().leaf().certificate});
}

TEST(SignedEntityTest, BoundsTheCertificatesOfASignature) {
  const std::string one = pem(signer().intermediate());
  EXPECT_EQ(entity_reason(with(kChainAnnotation, repeated(one, kCertificates - 1))),
            Reason::verified);
  EXPECT_EQ(entity_reason(with(kChainAnnotation, repeated(one, kCertificates))),
            Reason::limit_exceeded);
  EXPECT_EQ(entity_reason(with(kCertificateAnnotation, repeated(one, kCertificates + 1))),
            Reason::limit_exceeded);
}

TEST(SignedEntityTest, BoundsPemAnnotations) {
  std::string chain = pem(signer().intermediate());
  chain.insert(0, kPemBytes - chain.size(), ' ');
  EXPECT_EQ(entity_reason(with(kChainAnnotation, chain)), Reason::verified);
  EXPECT_EQ(entity_reason(with(kChainAnnotation, " " + chain)), Reason::limit_exceeded);
  EXPECT_EQ(entity_reason(with(kChainAnnotation, " " + chain), Material::key), Reason::verified);
}

TEST(SignedEntityTest, BoundsAllAnnotationsTogether) {
  std::size_t used = std::string_view("x").size();
  const Candidate plain = legacy_entity();
  for (const auto& [name, value] : plain.annotations)
    used += name.size() + value.size();

  EXPECT_EQ(entity_reason(with("x", std::string(kAnnotationBytes - used, 'x'))), Reason::verified);
  EXPECT_EQ(entity_reason(with("x", std::string(kAnnotationBytes - used + 1, 'x'))),
            Reason::limit_exceeded);
}

TEST(SignedEntityTest, BoundsTheSignature) {
  EXPECT_EQ(entity_reason(with(kSignatureAnnotation, base64(std::string(kSignatureBytes, 's')))),
            Reason::verified);
  EXPECT_EQ(
      entity_reason(with(kSignatureAnnotation, base64(std::string(kSignatureBytes + 1, 's')))),
      Reason::limit_exceeded);
}

TEST(SignedEntityTest, BoundsThePayload) {
  Candidate candidate = legacy_entity();
  candidate.content = Blob(kPayloadBytes, ' ');
  EXPECT_EQ(entity_reason(candidate), Reason::verified);
  candidate.content = Blob(kPayloadBytes + 1, ' ');
  EXPECT_EQ(entity_reason(candidate), Reason::limit_exceeded);
}

TEST(SignedEntityTest, BoundsTheCertificatesOfABundle) {
  Candidate candidate = signer().bundle(test::statement_for(test::image()));
  const std::string envelope =
      "\"dsseEnvelope\":" + test::envelope_json("application/vnd.in-toto+json", "{}", "sig");
  const auto material = [](std::size_t bytes) {
    return cat(R"("certificate":{"rawBytes":")", base64(std::string(bytes, '\0')), "\"}");
  };
  const std::string type = "application/vnd.dev.sigstore.bundle.v0.3+json";

  candidate.content = test::bundle_json(type, material(kCertificateBytes), envelope);
  EXPECT_EQ(entity_reason(candidate),
            Reason::signature_invalid);  // no certificate, but not too long
  candidate.content = test::bundle_json(type, material(kCertificateBytes + 1), envelope);
  EXPECT_EQ(entity_reason(candidate), Reason::limit_exceeded);
}

TEST(SignedEntityTest, WantsAnInTotoPayloadInABundle) {
  Candidate candidate = signer().bundle(test::statement_for(test::image()));
  candidate.content =
      test::bundle_json("application/vnd.dev.sigstore.bundle.v0.3+json", R"("publicKey":{})",
                        "\"dsseEnvelope\":" + test::envelope_json("application/json", "{}", "sig"));

  EXPECT_EQ(entity_reason(candidate), Reason::unsupported_format);
}

TEST(SignedEntityTest, TellsAMalformedBundleAsAnInvalidSignature) {
  Candidate candidate = signer().bundle(test::statement_for(test::image()));
  candidate.content = Blob("{}");

  EXPECT_EQ(entity_reason(candidate), Reason::signature_invalid);
}

TEST(EvidenceTest, NamesTheFormats) {
  EXPECT_EQ(name_of(SignatureFormat::bundle), "bundle");
  EXPECT_EQ(name_of(SignatureFormat::legacy), "legacy");
}

}  // namespace
}  // namespace signet
