// Bytes flipped in every stored object of a good image. A flip may go unnoticed only where it is
// outside of what was signed or read: then signature, signed bytes, certificates of the path and
// claims are the very same.

#include <gtest/gtest.h>

#include <random>

#include "core/oci/manifest.hpp"
#include "core/sigstore/verify.hpp"
#include "tests/core/sigstore/signer.hpp"
#include "tests/core/sigstore/vectors.hpp"

namespace signet {
namespace {

using test::Vector;

// 10,000 for the two signatures together.
constexpr int kStoredFlips = 2'500;
constexpr int kContentFlips = 1'500;
constexpr int kAnnotationFlips = 1'000;

// What lies in a registry for one signature.
struct Stored {
  Blob manifest;
  Blob blob;
};

class Flipper {
 public:
  explicit Flipper(unsigned seed) : random_(seed) {}

  std::size_t below(std::size_t bound) { return random_() % bound; }
  // One bit, or a whole byte, at a random place; gives the place.
  std::size_t flip(std::string& text) {
    const std::size_t at = below(text.size());
    const auto mask = below(2) == 0 ? 1u << below(8) : 1u + static_cast<unsigned>(below(255));
    text[at] = static_cast<char>(static_cast<unsigned char>(text[at]) ^ mask);
    return at;
  }

 private:
  std::mt19937_64 random_;
};

struct Judgement {
  SignedEntity entity;
  VerifiedSignature verified;
};

std::optional<Judgement> judge(const Candidate& candidate, const Vector& vector) {
  auto entity = parse_signature(candidate, Material::certificate);
  if (!entity) return std::nullopt;
  auto verified = verify_by_certificate(*entity, vector.image, vector.trust,
                                        test::accept_subject(vector.subject), vector.at);
  if (!verified) return std::nullopt;
  return Judgement{std::move(*entity), std::move(*verified)};
}

// What a gatherer makes of the stored bytes: the first layer, its blob checked against it.
std::optional<Candidate> gathered(const Stored& stored, const Vector& vector) {
  const auto manifest = parse_manifest(stored.manifest, "");
  if (!manifest || !std::holds_alternative<ImageManifest>(*manifest)) return std::nullopt;
  const auto& image = std::get<ImageManifest>(*manifest);
  if (image.layers.size() != 1) return std::nullopt;
  const Descriptor& layer = image.layers.front();
  if (layer.size != stored.blob.size() || layer.digest != Digest::of(stored.blob)) {
    return std::nullopt;
  }
  const bool bundle = vector.candidate.format == SignatureFormat::bundle;
  if (bundle && (!image.subject || image.subject->digest != vector.image)) return std::nullopt;
  return Candidate{vector.candidate.format, "flipped",
                   bundle ? image.annotations : layer.annotations, stored.blob};
}

void expect_the_same(const Judgement& flipped, const Judgement& good) {
  EXPECT_EQ(flipped.entity.signature, good.entity.signature);
  EXPECT_EQ(flipped.entity.signed_bytes, good.entity.signed_bytes);
  EXPECT_EQ(flipped.entity.claims, good.entity.claims);
  EXPECT_EQ(flipped.verified.path->certificates, good.verified.path->certificates);
  EXPECT_EQ(flipped.verified.key.spki(), good.verified.key.spki());
  EXPECT_EQ(flipped.verified.claims.image, good.verified.claims.image);
  EXPECT_EQ(flipped.verified.claims.docker_reference, good.verified.claims.docker_reference);
  EXPECT_EQ(flipped.verified.claims.annotations, good.verified.claims.annotations);
  EXPECT_EQ(flipped.verified.matched, good.verified.matched);
}

class FlipTest : public testing::TestWithParam<const char*> {
 protected:
  const Vector vector_ = test::load_vector(GetParam());
  const std::optional<Judgement> good_ = judge(vector_.candidate, vector_);
};

TEST_P(FlipTest, StoredBytesNeverVerifyAsAnythingElse) {
  ASSERT_TRUE(good_);
  const Stored stored = {vector_.manifest, *vector_.candidate.content};
  ASSERT_TRUE(gathered(stored, vector_));
  Flipper flipper(20261123);
  int unnoticed = 0;
  for (int i = 0; i < kStoredFlips; ++i) {
    Stored flipped = stored;
    const bool in_blob = flipper.below(4) == 0;
    const std::size_t at = flipper.flip(in_blob ? flipped.blob : flipped.manifest);
    const auto candidate = gathered(flipped, vector_);
    const auto judgement = candidate ? judge(*candidate, vector_) : std::nullopt;
    if (!judgement) continue;
    ++unnoticed;
    SCOPED_TRACE("flip " + std::to_string(i) + " at byte " + std::to_string(at));
    EXPECT_FALSE(in_blob) << "the digest of a blob is part of the manifest";
    expect_the_same(*judgement, *good_);
  }
  EXPECT_LT(unnoticed, kStoredFlips / 2);
}

TEST_P(FlipTest, ContentNeverVerifiesAsAnythingElse) {
  ASSERT_TRUE(good_);
  Flipper flipper(4711);
  int unnoticed = 0;
  for (int i = 0; i < kContentFlips; ++i) {
    Candidate flipped = vector_.candidate;
    const std::size_t at = flipper.flip(*flipped.content);
    const auto judgement = judge(flipped, vector_);
    if (!judgement) continue;
    ++unnoticed;
    SCOPED_TRACE("flip " + std::to_string(i) + " at byte " + std::to_string(at));
    expect_the_same(*judgement, *good_);
  }
  const bool bundle = vector_.candidate.format == SignatureFormat::bundle;
  EXPECT_LE(unnoticed, bundle ? kContentFlips / 20 : 0) << "every byte of a payload is signed";
}

TEST_P(FlipTest, AnnotationsNeverVerifyAsAnythingElse) {
  ASSERT_TRUE(good_);
  Flipper flipper(815);
  const int flips = kAnnotationFlips / static_cast<int>(vector_.candidate.annotations.size());
  for (const auto& [name, value] : vector_.candidate.annotations) {
    int unnoticed = 0;
    for (int i = 0; i < flips; ++i) {
      Candidate flipped = vector_.candidate;
      const std::size_t at = flipper.flip(flipped.annotations.find(name)->second);
      const auto judgement = judge(flipped, vector_);
      if (!judgement) continue;
      ++unnoticed;
      SCOPED_TRACE(name + ", flip " + std::to_string(i) + " at byte " + std::to_string(at));
      expect_the_same(*judgement, *good_);
    }
    if (name == test::kSignatureAnnotation) {
      EXPECT_EQ(unnoticed, 0);
    }
    if (name == test::kCertificateAnnotation) {
      EXPECT_LT(unnoticed, flips / 10);
    }
    if (vector_.candidate.format == SignatureFormat::bundle) {
      EXPECT_EQ(unnoticed, flips) << "annotations of a bundle are never read";
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Cosign, FlipTest, testing::Values("cosign1-cfssl", "cosign3-bundle-cfssl"),
                         [](const auto& row) {
                           std::string name = row.param;
                           for (char& c : name)
                             c = c == '-' ? '_' : c;
                           return name;
                         });

}  // namespace
}  // namespace signet
