#pragma once
// Standard output, and whether all that was written to it arrived: a pipe whose reader is gone, a
// full disk and a descriptor that was closed are told, and end nobody.

#include <array>
#include <streambuf>

namespace signet {

// Descriptors 0, 1 and 2 exist from here on, so that no file or connection takes the place of one
// that the caller closed; writing to such a one fails. SIGPIPE is ignored.
void secure_standard_descriptors();

class StandardOutput final : public std::streambuf {
 public:
  explicit StandardOutput(int descriptor);

  // Writes what is left. 0, or the errno of the first write that failed.
  int finish();

 protected:
  int_type overflow(int_type c) override;
  int sync() override;

 private:
  bool write_all();

  int descriptor_;
  int failure_ = 0;
  std::array<char, 65536> buffer_;
};

}  // namespace signet
