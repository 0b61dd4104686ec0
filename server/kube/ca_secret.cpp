#include "server/kube/ca_secret.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/base/bytes.hpp"
#include "core/base/json.hpp"
#include "core/base/limits.hpp"
#include "core/base/text.hpp"

namespace signet {
namespace {

constexpr std::string_view kPublished = "signet.dev/next-published-at";
constexpr std::string_view kPromoted = "signet.dev/promoted-at";
constexpr std::string_view kRotate = "signet.dev/rotate";
constexpr std::size_t kBundleMost = 8;  // of a bundle that is written; what is oldest goes first

const Json* annotation_in(const Json& secret, std::string_view name) {
  const Json* const metadata = find_member(secret, "metadata");
  if (metadata == nullptr) return nullptr;
  const Json* const annotations = find_member(*metadata, "annotations");
  if (annotations == nullptr) return nullptr;
  const Json* const value = find_member(*annotations, name);
  return value != nullptr && value->is_string() ? value : nullptr;
}

// A time that cannot be read counts as none, and the step that writes it is done again.
std::optional<TimePoint> time_in(const Json& secret, std::string_view name) {
  const Json* const text = annotation_in(secret, name);
  if (text == nullptr) return std::nullopt;
  const auto at = parse_time(text->get_ref<const std::string&>());
  if (!at) return std::nullopt;
  return *at;
}

Result<std::string> data_in(const Json& secret, std::string_view key) {
  const auto data = object_member(secret, "data");
  if (!data) return data.error();
  const auto encoded = string_member(**data, key);
  if (!encoded) return encoded.error();
  auto decoded = unbase64(*encoded, Base64::standard);
  if (!decoded) return decoded.error().under(key);
  return decoded;
}

bool has_data(const Json& secret, std::string_view key) {
  const Json* const data = find_member(secret, "data");
  return data != nullptr && find_member(*data, key) != nullptr;
}

Result<ServingAuthority> authority_in(const Json& secret, const std::string& name) {
  const auto certificate = data_in(secret, name + ".crt");
  if (!certificate) return certificate.error();
  const auto key = data_in(secret, name + ".key");
  if (!key) return key.error();
  auto authority = parse_serving_authority(*certificate, *key);
  if (!authority) return authority.error().under(name);
  return authority;
}

void trust(std::vector<Certificate>& bundle, const Certificate& certificate) {
  if (bundle.size() == kBundleMost) return;
  if (std::find(bundle.begin(), bundle.end(), certificate) == bundle.end()) {
    bundle.push_back(certificate);
  }
}

// What signs and what will comes first, whatever else was there.
void order(CaSecret& secret) {
  const std::vector<Certificate> before = std::exchange(secret.bundle, {});
  trust(secret.bundle, secret.current.certificate);
  if (secret.next) trust(secret.bundle, secret.next->certificate);
  for (const Certificate& certificate : before)
    trust(secret.bundle, certificate);
}

Json annotations_of(const CaSecret& secret) {
  Json annotations = Json::object();
  if (secret.published) annotations[std::string(kPublished)] = format_time(*secret.published);
  if (secret.promoted) annotations[std::string(kPromoted)] = format_time(*secret.promoted);
  return annotations;
}

void put_authority(Json& data, const std::string& name, const ServingAuthority& authority) {
  const auto key = authority.key.pem();
  data[name + ".crt"] = base64(certificate_pem(authority.certificate));
  if (key) data[name + ".key"] = base64(*key);
}

}  // namespace

std::string CaSecret::bundle_pem() const {
  std::string pem;
  for (const Certificate& certificate : bundle)
    pem += certificate_pem(certificate);
  return pem;
}

CaSecret secret_of(ServingAuthority current) {
  std::vector<Certificate> bundle = {current.certificate};
  return CaSecret{
      std::move(current), std::nullopt, std::move(bundle), std::nullopt, std::nullopt, false, ""};
}

CaSecret trusting(CaSecret secret, const std::vector<Certificate>& trusted, TimePoint now) {
  const std::size_t before = secret.bundle.size();
  for (const Certificate& certificate : trusted)
    trust(secret.bundle, certificate);
  if (secret.bundle.size() > before) secret.promoted = now;
  return secret;
}

Result<CaSecret> parse_ca_secret(std::string_view json) {
  const auto secret = parse_json(json);
  if (!secret) return secret.error();
  auto current = authority_in(*secret, "ca");
  if (!current) return current.error();
  const auto pem = data_in(*secret, "ca-bundle.crt");
  if (!pem) return pem.error();
  auto bundle = parse_certificates(*pem, kTrustRootCertificates);
  if (!bundle) return bundle.error().under("ca-bundle.crt");
  CaSecret read{std::move(*current),         std::nullopt,
                std::move(*bundle),          time_in(*secret, kPublished),
                time_in(*secret, kPromoted), annotation_in(*secret, kRotate) != nullptr,
                resource_version_in(json)};
  if (has_data(*secret, "next-ca.crt")) {
    auto next = authority_in(*secret, "next-ca");
    if (!next) return next.error();
    read.next = std::move(*next);
  }
  order(read);
  return read;
}

std::string ca_secret_json(const std::string& ns, const std::string& name, const CaSecret& secret) {
  Json data = Json::object();
  put_authority(data, "ca", secret.current);
  if (secret.next) put_authority(data, "next-ca", *secret.next);
  data["ca-bundle.crt"] = base64(secret.bundle_pem());
  Json metadata = {{"name", name},
                   {"namespace", ns},
                   {"labels", {{"app.kubernetes.io/managed-by", "signet"}}},
                   {"annotations", annotations_of(secret)}};
  if (!secret.resource_version.empty()) metadata["resourceVersion"] = secret.resource_version;
  const Json object = {{"apiVersion", "v1"},
                       {"kind", "Secret"},
                       {"type", "Opaque"},
                       {"metadata", std::move(metadata)},
                       {"data", std::move(data)}};
  return object.dump();
}

std::string resource_version_in(std::string_view json) {
  const auto object = parse_json(json);
  if (!object) return "";
  const Json* const metadata = find_member(*object, "metadata");
  if (metadata == nullptr) return "";
  const auto version = string_member(*metadata, "resourceVersion");
  return version ? *version : "";
}

}  // namespace signet
