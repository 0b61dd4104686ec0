#include "server/cli/demo_world.hpp"

#include <nlohmann/json.hpp>

#include "core/base/text.hpp"
#include "core/crypto/issuer.hpp"
#include "core/oci/links.hpp"
#include "server/cli/layout_writer.hpp"

namespace signet {
namespace {

using std::chrono::days;

constexpr std::string_view kRepository = "registry.example/shop";
constexpr std::string_view kIssuer = "https://linuxera.org";

// A Root CA with one intermediate.
struct Pki {
  Certificate root;
  PrivateKey root_key;
  Certificate intermediate;
  PrivateKey intermediate_key;
};

// Who signs an image, and with which certificates the signature is stored.
struct Signer {
  Certificate leaf;
  PrivateKey key;
  std::string chain;  // PEM: intermediate and root
};

CertificateTemplate ca_template(std::string name, int path_length, TimePoint now) {
  CertificateTemplate content;
  content.common_name = std::move(name);
  content.not_before = now - days(400);
  content.not_after = now + days(3650);
  content.ca = true;
  content.path_length = path_length;
  return content;
}

Result<Pki> make_pki(std::string_view organisation, TimePoint now) {
  auto root_key = PrivateKey::generate();
  auto intermediate_key = PrivateKey::generate();
  if (!root_key) return root_key.error();
  if (!intermediate_key) return intermediate_key.error();
  auto root = issue(ca_template(cat(organisation, " Root CA"), -1, now), *root_key, Issuer{});
  if (!root) return root.error();
  const Issuer by_root{&*root, &*root_key};
  auto intermediate =
      issue(ca_template(cat(organisation, " Signing CA"), 1, now), *intermediate_key, by_root);
  if (!intermediate) return intermediate.error();
  return Pki{*root, *root_key, *intermediate, *intermediate_key};
}

Result<Signer> make_signer(const Pki& pki, std::string_view team, Validity validity) {
  CertificateTemplate content;
  content.common_name = std::string(team);
  content.not_before = *validity.start;
  content.not_after = *validity.end;
  content.alternative_names = cat("email:", team, "@linuxera.org");
  // Fulcio's issuer extensions: .1.1 holds raw bytes, .1.8 a DER UTF8String.
  const std::string der = cat("\x0c", std::string(1, static_cast<char>(kIssuer.size())), kIssuer);
  content.extensions = {{"1.3.6.1.4.1.57264.1.1", std::string(kIssuer)},
                        {"1.3.6.1.4.1.57264.1.8", der}};
  auto key = PrivateKey::generate();
  if (!key) return key.error();
  auto leaf = issue(content, *key, Issuer{&pki.intermediate, &pki.intermediate_key});
  if (!leaf) return leaf.error();
  return Signer{*leaf, *key, cat(certificate_pem(pki.intermediate), certificate_pem(pki.root))};
}

// The payload that cosign signs for an image.
std::string payload_for(const Digest& image) {
  return cat(R"({"critical":{"identity":{"docker-reference":")", kRepository,
             R"("},"image":{"docker-manifest-digest":")", image.str(),
             R"("},"type":"cosign container image signature"},"optional":null})");
}

Result<Descriptor> add_image(LayoutWriter& layout, const std::string& tag) {
  const Json config_json = {{"architecture", "amd64"}, {"os", "linux"}, {"config", Json::object()}};
  auto config = layout.add_blob(config_json.dump(), "application/vnd.oci.image.config.v1+json");
  if (!config) return config;
  auto layer =
      layout.add_blob(cat("the files of ", tag, "\n"), "application/vnd.oci.image.layer.v1.tar");
  if (!layer) return layer;
  const Json manifest = {{"schemaVersion", 2},
                         {"mediaType", "application/vnd.oci.image.manifest.v1+json"},
                         {"config", descriptor_json(*config)},
                         {"layers", Json::array({descriptor_json(*layer)})}};
  return layout.add_manifest(manifest, tag);
}

// What `cosign sign` stores: the payload as a layer, signature and certificates as its annotations.
Result<void> add_signature(LayoutWriter& layout, const Digest& image, const Signer& signer,
                           const std::string& signed_payload) {
  auto signature = signer.key.sign(signed_payload);
  if (!signature) return signature.error();
  auto layer =
      layout.add_blob(payload_for(image), "application/vnd.dev.cosign.simplesigning.v1+json");
  if (!layer) return layer.error();
  layer->annotations.insert_or_assign("dev.cosignproject.cosign/signature", base64(*signature));
  layer->annotations.insert_or_assign("dev.sigstore.cosign/certificate",
                                      certificate_pem(signer.leaf));
  layer->annotations.insert_or_assign("dev.sigstore.cosign/chain", signer.chain);
  auto config = layout.add_blob("{}", "application/vnd.oci.image.config.v1+json");
  if (!config) return config.error();
  const Json manifest = {{"schemaVersion", 2},
                         {"mediaType", "application/vnd.oci.image.manifest.v1+json"},
                         {"config", descriptor_json(*config)},
                         {"layers", Json::array({descriptor_json(*layer)})}};
  auto added = layout.add_manifest(manifest, signature_tag(image));
  if (!added) return added.error();
  return {};
}

std::string indented(std::string_view text) {
  std::string lines;
  for (const std::string_view line : split(trim(text), '\n'))
    lines += cat("            ", line, "\n");
  return lines;
}

std::string policy_for(const Certificate& root) {
  return cat(R"(apiVersion: signet.dev/v1alpha1
kind: TrustRoot
metadata: {name: linuxera}
spec:
  certificateAuthorities:
    - roots:
        pem: |
)",
             indented(certificate_pem(root)), R"(---
apiVersion: signet.dev/v1alpha1
kind: ClusterTrustPolicy
metadata: {name: shop}
spec:
  match:
    images: ["registry.example/**"]
  authorities:
    - name: team-a
      certificate:
        trustRootRef: {name: linuxera}
        identities:
          - subject: team-a@linuxera.org
            issuer: https://linuxera.org
  message: "ask #team-platform"
)");
}

// One image of the show: who signs it, and whether the payload is changed afterwards.
struct Scene {
  std::string tag;
  std::string story;
  const Signer* signer = nullptr;
  bool tampered = false;
  bool admitted = false;
};

Result<void> play(LayoutWriter& layout, const Scene& scene) {
  auto image = add_image(layout, scene.tag);
  if (!image) return image.error();
  if (scene.signer == nullptr) return {};
  const std::string payload =
      payload_for(scene.tampered ? Digest::of("another image") : image->digest);
  return add_signature(layout, image->digest, *scene.signer, payload);
}

}  // namespace

Result<DemoWorld> make_demo_world(const std::string& directory, TimePoint now) {
  auto ours = make_pki("Linuxera", now);
  auto theirs = make_pki("Linuxera", now);
  if (!ours) return ours.error();
  if (!theirs) return theirs.error();
  const Validity year{now - days(30), now + days(335)};
  const Validity past{now - days(395), now - days(30)};
  auto team_a = make_signer(*ours, "team-a", year);
  auto team_b = make_signer(*ours, "team-b", year);
  auto late = make_signer(*ours, "team-a", past);
  auto foreign = make_signer(*theirs, "team-a", year);
  for (const auto* signer : {&team_a, &team_b, &late, &foreign}) {
    if (!*signer) return signer->error();
  }
  const std::vector<Scene> scenes = {
      {"signed", "team A signed it under the own Root CA", &*team_a, false, true},
      {"unsigned", "nobody signed it", nullptr, false, false},
      {"foreign-ca", "signed as team A, under a foreign CA of the same name", &*foreign, false,
       false},
      {"wrong-identity", "team B signed it", &*team_b, false, false},
      {"expired", "team A signed it with a certificate that has expired", &*late, false, false},
      {"tampered", "a signature of team A with a changed payload", &*team_a, true, false},
  };
  LayoutWriter layout(directory);
  DemoWorld world{std::string(kRepository), policy_for(ours->root), {}};
  for (const Scene& scene : scenes) {
    auto played = play(layout, scene);
    if (!played) return played.error();
    world.images.push_back(
        DemoImage{cat(kRepository, ":", scene.tag), scene.story, scene.admitted});
  }
  auto finished = layout.finish();
  if (!finished) return finished.error();
  return world;
}

}  // namespace signet
