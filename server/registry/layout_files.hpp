#pragma once
// The files of an OCI image layout directory: regular files only, no symbolic links below the
// directory itself, every read bounded (rulings.md 28). Blocking.

#include <cstdint>
#include <string>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "core/crypto/digest.hpp"

namespace signet {

class LayoutFiles {
 public:
  // Fails with config_not_ready.
  static Result<LayoutFiles> open(const std::string& directory);
  ~LayoutFiles();
  LayoutFiles(LayoutFiles&& other) noexcept;
  LayoutFiles& operator=(LayoutFiles&&) = delete;
  LayoutFiles(const LayoutFiles&) = delete;

  // A file of the directory. Fails with image_not_found, limit_exceeded, registry_protocol.
  Result<Blob> file(const std::string& name, std::size_t limit) const;
  // A blob whose bytes are those of the digest; other bytes are digest_mismatch.
  Result<Blob> blob(const Digest& digest, std::size_t limit) const;

  // Changes when index.json does; 0 where there is none.
  std::uint64_t index_stamp() const;

 private:
  explicit LayoutFiles(int directory) : directory_(directory) {}

  int directory_;
};

}  // namespace signet
