#pragma once
// The bytes of a manifest on their way to a parser: how many it took since it last said something
// is bounded, for a parser holds a text until it is whole.

#include <streambuf>

#include "server/cli/manifests.hpp"

namespace signet {

class ManifestInput final : public std::streambuf {
 public:
  explicit ManifestInput(const ReadBytes& read) : read_(read) {}

  // Whether this is JSON: what comes first is the brace of an object.
  bool begins_with_brace();
  // What the parser said ends the wait for it.
  void heard() { unheard_ = 0; }
  // Why there is no more; nothing at the end.
  const std::optional<Error>& problem() const { return problem_; }

 protected:
  int_type underflow() override;
  std::streamsize xsgetn(char* to, std::streamsize most) override;

 private:
  static constexpr std::size_t kChunk = 64 * kKiB;

  const ReadBytes& read_;
  std::string chunk_;
  std::size_t unheard_ = 0;
  std::optional<Error> problem_;
};

void read_yaml_manifests(ManifestInput& input, ManifestObjects& objects);
void read_json_manifests(ManifestInput& input, ManifestObjects& objects);

}  // namespace signet
