#include "server/runtime/files.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <system_error>

#include "core/base/text.hpp"

namespace signet {
namespace {

class OpenFile {
 public:
  explicit OpenFile(int number) : number_(number) {}
  ~OpenFile() {
    if (number_ >= 0) ::close(number_);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  int get() const { return number_; }

 private:
  int number_;
};

std::string_view cure_of(int code) {
  switch (code) {
    case ENOENT:
      return "there is no such file; check the path";
    case EACCES:
    case EPERM:
      return "permission denied; make it readable for the user that runs signet";
    case ENOTDIR:
      return "a part of the path is no directory";
    case ELOOP:
      return "too many symbolic links";
    default:
      return "";
  }
}

Error unreadable(const std::string& path, int code) {
  std::string why(cure_of(code));
  if (why.empty()) why = std::generic_category().message(code);
  return {Reason::config_not_ready, cat("cannot read ", printable(path), ": ", why)};
}

Error unfit(const std::string& path, std::string_view why) {
  return {Reason::config_not_ready, cat("cannot read ", printable(path), ": ", why)};
}

std::int64_t nanoseconds(const timespec& at) {
  return static_cast<std::int64_t>(at.tv_sec) * 1'000'000'000 + at.tv_nsec;
}

}  // namespace

Result<Blob> read_file(const std::string& path, std::size_t limit) {
  // O_NONBLOCK: a pipe must not hold us up before we know that it is one.
  const OpenFile file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (file.get() < 0) return unreadable(path, errno);
  struct stat about {};
  if (::fstat(file.get(), &about) != 0) return unreadable(path, errno);
  if (S_ISDIR(about.st_mode)) return unfit(path, "it is a directory, and a file is needed");
  if (!S_ISREG(about.st_mode)) return unfit(path, "it is no regular file");

  Blob content;
  char piece[64 * 1024];
  while (content.size() <= limit) {
    const ssize_t got = ::read(file.get(), piece, sizeof(piece));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return unreadable(path, errno);
    if (got == 0) return content;
    content.append(piece, static_cast<std::size_t>(got));
  }
  return too_large(cat(printable(path), " is larger than ", std::to_string(limit), " bytes"));
}

Result<std::vector<std::string>> list_directory(const std::string& path, std::size_t limit) {
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir(path.c_str()), ::closedir);
  if (!directory) return unreadable(path, errno);
  std::vector<std::string> names;
  errno = 0;
  for (const dirent* entry = ::readdir(directory.get()); entry != nullptr;
       entry = ::readdir(directory.get())) {
    std::string name(entry->d_name);
    if (name == "." || name == "..") continue;
    if (names.size() == limit) {
      return too_large(cat(printable(path), " holds more than ", std::to_string(limit), " files"));
    }
    names.push_back(std::move(name));
  }
  if (errno != 0) return unreadable(path, errno);
  std::sort(names.begin(), names.end());
  return names;
}

PathKind kind_of(const std::string& path) {
  struct stat about {};
  if (::stat(path.c_str(), &about) != 0) return PathKind::missing;
  if (S_ISREG(about.st_mode)) return PathKind::file;
  return S_ISDIR(about.st_mode) ? PathKind::directory : PathKind::other;
}

std::optional<FileStamp> stamp_of(const std::string& path) {
  struct stat about {};
  if (::stat(path.c_str(), &about) != 0) return std::nullopt;
  FileStamp stamp;
  stamp.device = about.st_dev;
  stamp.inode = about.st_ino;
  stamp.size = static_cast<std::uint64_t>(about.st_size);
  stamp.modified_ns = nanoseconds(about.st_mtim);
  stamp.changed_ns = nanoseconds(about.st_ctim);
  return stamp;
}

FileStamps stamps_of(const std::vector<std::string>& paths) {
  FileStamps stamps;
  for (const std::string& path : paths)
    stamps.emplace(path, stamp_of(path));
  return stamps;
}

}  // namespace signet
