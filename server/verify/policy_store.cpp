#include "server/verify/policy_store.hpp"

#include <algorithm>
#include <filesystem>

#include "core/base/limits.hpp"
#include "core/base/text.hpp"
#include "server/runtime/files.hpp"

namespace signet {
namespace {

namespace fs = std::filesystem;

bool is_policy_name(const std::string& name) {
  return (name.ends_with(".yaml") || name.ends_with(".yml")) && !name.ends_with(".cases.yaml") &&
         !name.ends_with(".cases.yml");
}

// Directories may be links to those above them; they are not followed. What is named like a policy
// and is no directory is one, and reading it says why it cannot be read.
Result<std::vector<std::string>> files_below(const fs::path& directory) {
  std::vector<std::string> files;
  std::error_code failure;
  std::string reading = directory.string();
  auto entry = fs::recursive_directory_iterator(directory, failure);
  for (; !failure && entry != fs::recursive_directory_iterator(); entry.increment(failure)) {
    reading = entry->path().string();
    const std::string name = entry->path().filename().string();
    std::error_code broken;
    if (name.starts_with('.')) {
      entry.disable_recursion_pending();
    } else if (is_policy_name(name) && !entry->is_directory(broken)) {
      files.push_back(reading);
    }
  }
  if (failure) {
    return Error(Reason::policy_invalid, cat(reading, ": cannot be read: ", failure.message(),
                                             "; make it readable for the user that runs signet"));
  }
  if (files.empty()) {
    return Error(Reason::policy_invalid,
                 cat(directory.string(),
                     ": holds no policies (*.yaml or *.yml); put one there or name another path"));
  }
  std::sort(files.begin(), files.end());
  return files;
}

Result<std::vector<std::string>> files_at(const std::string& path) {
  std::error_code failure;
  const fs::file_status status = fs::status(path, failure);
  if (status.type() == fs::file_type::not_found) {
    return Error(Reason::policy_invalid, cat(path, ": no such file or directory; check the path"));
  }
  if (fs::is_directory(status)) return files_below(path);
  return std::vector<std::string>{path};
}

// What a `file:` field names, relative to the file that names it.
std::string beside(const std::string& named_in, const std::string& path) {
  if (fs::path(path).is_absolute()) return path;
  return (fs::path(named_in).parent_path() / path).string();
}

}  // namespace

Result<Blob> read_beside(const std::string& named_in, const std::string& path) {
  return read_file(beside(named_in, path), kCrlBytes);
}

Result<std::vector<SourceFile>> read_policy_files(const std::vector<std::string>& paths) {
  std::vector<SourceFile> sources;
  for (const std::string& path : paths) {
    auto files = files_at(path);
    if (!files) return files.error();
    for (const std::string& file : *files) {
      auto text = read_file(file, kPolicyFileBytes);
      if (!text) {
        const bool large = text.error().reason() == Reason::limit_exceeded;
        return Error(Reason::policy_invalid,
                     cat(text.error().what(), large ? "; split it into several files" : ""));
      }
      sources.push_back(SourceFile{file, std::move(*text)});
    }
  }
  return sources;
}

Error no_policies_in(const std::vector<std::string>& paths) {
  return {Reason::policy_invalid, cat(join(paths, ", "),
                                      ": holds no ClusterTrustPolicy and no "
                                      "TrustPolicy; write one, or name another path")};
}

Result<PolicyFiles> load_policy_files(const std::vector<std::string>& paths, NoMatch no_match) {
  auto reading = PolicyStore(paths, SetRules{no_match, false}).read();
  if (!reading) return reading.error();
  return std::move(reading->files);
}

FileStamps PolicyStore::look() const {
  std::vector<std::string> files = beside_;
  for (const std::string& path : paths_) {
    files.push_back(path);
    const auto below = files_at(path);
    if (below) files.insert(files.end(), below->begin(), below->end());
  }
  return stamps_of(files);
}

Result<PolicyStore::Reading> PolicyStore::read() const {
  auto sources = read_policy_files(paths_);
  if (!sources) return sources.error();
  Reading reading;
  const ReadMaterial read = [&reading, this](const std::string& named_in,
                                             const MaterialRef& wanted) -> Result<Blob> {
    if (wanted.kind == MaterialRef::Kind::url) return crls_of(wanted.name);
    if (wanted.kind != MaterialRef::Kind::file) return files_only({})(named_in, wanted);
    reading.beside.push_back(beside(named_in, wanted.name));
    return read_file(reading.beside.back(), kCrlBytes);
  };
  for (const SourceFile& source : *sources)
    reading.sources.push_back(load_source(source, read));
  reading.good = good_;
  reading.files = assemble(reading.sources, rules_, reading.good);
  return reading;
}

Result<Blob> PolicyStore::crls_of(const std::string& url) const {
  const auto known = crls_.find(url);
  if (known != crls_.end()) return known->second;
  return Error(Reason::config_not_ready, "no CRL came from there yet");
}

void PolicyStore::remember(Reading reading) {
  good_ = std::move(reading.good);
  beside_ = std::move(reading.beside);
}

}  // namespace signet
