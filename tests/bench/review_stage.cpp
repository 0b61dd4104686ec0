// What review_bench.py reviews: review_stage DIRECTORY COUNT writes OCI layouts of that many
// images, signed by 50 teams under one Root CA, in DIRECTORY/team-N, and the policies for them in
// DIRECTORY/policy.yaml. Every ninth image is not signed.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

#include "core/base/text.hpp"
#include "core/crypto/issuer.hpp"
#include "core/oci/links.hpp"
#include "server/cli/layout_writer.hpp"

namespace {

using namespace signet;
using std::chrono::days;

constexpr std::size_t kTeams = 50;
constexpr std::size_t kUnsigned = 9;
constexpr std::string_view kIssuer = "https://linuxera.org";

struct Team {
  Certificate leaf;
  PrivateKey key;
};

template <class T>
T good(Result<T> result) {
  if (result) return *std::move(result);
  std::cerr << result.error().what() << '\n';
  std::exit(1);
}

TimePoint now() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

CertificateTemplate dated(std::string name) {
  CertificateTemplate content;
  content.common_name = std::move(name);
  content.not_before = now() - days(1);
  content.not_after = now() + days(300);
  return content;
}

Team make_team(std::size_t number, const Certificate& root, const PrivateKey& root_key) {
  const std::string name = cat("team-", std::to_string(number));
  CertificateTemplate content = dated(name);
  content.alternative_names = cat("email:", name, "@linuxera.org");
  content.extensions = {{"1.3.6.1.4.1.57264.1.1", std::string(kIssuer)}};
  PrivateKey key = good(PrivateKey::generate());
  return Team{good(issue(content, key, Issuer{&root, &root_key})), key};
}

Descriptor add_manifest(LayoutWriter& layout, const Descriptor& layer, const std::string& tag) {
  const auto config = good(layout.add_blob("{}", "application/vnd.oci.image.config.v1+json"));
  const Json manifest = {{"schemaVersion", 2},
                         {"mediaType", "application/vnd.oci.image.manifest.v1+json"},
                         {"config", descriptor_json(config)},
                         {"layers", Json::array({descriptor_json(layer)})}};
  return good(layout.add_manifest(manifest, tag));
}

void add_signature(LayoutWriter& layout, const std::string& repository, const Digest& image,
                   const Team& team, const Certificate& root) {
  const std::string payload =
      cat(R"({"critical":{"identity":{"docker-reference":")", repository,
          R"("},"image":{"docker-manifest-digest":")", image.str(),
          R"("},"type":"cosign container image signature"},"optional":null})");
  auto layer = good(layout.add_blob(payload, "application/vnd.dev.cosign.simplesigning.v1+json"));
  layer.annotations.insert_or_assign("dev.cosignproject.cosign/signature",
                                     base64(good(team.key.sign(payload))));
  layer.annotations.insert_or_assign("dev.sigstore.cosign/certificate", certificate_pem(team.leaf));
  layer.annotations.insert_or_assign("dev.sigstore.cosign/chain", certificate_pem(root));
  add_manifest(layout, layer, cat(repository, ":", signature_tag(image)));
}

std::string policies_for(const Certificate& root) {
  const std::string text = certificate_pem(root);
  std::string pem;
  for (const std::string_view line : split(trim(text), '\n'))
    pem += cat("            ", line, "\n");
  return cat("apiVersion: signet.dev/v1alpha1\nkind: TrustRoot\nmetadata: {name: linuxera}\n",
             "spec:\n  certificateAuthorities:\n    - roots:\n        pem: |\n", pem,
             "---\napiVersion: signet.dev/v1alpha1\nkind: ClusterTrustPolicy\n",
             "metadata: {name: teams}\nspec:\n  match:\n    images: ['registry.example.com/**']\n",
             "  authorities:\n    - name: teams\n      certificate:\n",
             "        trustRootRef: {name: linuxera}\n        identities:\n",
             "          - subjectRegExp: 'team-\\d+@linuxera\\.org'\n",
             "            issuer: https://linuxera.org\n");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 64;
  const std::filesystem::path place = argv[1];
  const std::size_t count = std::stoul(argv[2]);
  const PrivateKey root_key = good(PrivateKey::generate());
  CertificateTemplate authority = dated("Linuxera Root CA");
  authority.ca = true;
  const Certificate root = good(issue(authority, root_key, Issuer{}));
  std::vector<Team> teams;
  for (std::size_t i = 0; i < kTeams; ++i)
    teams.push_back(make_team(i, root, root_key));

  for (std::size_t of = 0; of < kTeams; ++of) {
    const std::string name = cat("team-", std::to_string(of));
    std::filesystem::create_directories(place / name);
    LayoutWriter layout((place / name).string());
    for (std::size_t i = of; i < count; i += kTeams) {
      const std::string number = std::to_string(i);
      const std::string repository = cat("registry.example.com/", name, "/app-", number);
      const auto layer = good(layout.add_blob(cat("files of ", number, "\n"),
                                              "application/vnd.oci.image.layer.v1.tar"));
      const Descriptor image = add_manifest(layout, layer, cat(repository, ":1.", number));
      if (i % kUnsigned == 0) continue;
      add_signature(layout, repository, image.digest, teams[of], root);
    }
    if (const auto done = layout.finish(); !done) return 1;
  }
  std::ofstream(place / "policy.yaml") << policies_for(root);
}
