#include "server/registry/layout_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "core/base/text.hpp"

namespace signet {
namespace {

class Handle {
 public:
  explicit Handle(int number) : number_(number) {}
  ~Handle() {
    if (number_ >= 0) ::close(number_);
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;

  int get() const { return number_; }
  explicit operator bool() const { return number_ >= 0; }

 private:
  int number_;
};

constexpr int kDirectory = O_RDONLY | O_CLOEXEC | O_DIRECTORY | O_NOFOLLOW;
// O_NONBLOCK: a pipe must not hold us up before we know that it is one.
constexpr int kFile = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;

Error failed(std::string_view name, int code) {
  if (code == ENOENT) {
    return {Reason::image_not_found, cat("the OCI layout has no ", name)};
  }
  if (code == ELOOP || code == ENOTDIR) {
    return {Reason::registry_protocol, cat("the OCI layout's ", name,
                                           " is a symbolic link or no regular file; layouts hold "
                                           "plain files only")};
  }
  return {Reason::registry_protocol,
          cat("the OCI layout's ", name, " cannot be read; check its permissions")};
}

Error too_long(std::string_view name, std::size_t limit) {
  return too_large(
      cat("the OCI layout's ", name, " is longer than ", std::to_string(limit), " bytes"));
}

Result<Blob> read_all(const Handle& file, std::string_view name, std::size_t limit) {
  struct stat about {};
  if (::fstat(file.get(), &about) != 0) return failed(name, errno);
  if (!S_ISREG(about.st_mode)) return failed(name, ELOOP);
  if (static_cast<std::uint64_t>(about.st_size) > limit) return too_long(name, limit);
  Blob content;
  std::array<char, 16384> buffer{};
  while (true) {
    const ssize_t count = ::read(file.get(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failed(name, errno);
    if (count == 0) return content;
    content.append(buffer.data(), static_cast<std::size_t>(count));
    // It may have grown since.
    if (content.size() > limit) return too_long(name, limit);
  }
}

}  // namespace

Result<LayoutFiles> LayoutFiles::open(const std::string& directory) {
  const int handle = ::open(directory.c_str(), O_RDONLY | O_CLOEXEC | O_DIRECTORY);
  if (handle >= 0) return LayoutFiles(handle);
  return Error(Reason::config_not_ready,
               cat(printable(directory),
                   ": this OCI layout directory cannot be opened; check the path and that signet "
                   "may read it"));
}

LayoutFiles::~LayoutFiles() {
  if (directory_ >= 0) ::close(directory_);
}

LayoutFiles::LayoutFiles(LayoutFiles&& other) noexcept
    : directory_(std::exchange(other.directory_, -1)) {}

Result<Blob> LayoutFiles::file(const std::string& name, std::size_t limit) const {
  const Handle file(::openat(directory_, name.c_str(), kFile));
  if (!file) return failed(name, errno);
  return read_all(file, name, limit);
}

Result<Blob> LayoutFiles::blob(const Digest& digest, std::size_t limit) const {
  const std::string name = cat("blob ", digest.str());
  const Handle blobs(::openat(directory_, "blobs", kDirectory));
  if (!blobs) return failed("blobs", errno);
  const Handle sha256(::openat(blobs.get(), "sha256", kDirectory));
  if (!sha256) return failed("blobs/sha256", errno);
  const Handle file(::openat(sha256.get(), digest.hex_part().c_str(), kFile));
  if (!file) return failed(name, errno);
  auto content = read_all(file, name, limit);
  if (content && Digest::of(*content) != digest) {
    return Error(Reason::digest_mismatch, cat("the OCI layout's ", name, " holds other bytes"));
  }
  return content;
}

std::uint64_t LayoutFiles::index_stamp() const {
  struct stat about {};
  if (::fstatat(directory_, "index.json", &about, AT_SYMLINK_NOFOLLOW) != 0) return 0;
  const auto mixed = [](std::uint64_t seed, std::uint64_t value) {
    return seed * 1099511628211U + value;
  };
  std::uint64_t stamp = mixed(1, about.st_ino);
  stamp = mixed(stamp, static_cast<std::uint64_t>(about.st_size));
  stamp = mixed(stamp, static_cast<std::uint64_t>(about.st_mtim.tv_sec));
  stamp = mixed(stamp, static_cast<std::uint64_t>(about.st_mtim.tv_nsec));
  return stamp == 0 ? 1 : stamp;
}

}  // namespace signet
