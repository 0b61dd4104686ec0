#include "server/runtime/standard_output.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

namespace signet {

void secure_standard_descriptors() {
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (fcntl(descriptor, F_GETFD) >= 0 || errno != EBADF) continue;
    // The lowest number that is free, which is this one; in the direction that is not wanted.
    const int direction = descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY;
    if (open("/dev/null", direction) != descriptor) _exit(74);
  }
  std::signal(SIGPIPE, SIG_IGN);
}

StandardOutput::StandardOutput(int descriptor) : descriptor_(descriptor) {
  setp(buffer_.data(), buffer_.data() + buffer_.size());
}

int StandardOutput::finish() {
  write_all();
  return failure_;
}

bool StandardOutput::write_all() {
  const char* from = pbase();
  while (failure_ == 0 && from != pptr()) {
    const ssize_t taken = ::write(descriptor_, from, static_cast<std::size_t>(pptr() - from));
    if (taken >= 0) {
      from += taken;
    } else if (errno == EAGAIN) {
      pollfd writable{descriptor_, POLLOUT, 0};
      poll(&writable, 1, -1);
    } else if (errno != EINTR) {
      failure_ = errno;
    }
  }
  setp(buffer_.data(), buffer_.data() + buffer_.size());
  return failure_ == 0;
}

StandardOutput::int_type StandardOutput::overflow(int_type c) {
  if (!write_all()) return traits_type::eof();
  if (traits_type::eq_int_type(c, traits_type::eof())) return traits_type::not_eof(c);
  return sputc(traits_type::to_char_type(c));
}

int StandardOutput::sync() {
  return write_all() ? 0 : -1;
}

}  // namespace signet
