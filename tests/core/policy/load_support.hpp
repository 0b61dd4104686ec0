#pragma once
// Policies for the tests of the loader, from files of tests/vectors/policies or from a text.

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "core/policy/loader.hpp"

namespace signet::testing {

inline std::filesystem::path vectors() {
  return std::filesystem::path(SIGNET_TESTS) / "vectors" / "policies";
}

inline std::string contents_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// Reads what `file:` names from `directory`.
inline ReadFile reader_of(const std::filesystem::path& directory) {
  return [directory](const std::string&, const std::string& path) -> Result<Blob> {
    if (!std::filesystem::exists(directory / path))
      return malformed("cannot open \"" + path + "\"");
    return contents_of(directory / path);
  };
}

inline Loaded load_file(const std::filesystem::path& path) {
  const SourceFile file{path.filename().string(), contents_of(path)};
  return load_policies(std::span(&file, 1), reader_of(path.parent_path()));
}

inline Loaded load_text(const std::string& text) {
  const SourceFile file{"policy.yaml", text};
  return load_policies(std::span(&file, 1), reader_of(vectors()));
}

// The issues, a line each.
inline std::string issues_of(const Loaded& loaded) {
  std::string text;
  for (const Issue& issue : loaded.issues)
    text += issue.str() + "\n";
  return text;
}

// A cluster policy with this `spec`, whose lines are indented by two spaces.
inline std::string cluster_policy(const std::string& spec, const std::string& name = "x") {
  return "apiVersion: signet.dev/v1alpha1\nkind: ClusterTrustPolicy\nmetadata: {name: " + name +
         "}\nspec:\n" + spec;
}

inline std::string team_policy(const std::string& spec, const std::string& name = "x",
                               const std::string& ns = "team-a") {
  return "apiVersion: signet.dev/v1alpha1\nkind: TrustPolicy\nmetadata: {name: " + name +
         ", namespace: " + ns + "}\nspec:\n" + spec;
}

inline std::string trust_root(const std::string& spec, const std::string& name = "x") {
  return "apiVersion: signet.dev/v1alpha1\nkind: TrustRoot\nmetadata: {name: " + name +
         "}\nspec:\n" + spec;
}

inline constexpr const char* kAnyImage = "  match: {images: [\"**\"]}\n";
inline constexpr const char* kDeny = "  authorities: [{static: {action: deny}}]\n";

// `count` times `entry` with # as its number, comma between.
inline std::string repeated(std::size_t count, const std::string& entry) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    std::string one = entry;
    if (const auto at = one.find('#'); at != std::string::npos) {
      one.replace(at, 1, std::to_string(i));
    }
    text += (i == 0 ? "" : ", ") + one;
  }
  return text;
}

}  // namespace signet::testing
