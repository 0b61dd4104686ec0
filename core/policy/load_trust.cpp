#include <algorithm>

#include "core/base/limits.hpp"
#include "core/base/text.hpp"
#include "core/policy/load_parts.hpp"

namespace signet {
namespace {

// policy.md 4.
constexpr const char* kOfTheCluster =
    "stands in a TrustRoot or ClusterTrustPolicy only: what a TrustPolicy trusts is written into "
    "it, or in the TrustRoot that it refers to";

Result<Blob> read_material(const Field& field, const MaterialRef& wanted) {
  Document& document = field.document();
  document.material.push_back(wanted);
  if (document.read) return document.read(document.file, wanted);
  return Error(Reason::policy_invalid, "nothing can be read here; write `pem`");
}

// What `read` gives, bounded.
std::optional<Blob> load_named(const Field& field, const MaterialRef& wanted, std::size_t most) {
  auto contents = read_material(field, wanted);
  if (!contents) {
    const bool missing = contents.error().reason() == Reason::config_not_ready;
    missing ? field.missing_material(contents.error().what())
            : field.issue(contents.error().what());
    return std::nullopt;
  }
  if (contents->size() <= most) return std::move(*contents);
  field.issue(cat(quoted(wanted.name, 120), " is longer than ", std::to_string(most), " bytes"));
  return std::nullopt;
}

// A key of an object in the release namespace.
std::optional<Blob> load_reference(const Field& field, MaterialRef::Kind kind, std::size_t most) {
  if (field.document().namespaced) {
    field.issue(kOfTheCluster);
    return std::nullopt;
  }
  if (!field.is_map_of({"name", "key"})) return std::nullopt;
  const bool whole = field["name"].required("name an object of the release namespace") &&
                     field["key"].required("name a key of its data");
  const auto name = field["name"].text();
  const auto key = field["key"].text();
  if (!whole || !name || !key) return std::nullopt;
  if (!is_object_name(*name)) {
    field["name"].issue(cat(quoted(*name, 80), " is not the name of an object"));
    return std::nullopt;
  }
  return load_named(field, {kind, *name, *key}, most);
}

// `pem`, `file`, `secretRef` or `configMapRef`.
std::optional<Blob> load_one_of(const Field& source, std::size_t most) {
  const Field pem = source["pem"];
  const Field file = source["file"];
  const Field secret = source["secretRef"];
  const Field config_map = source["configMapRef"];
  const int given = pem.present() + file.present() + secret.present() + config_map.present();
  if (given != 1) {
    const bool both = given == 2 && pem && file;
    source.issue(both        ? "has both pem and file; keep one"
                 : given > 1 ? "has more than one of pem, file, secretRef, configMapRef; keep one"
                             : "needs `pem` or `file`, or in a cluster `secretRef` or "
                               "`configMapRef`");
    return std::nullopt;
  }
  if (pem) return pem.text();
  if (secret) return load_reference(secret, MaterialRef::Kind::secret, most);
  if (config_map) return load_reference(config_map, MaterialRef::Kind::config_map, most);
  const auto path = file.text();
  if (!path) return std::nullopt;
  return load_named(file, {MaterialRef::Kind::file, *path, ""}, most);
}

std::vector<Certificate> load_certificates(const Field& source) {
  const auto pem = load_contents(source, kTrustPemBytes);
  if (!pem) return {};
  auto certificates = parse_certificates(*pem, kTrustRootCertificates);
  if (!certificates) {
    source.issue(
        cat(certificates.error().what(), cure_of_pem(certificates.error(), *pem, "CERTIFICATE")));
    return {};
  }
  for (const Certificate& certificate : *certificates) {
    if (certificate.is_ca()) continue;
    source.issue(cat("the certificate of ", quoted(certificate.subject(), 120),
                     " is not a CA certificate; put that of the CA which issued it here, and who "
                     "may sign under `identities`"));
  }
  return std::move(*certificates);
}

void add_crls(const Field& field, const Blob& bytes, std::vector<Crl>& crls) {
  auto parsed = parse_crls(bytes);
  if (!parsed) return field.issue(parsed.error().what());
  crls.insert(crls.end(), parsed->begin(), parsed->end());
}

bool is_crl_url(std::string_view text) {
  const bool plain = std::all_of(
      text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~' && c != '@' && c != '#'; });
  const auto host = text.starts_with("https://")  ? text.substr(8)
                    : text.starts_with("http://") ? text.substr(7)
                                                  : std::string_view();
  return plain && !host.empty() && host.front() != '/' && text.size() <= kUrlBytes;
}

// A CRL that was not fetched yet is missing, and `revocation` says what that means.
void load_crl_urls(const Field& urls, CertificateAuthority& authority) {
  for (const Field& item : urls.items(kCrlUrls)) {
    const auto url = item.text();
    if (!url) continue;
    if (!is_crl_url(*url)) {
      item.issue(cat(quoted(*url, 120), " is not an http or https URL of a CRL"));
      continue;
    }
    authority.crl_urls.push_back(*url);
    const auto bytes = read_material(item, {MaterialRef::Kind::url, *url, ""});
    if (bytes) add_crls(item, *bytes, authority.crls);
  }
}

void load_crls(const Field& source, CertificateAuthority& authority) {
  if (!source.is_map_of({"pem", "file", "secretRef", "configMapRef", "urls"})) return;
  const Field urls = source["urls"];
  if (urls && source.document().namespaced) {
    urls.issue(kOfTheCluster);
  } else if (urls) {
    load_crl_urls(urls, authority);
  }
  const bool urls_alone =
      urls && !source["pem"] && !source["file"] && !source["secretRef"] && !source["configMapRef"];
  if (urls_alone) return;
  const auto bytes = load_one_of(source, kCrlBytes);
  if (bytes) add_crls(source, *bytes, authority.crls);
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
  if (ca["crls"]) load_crls(ca["crls"], authority);
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
    any_crl = any_crl || !authority.crls.empty() || !authority.crl_urls.empty();
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

std::string_view cure_of_pem(const Error& error, std::string_view text, std::string_view wanted) {
  if (error.reason() == Reason::cert_profile)
    return "";  // well-formed, and it says what is allowed
  const auto holds = [&](std::string_view label) { return text.find(label) != text.npos; };
  if (holds("PRIVATE KEY-----")) {
    return "; take it out and make a new one, for it is no secret any more: a policy holds public "
           "keys and certificates";
  }
  if (wanted == "PUBLIC KEY" && holds("BEGIN CERTIFICATE-----")) {
    return "; put the certificate under `certificate: {roots: ...}`, or take its key out of it "
           "with openssl x509 -pubkey";
  }
  if (wanted == "CERTIFICATE" && holds("PUBLIC KEY-----")) {
    return "; put a public key under `key`";
  }
  if (holds("-----\\n")) {
    return "; its line breaks are the letters \\n: write `pem: |` and the lines of the block below";
  }
  return holds("-----BEGIN ")
             ? "; paste it again under `pem: |`: whole blocks, from BEGIN to END, and nothing else"
             : "; paste a block that begins with -----BEGIN under `pem: |`, or name its file with "
               "`file`";
}

std::optional<Blob> load_contents(const Field& source, std::size_t most) {
  if (!source.is_map_of({"pem", "file", "secretRef", "configMapRef"})) return std::nullopt;
  return load_one_of(source, most);
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
