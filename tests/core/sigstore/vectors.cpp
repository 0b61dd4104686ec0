#include "tests/core/sigstore/vectors.hpp"

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "core/base/json.hpp"

namespace signet::test {
namespace {

template <class T>
T wanted(Result<T> result, const std::string& name) {
  if (!result) {
    std::cerr << "vector " << name << ": " << result.error().what() << "\n";
    std::abort();
  }
  return std::move(*result);
}

Json read_json(const std::string& name) {
  std::ifstream file(std::string(SIGNET_TESTS) + "/vectors/" + name + ".json", std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  return wanted(parse_json(text), name);
}

std::vector<Certificate> certificates(const Json& json, const char* member,
                                      const std::string& name) {
  const std::string pem = wanted(string_member(json, member), name);
  if (pem.empty()) return {};
  return wanted(parse_certificates(pem, kTrustRootCertificates), name);
}

}  // namespace

std::vector<std::string> vector_names() {
  std::vector<std::string> names;
  for (const char* signer :
       {"cosign1", "cosign2", "cosign3-legacy", "cosign3-bundle", "cosign3-leafonly"}) {
    for (const char* pki : {"cfssl", "openssl"})
      names.push_back(std::string(signer) + "-" + pki);
  }
  return names;
}

Vector load_vector(const std::string& name) {
  const Json json = read_json(name);
  const auto text = [&](const char* member) { return wanted(string_member(json, member), name); };
  Annotations annotations;
  for (const auto& [key, value] : json.at("annotations").items()) {
    annotations.emplace(key, value.get<std::string>());
  }
  const bool bundle = text("format") == "bundle";
  Trust trust;
  trust.authorities.emplace_back();
  trust.authorities.front().anchors = certificates(json, "roots", name);
  trust.authorities.front().intermediates = certificates(json, "intermediates", name);
  return {wanted(parse_time(text("at")), name),
          wanted(Digest::parse(text("image")), name),
          Candidate{bundle ? SignatureFormat::bundle : SignatureFormat::legacy, name,
                    std::move(annotations), text("content")},
          text("manifest"),
          std::move(trust),
          text("subject"),
          text("issuer")};
}

}  // namespace signet::test
