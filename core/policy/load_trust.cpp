#include "core/base/limits.hpp"
#include "core/base/text.hpp"
#include "core/policy/load_parts.hpp"

namespace signet {
namespace {

std::vector<Certificate> load_certificates(const Field& source) {
  const auto pem = load_contents(source, kTrustPemBytes);
  if (!pem) return {};
  auto certificates = parse_certificates(*pem, kTrustRootCertificates);
  if (!certificates) {
    source.issue(certificates.error().what());
    return {};
  }
  for (const Certificate& certificate : *certificates) {
    if (certificate.is_ca()) continue;
    source.issue(cat("the certificate of ", quoted(certificate.subject(), 120),
                     " is not a CA certificate; only CAs stand here"));
  }
  return std::move(*certificates);
}

std::vector<Crl> load_crls(const Field& source) {
  const auto bytes = load_contents(source, kCrlBytes);
  if (!bytes) return {};
  auto crls = parse_crls(*bytes);
  if (crls) return std::move(*crls);
  source.issue(crls.error().what());
  return {};
}

Validity load_validity(const Field& window) {
  Validity validity;
  if (!window || !window.is_map_of({"start", "end"})) return validity;
  validity.start = window["start"].time();
  validity.end = window["end"].time();
  if (!window["start"] && !window["end"]) window.issue("needs start, end or both");
  if (validity.start && validity.end && *validity.start > *validity.end) {
    window.issue("ends before it starts");
  }
  return validity;
}

CertificateAuthority load_ca(const Field& ca) {
  CertificateAuthority authority;
  if (ca["roots"].required("name the root certificates: {pem: ...} or {file: ...}")) {
    authority.anchors = load_certificates(ca["roots"]);
  }
  if (ca["intermediates"]) authority.intermediates = load_certificates(ca["intermediates"]);
  authority.valid_for = load_validity(ca["validFor"]);
  if (ca["crls"]) authority.crls = load_crls(ca["crls"]);
  return authority;
}

void load_chain(const Field& chain, Trust& trust) {
  if (!chain || !chain.is_map_of({"annotation", "maxIntermediates"})) return;
  trust.carried_intermediates = chain["annotation"].boolean().value_or(true);
  trust.max_intermediates =
      chain["maxIntermediates"].number(0, kMaxIntermediates).value_or(kMaxIntermediates);
}

// `revocation` and `chain`, for the authorities that were read.
void load_rules(const Field& spec, Trust& trust) {
  bool any_crl = false;
  std::size_t certificates = 0;
  for (const CertificateAuthority& authority : trust.authorities) {
    any_crl = any_crl || !authority.crls.empty();
    certificates += authority.anchors.size() + authority.intermediates.size();
  }
  if (certificates > kTrustRootCertificates) {
    spec.issue(cat("has ", std::to_string(certificates), " certificates, more than ",
                   std::to_string(kTrustRootCertificates)));
  }
  trust.revocation = any_crl ? Revocation::require : Revocation::off;
  if (const auto word = spec["revocation"].one_of({"off", "bestEffort", "require"})) {
    trust.revocation = static_cast<Revocation>(*word);
  }
  load_chain(spec["chain"], trust);
}

}  // namespace

std::optional<Blob> load_contents(const Field& source, std::size_t most) {
  if (!source.is_map_of({"pem", "file"})) return std::nullopt;
  const Field pem = source["pem"];
  const Field file = source["file"];
  if (pem.present() == file.present()) {
    source.issue(pem ? "has both pem and file; keep one" : "needs `pem` or `file`");
    return std::nullopt;
  }
  if (pem) return pem.text();
  const auto path = file.text();
  if (!path) return std::nullopt;
  if (!source.document().read_file) {
    file.issue("no file can be read here; write `pem`");
    return std::nullopt;
  }
  auto contents = source.document().read_file(source.document().file, *path);
  if (!contents) {
    file.issue(contents.error().what());
    return std::nullopt;
  }
  if (contents->size() <= most) return std::move(*contents);
  file.issue(cat(quoted(*path, 120), " is longer than ", std::to_string(most), " bytes"));
  return std::nullopt;
}

Trust load_trust(const Field& spec) {
  Trust trust;
  if (!spec.is_map_of({"certificateAuthorities", "revocation", "chain"})) return trust;
  const Field authorities = spec["certificateAuthorities"];
  if (authorities.required("name at least one CA with its roots")) {
    for (const Field& ca : authorities.items(kTrustRootCertificates)) {
      if (!ca.is_map_of({"roots", "intermediates", "validFor", "crls"})) continue;
      trust.authorities.push_back(load_ca(ca));
    }
  }
  load_rules(spec, trust);
  return trust;
}

std::shared_ptr<const Trust> load_inline_trust(const Field& certificate) {
  Trust trust;
  trust.authorities.push_back(load_ca(certificate));
  load_rules(certificate, trust);
  return std::make_shared<const Trust>(std::move(trust));
}

}  // namespace signet
