#include "tests/core/sigstore/vectors.hpp"

#include <gtest/gtest.h>

#include "core/oci/manifest.hpp"
#include "core/sigstore/simple_signing.hpp"
#include "core/sigstore/verify.hpp"
#include "tests/core/sigstore/signer.hpp"

namespace signet {
namespace {

using test::Vector;

Result<VerifiedSignature> judged(const Vector& vector, const Digest& image, const Trust& trust,
                                 const std::string& subject, TimePoint at) {
  const auto entity = parse_signature(vector.candidate, Material::certificate);
  if (!entity) return entity.error();
  return verify_by_certificate(*entity, image, trust, test::accept_subject(subject), at);
}

Reason reason_of(const Result<VerifiedSignature>& result) {
  return result ? Reason::verified : result.error().reason();
}

class RealSignatureTest : public testing::TestWithParam<std::string> {
 protected:
  const Vector vector_ = test::load_vector(GetParam());
};

TEST_P(RealSignatureTest, Verifies) {
  const auto result = judged(vector_, vector_.image, vector_.trust, vector_.subject, vector_.at);

  ASSERT_TRUE(result) << result.error().what();
  EXPECT_EQ(result->claims.image, vector_.image);
  EXPECT_EQ(result->matched, vector_.subject);
  ASSERT_TRUE(result->identity);
  EXPECT_EQ(result->identity->issuer, vector_.issuer);
  ASSERT_TRUE(result->path);
  EXPECT_EQ(result->path->certificates.size(), 3u);
}

TEST_P(RealSignatureTest, VerifiesByItsKeyToo) {
  const auto entity = parse_signature(vector_.candidate, Material::certificate);
  ASSERT_TRUE(entity);

  const auto result =
      verify_by_key(*entity, vector_.image, entity->certificates.front().public_key());

  EXPECT_EQ(reason_of(result), Reason::verified);
}

TEST_P(RealSignatureTest, IsRefusedWhenAnythingIsWrong) {
  const auto& [at, image, candidate, manifest, trust, subject, issuer] = vector_;
  Trust foreign = trust;
  foreign.authorities.front().anchors = {test::signer().root().certificate};
  const TimePoint late = at + std::chrono::hours(24 * 365 * 40);
  const TimePoint early = at - std::chrono::hours(24 * 365);

  EXPECT_EQ(reason_of(judged(vector_, Digest::of("x"), trust, subject, at)),
            Reason::payload_mismatch);
  EXPECT_EQ(reason_of(judged(vector_, image, foreign, subject, at)), Reason::chain_untrusted);
  EXPECT_EQ(reason_of(judged(vector_, image, trust, "team-b@linuxera.org", at)),
            Reason::identity_mismatch);
  EXPECT_EQ(reason_of(judged(vector_, image, trust, subject, late)), Reason::chain_expired);
  EXPECT_EQ(reason_of(judged(vector_, image, trust, subject, early)), Reason::chain_expired);
}

TEST_P(RealSignatureTest, NeedsNoFetchOfALegacyPayload) {
  const auto manifest = parse_manifest(vector_.manifest, "");
  ASSERT_TRUE(manifest) << manifest.error().what();
  const Descriptor& layer = std::get<ImageManifest>(*manifest).layers.front();
  if (vector_.candidate.format == SignatureFormat::bundle) {
    const auto anywhere = Repository::parse("localhost:5900/example/app");
    ASSERT_TRUE(anywhere);
    EXPECT_FALSE(synthesise_payload(layer, *anywhere, vector_.image));
    return;
  }
  const auto repository = Repository::parse("localhost:5900/example/signingtest-" + GetParam());
  ASSERT_TRUE(repository) << repository.error().what();

  EXPECT_EQ(synthesise_payload(layer, *repository, vector_.image), *vector_.candidate.content);
}

INSTANTIATE_TEST_SUITE_P(Cosign, RealSignatureTest, testing::ValuesIn(test::vector_names()),
                         [](const auto& row) {
                           std::string name = row.param;
                           for (char& c : name)
                             c = c == '-' ? '_' : c;
                           return name;
                         });

}  // namespace
}  // namespace signet
