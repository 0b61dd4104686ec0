#include "core/sigstore/signed_entity.hpp"

#include "core/base/limits.hpp"
#include "core/base/text.hpp"
#include "core/sigstore/bundle.hpp"
#include "core/sigstore/fields.hpp"
#include "core/sigstore/intoto.hpp"

namespace signet {
namespace {

constexpr std::string_view kSignature = "dev.cosignproject.cosign/signature";
constexpr std::string_view kCertificate = "dev.sigstore.cosign/certificate";
constexpr std::string_view kChain = "dev.sigstore.cosign/chain";

Error invalid(std::string what) {
  return {Reason::signature_invalid, std::move(what)};
}

// security.md SR-12, before any annotation is parsed.
Result<void> check_annotations(const Annotations& annotations) {
  std::size_t total = 0;
  for (const auto& [name, value] : annotations)
    total += name.size() + value.size();
  if (total <= kAnnotationBytes) return {};
  return too_large(cat("annotations of more than ", std::to_string(kAnnotationBytes), " bytes"));
}

std::string_view annotation(const Candidate& candidate, std::string_view name) {
  const auto found = candidate.annotations.find(name);
  return found == candidate.annotations.end() ? std::string_view() : found->second;
}

// White space only is no certificate (verification.md A.4, case 24).
Result<std::vector<Certificate>> pem_annotation(const Candidate& candidate, std::string_view name,
                                                std::size_t most) {
  const std::string_view pem = annotation(candidate, name);
  if (pem.size() > kPemBytes) {
    return too_large(
        cat("annotation ", name, " of more than ", std::to_string(kPemBytes), " bytes"));
  }
  if (trim(pem).empty()) return std::vector<Certificate>();
  auto certificates = parse_certificates(pem, most);
  if (!certificates) {
    return told_as(certificates.error(), Reason::signature_invalid).under(cat("annotation ", name));
  }
  return certificates;
}

// The leaf, then the chain annotation in its own order. What stands behind the leaf in the
// certificate annotation is not carried (case 22), but counts towards the bound.
Result<std::vector<Certificate>> legacy_certificates(const Candidate& candidate) {
  auto leaf = pem_annotation(candidate, kCertificate, kCertificates);
  if (!leaf || leaf->empty()) return leaf;
  auto chain = pem_annotation(candidate, kChain, kCertificates - leaf->size());
  if (!chain) return chain;
  std::vector<Certificate> certificates = {std::move(leaf->front())};
  for (Certificate& certificate : *chain)
    certificates.push_back(std::move(certificate));
  return certificates;
}

Result<Blob> legacy_signature(const Candidate& candidate) {
  const auto found = candidate.annotations.find(kSignature);
  if (found == candidate.annotations.end()) {
    return invalid(cat("annotation ", kSignature, " is missing"));
  }
  // rulings.md 6: `cosign attach` stores what `base64` printed, line ends included.
  auto signature = decode_base64(found->second, Base64::with_lines, kSignatureBytes);
  if (!signature) {
    return told_as(signature.error(), Reason::signature_invalid)
        .under(cat("annotation ", kSignature));
  }
  if (signature->empty()) return invalid(cat("annotation ", kSignature, " is empty"));
  return signature;
}

Result<SignedEntity> parse_legacy(const Candidate& candidate, Material material) {
  if (candidate.content->size() > kPayloadBytes) {
    return too_large(cat("a payload of more than ", std::to_string(kPayloadBytes), " bytes"));
  }
  auto signature = legacy_signature(candidate);
  if (!signature) return signature.error();
  std::vector<Certificate> certificates;
  if (material == Material::certificate) {
    auto parsed = legacy_certificates(candidate);
    if (!parsed) return parsed.error();
    certificates = std::move(*parsed);
  }
  return SignedEntity{SignatureFormat::legacy, std::move(certificates), std::move(*signature),
                      *candidate.content, *candidate.content};
}

Result<std::vector<Certificate>> bundle_certificates(const std::vector<std::string>& texts) {
  std::vector<Certificate> certificates;
  for (const std::string& text : texts) {
    const auto der = decode_base64(text, Base64::any, kCertificateBytes);
    if (!der) {
      return told_as(der.error(), Reason::signature_invalid).under("certificate of the bundle");
    }
    auto certificate = Certificate::from_der(*der);
    if (!certificate) {
      return told_as(certificate.error(), Reason::signature_invalid)
          .under("certificate of the bundle");
    }
    certificates.push_back(std::move(*certificate));
  }
  return certificates;
}

Result<SignedEntity> parse_dsse_bundle(const Candidate& candidate, Material material) {
  auto bundle = parse_bundle(*candidate.content);
  if (!bundle) return told_as(bundle.error(), Reason::signature_invalid).under("bundle");
  Envelope& envelope = bundle->envelope;
  if (envelope.payload_type != kStatementPayloadType) {
    return Error(Reason::unsupported_format,
                 cat("bundle: a payload of type ", signet::quoted(envelope.payload_type, 80),
                     ", not an in-toto statement"));
  }
  std::vector<Certificate> certificates;
  if (material == Material::certificate) {
    auto parsed = bundle_certificates(bundle->certificates);
    if (!parsed) return parsed.error();
    certificates = std::move(*parsed);
  }
  Blob signed_bytes = pre_authentication_encoding(envelope.payload_type, envelope.payload);
  return SignedEntity{SignatureFormat::bundle, std::move(certificates),
                      std::move(envelope.signature), std::move(signed_bytes),
                      std::move(envelope.payload)};
}

}  // namespace

Result<SignedEntity> parse_signature(const Candidate& candidate, Material material) {
  if (!candidate.content) return candidate.content.error();
  const auto bounded = check_annotations(candidate.annotations);
  if (!bounded) return bounded.error();
  switch (candidate.format) {
    case SignatureFormat::bundle:
      return parse_dsse_bundle(candidate, material);
    case SignatureFormat::legacy:
      return parse_legacy(candidate, material);
  }
  return Error(Reason::internal, "a signature of no format");
}

}  // namespace signet
