#include "core/sigstore/verify.hpp"

#include <gtest/gtest.h>

#include "core/base/text.hpp"
#include "tests/core/sigstore/signer.hpp"

namespace signet {
namespace {

using test::image;
using test::signer;

const std::string kTeam = "team-a@linuxera.org";

SignedEntity parsed_entity(const Candidate& candidate) {
  auto entity = parse_signature(candidate, Material::certificate);
  EXPECT_TRUE(entity) << entity.error().what();
  return *entity;
}

SignedEntity legacy(const Digest& digest = image()) {
  return parsed_entity(signer().legacy(test::payload_for(digest)));
}

SignedEntity bundle(const Digest& digest = image()) {
  return parsed_entity(signer().bundle(test::statement_for(digest)));
}

Result<VerifiedSignature> verified(const SignedEntity& entity) {
  return verify_by_certificate(entity, image(), signer().trust(), test::accept_subject(kTeam),
                               signer().at());
}

Reason verified_reason(const Result<VerifiedSignature>& result) {
  return result ? Reason::verified : result.error().reason();
}

TEST(VerifyTest, TellsWhatAVerifiedSignatureClaims) {
  for (const SignedEntity& entity : {legacy(), bundle()}) {
    SCOPED_TRACE(name_of(entity.format));
    const auto result = verified(entity);

    ASSERT_TRUE(result) << result.error().what();
    EXPECT_EQ(result->key.spki(), signer().leaf().certificate.public_key().spki());
    EXPECT_EQ(result->claims.image, image());
    EXPECT_EQ(result->claims.annotations, (std::map<std::string, std::string>{{"env", "prod"}}));
    EXPECT_EQ(result->claims.docker_reference.has_value(),
              entity.format == SignatureFormat::legacy);
    EXPECT_EQ(result->matched, kTeam);
    ASSERT_TRUE(result->path);
    EXPECT_EQ(result->path->certificates.size(), 3u);
    ASSERT_TRUE(result->identity);
    EXPECT_EQ(result->identity->issuer, "https://linuxera.org");
  }
}

TEST(VerifyTest, RefusesAnotherImage) {
  EXPECT_EQ(verified_reason(verified(legacy(test::other_image()))), Reason::payload_mismatch);
  EXPECT_EQ(verified_reason(verified(bundle(test::other_image()))), Reason::payload_mismatch);
}

TEST(VerifyTest, RefusesASignatureOverOtherBytes) {
  for (SignedEntity entity : {legacy(), bundle()}) {
    entity.signed_bytes += " ";
    EXPECT_EQ(verified_reason(verified(entity)), Reason::signature_invalid);
  }
}

TEST(VerifyTest, RefusesTheCertificateOfSomebodyElse) {
  SignedEntity entity = legacy();
  entity.certificates.front() =
      signer().issue_leaf("email:" + kTeam, {{"1.3.6.1.4.1.57264.1.1", "x"}}).certificate;

  EXPECT_EQ(verified_reason(verified(entity)), Reason::signature_invalid);
}

TEST(VerifyTest, RefusesABareKeyWhereACertificateIsWanted) {
  SignedEntity entity = bundle();
  entity.certificates.clear();

  EXPECT_EQ(verified_reason(verified(entity)), Reason::chain_untrusted);
}

TEST(VerifyTest, RefusesALeafThatNobodyVouchesFor) {
  SignedEntity entity = legacy();
  entity.certificates.resize(1, signer().leaf().certificate);

  EXPECT_EQ(verified_reason(verified(entity)), Reason::chain_untrusted);
}

TEST(VerifyTest, RefusesASubjectThatTheRulesDoNotAccept) {
  const auto result = verify_by_certificate(legacy(), image(), signer().trust(),
                                            test::accept_subject("b@b.org"), signer().at());

  EXPECT_EQ(verified_reason(result), Reason::identity_mismatch);
}

TEST(VerifyTest, JudgesChainThenIdentityThenSignatureThenPayload) {
  SignedEntity entity = legacy(test::other_image());
  entity.signature = "garbage";
  const CertificateRules stranger = test::accept_subject("b@b.org");
  Trust nobody = signer().trust();
  nobody.authorities.front().anchors = {test::Signer().root().certificate};
  const auto judge = [&](const Trust& trust, const CertificateRules& rules) {
    return verified_reason(verify_by_certificate(entity, image(), trust, rules, signer().at()));
  };

  EXPECT_EQ(judge(nobody, stranger), Reason::chain_untrusted);
  EXPECT_EQ(judge(signer().trust(), stranger), Reason::identity_mismatch);
  EXPECT_EQ(judge(signer().trust(), test::accept_subject(kTeam)), Reason::signature_invalid);
}

TEST(VerifyTest, DoesNotAskTheRulesAboutAnUntrustedLeaf) {
  bool asked = false;
  CertificateRules rules;
  rules.accept = [&](const Identity&, const Path&) -> Result<std::string> {
    asked = true;
    return std::string("anyone");
  };

  const auto result = verify_by_certificate(legacy(), image(), Trust(), rules, signer().at());

  EXPECT_FALSE(result);
  EXPECT_FALSE(asked);
}

TEST(VerifyTest, RefusesTwoIssuersBeforeTheRulesAreAsked) {
  SignedEntity entity = legacy();
  entity.certificates.front() =
      signer()
          .issue_leaf("email:" + kTeam, {{"1.3.6.1.4.1.57264.1.1", "https://a.org"},
                                         {"1.3.6.1.4.1.57264.1.8", "\x0c\x01x"}})
          .certificate;

  EXPECT_EQ(verified_reason(verified(entity)), Reason::cert_profile);
}

TEST(VerifyTest, RefusesAnAttestationOfTheSameSigner) {
  std::string statement = test::statement_for(image());
  const std::string sign = "https://sigstore.dev/cosign/sign/v1";
  statement.replace(statement.find(sign), sign.size(), "https://spdx.dev/Document");

  EXPECT_EQ(verified_reason(verified(parsed_entity(signer().bundle(statement)))),
            Reason::unsupported_format);
}

// DER ECDSA signature as r||s of 32 octets each.
std::string raw_signature(std::string_view der) {
  std::string raw;
  std::size_t at = 2;
  for (int i = 0; i < 2; ++i) {
    const auto length = static_cast<std::size_t>(der[at + 1]);
    std::string number(der.substr(at + 2, length));
    if (number.size() > 32) number.erase(0, number.size() - 32);
    raw += std::string(32 - number.size(), '\0') + number;
    at += 2 + length;
  }
  return raw;
}

TEST(VerifyTest, TakesRawEcdsaSignaturesFromBundlesOnly) {
  SignedEntity in_bundle = bundle();
  in_bundle.signature = raw_signature(in_bundle.signature);
  SignedEntity in_annotation = legacy();
  in_annotation.signature = raw_signature(in_annotation.signature);

  EXPECT_EQ(verified_reason(verified(in_bundle)), Reason::verified);
  EXPECT_EQ(verified_reason(verified(in_annotation)), Reason::signature_invalid);
}

TEST(VerifyByKeyTest, AcceptsWhatTheKeySigned) {
  for (const SignedEntity& entity : {legacy(), bundle()}) {
    const auto result = verify_by_key(entity, image(), signer().leaf().certificate.public_key());

    ASSERT_TRUE(result) << result.error().what();
    EXPECT_EQ(result->key.spki(), signer().leaf().certificate.public_key().spki());
    EXPECT_EQ(result->claims.image, image());
    EXPECT_FALSE(result->path);
    EXPECT_FALSE(result->identity);
    EXPECT_FALSE(result->matched);
  }
}

TEST(VerifyByKeyTest, NamesAnotherKeyAndAnotherImage) {
  const PublicKey& leaf = signer().leaf().certificate.public_key();
  const PublicKey& root = signer().root().certificate.public_key();

  EXPECT_EQ(verified_reason(verify_by_key(legacy(), image(), root)), Reason::key_mismatch);
  EXPECT_EQ(verified_reason(verify_by_key(legacy(), test::other_image(), leaf)),
            Reason::payload_mismatch);
  EXPECT_EQ(verified_reason(verify_by_key(bundle(), test::other_image(), leaf)),
            Reason::payload_mismatch);
}

}  // namespace
}  // namespace signet
