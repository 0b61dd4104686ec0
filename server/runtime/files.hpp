#pragma once
// Files and directories that somebody configured: regular files only, bounded, and every error
// names the path and the cure. Blocking; for start-up, reloads and the command line.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"

namespace signet {

// All of a regular file, symbolic links followed. Fails with config_not_ready, or limit_exceeded
// where it is longer than `limit`.
Result<Blob> read_file(const std::string& path, std::size_t limit);

// The names in a directory in the order of their bytes, without "." and "..". Hidden ones are
// included: a mounted ConfigMap has "..data". Fails with config_not_ready or limit_exceeded.
Result<std::vector<std::string>> list_directory(const std::string& path, std::size_t limit);

enum class PathKind { missing, file, directory, other };
PathKind kind_of(const std::string& path);

// Changes whenever what the path leads to does. Taken through symbolic links, for mounted Secrets
// and ConfigMaps change by swapping one.
struct FileStamp {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t size = 0;
  std::int64_t modified_ns = 0;
  std::int64_t changed_ns = 0;

  friend bool operator==(const FileStamp&, const FileStamp&) = default;
};
std::optional<FileStamp> stamp_of(const std::string& path);  // nothing where there is no such file

// What several paths lead to at one moment.
using FileStamps = std::map<std::string, std::optional<FileStamp>>;
FileStamps stamps_of(const std::vector<std::string>& paths);

}  // namespace signet
