// Feeds a good signature of which one part was replaced or edited: it never verifies as anything
// but what was signed. Input: which part, how, and the new bytes or (place, place, mask) edits.
#include <cstdint>
#include <cstdlib>

#include "core/sigstore/verify.hpp"
#include "tests/fuzz/good_candidates.hpp"

namespace {

using namespace signet;

template <class T>
T wanted(Result<T> result) {
  if (!result) std::abort();
  return std::move(*result);
}

struct Good {
  Digest image;
  Candidate candidate;
  SignedEntity entity;
};

Good make_good(std::string_view image, Candidate candidate) {
  SignedEntity entity = wanted(parse_signature(candidate, Material::certificate));
  return {wanted(Digest::parse(image)), std::move(candidate), std::move(entity)};
}

const Good& legacy() {
  static const Good good =
      make_good(fuzz::kLegacyImage,
                {SignatureFormat::legacy,
                 "fuzz",
                 {{"dev.cosignproject.cosign/signature", std::string(fuzz::kLegacySignature)},
                  {"dev.sigstore.cosign/certificate", std::string(fuzz::kLegacyCertificate)},
                  {"dev.sigstore.cosign/chain", std::string(fuzz::kLegacyChain)}},
                 Blob(fuzz::kLegacyPayload)});
  return good;
}

const Good& bundle() {
  static const Good good =
      make_good(fuzz::kBundleImage, {SignatureFormat::bundle, "fuzz", {}, Blob(fuzz::kBundle)});
  return good;
}

std::string& part_of(Candidate& candidate, unsigned which) {
  const std::size_t parts = candidate.annotations.size() + 1;
  std::size_t at = which % parts;
  if (at == 0) return *candidate.content;
  auto annotation = candidate.annotations.begin();
  while (--at > 0)
    ++annotation;
  return annotation->second;
}

void change(std::string& part, bool replace, Bytes input) {
  if (replace) {
    part.assign(input);
    return;
  }
  for (; input.size() >= 3; input.remove_prefix(3)) {
    const std::size_t place =
        static_cast<unsigned char>(input[0]) * 256u + static_cast<unsigned char>(input[1]);
    part[place % part.size()] = static_cast<char>(part[place % part.size()] ^ input[2]);
  }
}

Result<VerifiedSignature> verified(const SignedEntity& entity, const Digest& image) {
  static const Trust trust = [] {
    Trust made;
    made.authorities.emplace_back();
    made.authorities.front().anchors = wanted(parse_certificates(fuzz::kRoot, 1));
    return made;
  }();
  CertificateRules rules;
  rules.accept = [](const Identity& identity, const Path&) -> Result<std::string> {
    for (const SubjectName& subject : identity.subjects) {
      if (subject.value == fuzz::kSubject) return subject.value;
    }
    return Error(Reason::identity_mismatch, "somebody else");
  };
  return verify_by_certificate(entity, image, trust, rules, wanted(parse_time(fuzz::kAt)));
}

bool same_signature(const SignedEntity& a, const SignedEntity& b) {
  return a.signature == b.signature && a.signed_bytes == b.signed_bytes && a.claims == b.claims &&
         a.certificates.front() == b.certificates.front();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const Bytes input(reinterpret_cast<const char*>(data) + 2, size - 2);
  const Good& good = data[0] % 2 == 0 ? legacy() : bundle();
  static const bool sound = verified(legacy().entity, legacy().image).has_value() &&
                            verified(bundle().entity, bundle().image).has_value();
  if (!sound) std::abort();
  Candidate candidate = good.candidate;
  change(part_of(candidate, data[0] / 2u), data[1] % 2 == 0, input);

  const auto entity = parse_signature(candidate, Material::certificate);
  if (!entity) return 0;
  const auto result = verified(*entity, good.image);
  if (result && !same_signature(*entity, good.entity)) std::abort();
  return 0;
}
