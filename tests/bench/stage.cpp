// What `serve_bench.py` measures on: a registry on loopback with signed images, policies, trust and
// a server certificate, as files of a directory that exists. Usage: bench_stage DIRECTORY POLICIES
// IMAGES MILLISECONDS; prints one JSON line and serves, each answer of the registry delayed so
// long, until its input ends.

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "tests/service/registry_stage.hpp"

namespace signet {
namespace {

class Stage : public RegistryStage {
 public:
  explicit Stage(std::string place) : place_(std::move(place)) {
    std::filesystem::create_directories(cat(place_, "/policies"));
  }
  void TestBody() override {}

  // Policies of other teams, then the one that decides.
  void write_policies(std::size_t count) const {
    const std::string own = policy();
    std::string all;
    for (std::size_t i = 1; i < count; ++i) {
      all += replaced(replaced(own, "name: shop", cat("name: team-", std::to_string(i))),
                      host() + "/**", cat("registry.example/team-", std::to_string(i), "/**")) +
             "---\n";
      if (all.size() > kFileBytes) all = flushed(all, i);
    }
    write("policies/own.yaml", all + own);
  }

  Json images(std::size_t count) {
    Json made = Json::array();
    for (std::size_t i = 0; i < count; ++i) {
      const Format format = i % 2 == 0 ? Format::bundle : Format::legacy;
      const std::string tag = cat("v", std::to_string(i));
      const Digest digest = push_signed(tag, {format});
      made.push_back({{"tag", cat(host(), "/", path, ":", tag)},
                      {"pinned", cat(host(), "/", path, ":", tag, "@", digest.str())}});
    }
    return made;
  }

  // Of every answer from now on.
  void delay(std::chrono::milliseconds delay) { registry.delay = delay; }

  void write_tls() const {
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    const auto keys = make_self_signed({"localhost", "127.0.0.1"}, now);
    write("tls.crt", keys->chain_pem);
    write("tls.key", keys->key_pem);
    write("registry-ca.pem", server.ca_pem());
  }

 private:
  static constexpr std::size_t kFileBytes = 500'000;

  static std::string replaced(std::string text, const std::string& from, const std::string& to) {
    return text.replace(text.find(from), from.size(), to);
  }
  std::string flushed(const std::string& text, std::size_t number) const {
    write(cat("policies/", std::to_string(number), ".yaml"), text);
    return {};
  }
  void write(const std::string& name, const std::string& content) const {
    std::ofstream file(cat(place_, "/", name), std::ios::binary);
    file << content;
    file.close();
    if (!file) throw std::runtime_error(cat("cannot write ", place_, "/", name));
  }

  std::string place_;
};

}  // namespace
}  // namespace signet

int main(int argc, char** argv) {
  if (argc != 5) return 64;
  signet::Stage stage(argv[1]);
  stage.write_policies(std::stoul(argv[2]));
  stage.write_tls();
  const signet::Json said = {{"images", stage.images(std::stoul(argv[3]))}};
  stage.delay(std::chrono::milliseconds(std::stoul(argv[4])));
  std::cout << said.dump() << std::endl;
  while (std::cin.get() != std::char_traits<char>::eof()) {
  }
  return 0;
}
