#include "tests/core/sigstore/signer.hpp"

#include <cstdlib>
#include <iostream>

#include "core/base/text.hpp"
#include "core/sigstore/dsse.hpp"
#include "core/sigstore/intoto.hpp"

namespace signet::test {
namespace {

constexpr std::string_view kIssuer = "https://linuxera.org";

template <class T>
T made(Result<T> result) {
  if (!result) {
    std::cerr << "cannot make test material: " << result.error().what() << "\n";
    std::abort();
  }
  return std::move(*result);
}

CertificateTemplate content_of(std::string name, bool ca) {
  CertificateTemplate content;
  content.common_name = std::move(name);
  content.not_before = made(parse_time("2026-01-01T00:00:00Z"));
  content.not_after = made(parse_time("2050-01-01T00:00:00Z"));
  content.ca = ca;
  return content;
}

KeyPair make_root() {
  auto key = made(PrivateKey::generate());
  auto certificate = made(issue(content_of("Test Root", true), key, {}));
  return {key, certificate};
}

KeyPair make_under(const KeyPair& issuer, const CertificateTemplate& content) {
  auto key = made(PrivateKey::generate());
  auto certificate = made(issue(content, key, {&issuer.certificate, &issuer.key}));
  return {key, certificate};
}

CertificateTemplate leaf_content() {
  CertificateTemplate content = content_of("Team A", false);
  content.alternative_names = "email:team-a@linuxera.org";
  content.extensions = {{"1.3.6.1.4.1.57264.1.1", std::string(kIssuer)}};
  return content;
}

}  // namespace

Signer::Signer()
    : root_(make_root()),
      intermediate_(make_under(root_, content_of("Test Intermediate", true))),
      leaf_(make_under(intermediate_, leaf_content())) {}

TimePoint Signer::at() const {
  return made(parse_time("2026-06-01T00:00:00Z"));
}

KeyPair Signer::issue_leaf(std::string alternative_names,
                           std::vector<std::pair<std::string, std::string>> extensions) const {
  CertificateTemplate content = content_of("Another Leaf", false);
  content.alternative_names = std::move(alternative_names);
  content.extensions = std::move(extensions);
  return make_under(intermediate_, content);
}

Trust Signer::trust() const {
  Trust trust;
  trust.authorities.emplace_back();
  trust.authorities.front().anchors = {root_.certificate};
  return trust;
}

Candidate Signer::legacy_by(const KeyPair& leaf, Blob payload) const {
  const std::string chain =
      certificate_pem(intermediate_.certificate) + certificate_pem(root_.certificate);
  Annotations annotations = {
      {std::string(kSignatureAnnotation), base64(made(leaf.key.sign(payload)))},
      {std::string(kCertificateAnnotation), certificate_pem(leaf.certificate)},
      {std::string(kChainAnnotation), chain},
  };
  return {SignatureFormat::legacy, "layer 0", std::move(annotations), std::move(payload)};
}

Candidate Signer::bundle(Blob statement) const {
  const Blob encoding = pre_authentication_encoding(kStatementPayloadType, statement);
  const Blob signature = made(leaf_.key.sign(encoding));
  Blob json =
      bundle_json("application/vnd.dev.sigstore.bundle.v0.3+json",
                  chain_json({leaf_.certificate, intermediate_.certificate}),
                  "\"dsseEnvelope\":" + envelope_json(kStatementPayloadType, statement, signature));
  return {SignatureFormat::bundle, "referrer 0", {}, std::move(json)};
}

const Signer& signer() {
  static const Signer made_once;
  return made_once;
}

Digest image() {
  return Digest::of("the image");
}

Digest other_image() {
  return Digest::of("another image");
}

Blob payload_for(const Digest& image) {
  return cat(R"({"critical":{"identity":{"docker-reference":"quay.io/example/app"},)",
             R"("image":{"docker-manifest-digest":")", image.str(),
             R"("},"type":"cosign container image signature"},"optional":{"env":"prod"}})");
}

Blob statement_for(const Digest& image) {
  return cat(R"({"_type":"https://in-toto.io/Statement/v1","subject":[{"digest":{"sha256":")",
             image.hex_part(), R"("},"annotations":{"env":"prod"}}],)",
             R"("predicateType":"https://sigstore.dev/cosign/sign/v1","predicate":{}})");
}

Blob bundle_json(std::string_view media_type, std::string_view material, std::string_view content) {
  return cat(R"({"mediaType":")", media_type, R"(","verificationMaterial":{)", material, "},",
             content, "}");
}

std::string envelope_json(std::string_view type, Bytes payload, Bytes signature) {
  return cat(R"({"payload":")", base64(payload), R"(","payloadType":")", type,
             R"(","signatures":[{"sig":")", base64(signature), R"("}]})");
}

std::string chain_json(const std::vector<Certificate>& certificates) {
  std::vector<std::string> members;
  for (const Certificate& certificate : certificates) {
    members.push_back(cat(R"({"rawBytes":")", base64(certificate.der()), R"("})"));
  }
  return cat(R"("x509CertificateChain":{"certificates":[)", join(members, ","), "]}");
}

CertificateRules accept_subject(std::string wanted) {
  CertificateRules rules;
  rules.accept = [wanted](const Identity& identity, const Path&) -> Result<std::string> {
    for (const SubjectName& subject : identity.subjects) {
      if (subject.value == wanted) return wanted;
    }
    return Error(Reason::identity_mismatch, identity.str() + " is not " + wanted);
  };
  return rules;
}

}  // namespace signet::test
