#include "server/cli/manifest_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

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
    if (number_ > STDERR_FILENO) ::close(number_);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  int number() const { return number_; }

 private:
  int number_;
};

Error unreadable(int code) {
  return {Reason::config_not_ready, cat("cannot be read: ", std::generic_category().message(code),
                                        "; check the path, and that you may read it")};
}

}  // namespace

Result<ReadBytes> open_manifest(const std::string& path) {
  const bool is_input = path == "-";
  const int number = is_input ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (number < 0) return unreadable(errno);
  const auto descriptor = std::make_shared<const OpenFile>(number);
  struct stat status {};
  if (::fstat(number, &status) != 0) return unreadable(errno);
  if (S_ISDIR(status.st_mode)) {
    return Error(Reason::config_not_ready, "is a directory; name the files in it");
  }
  return ReadBytes([descriptor](std::span<char> into) -> Result<std::size_t> {
    for (;;) {
      const ssize_t count = ::read(descriptor->number(), into.data(), into.size());
      if (count >= 0) return static_cast<std::size_t>(count);
      if (errno != EINTR) return unreadable(errno);
    }
  });
}

}  // namespace signet
