#pragma once
// Recorded evidence (NAME.evidence.json): what registries said about images, as a value. Whatever
// has a digest is hashed when it is read; logins are no part of it.
//
//   {"version": 1,
//    "tags": {"host/path:tag": "sha256:.."},                 null: the registry has no such tag
//    "manifests": {"host/path@sha256:..": {"mediaType": "..", "body": ".."}},
//    "blobs": {"host/path@sha256:..": "<base64>"},
//    "referrers": {"host/path@sha256:..": {"manifests": [descriptors]}},
//    "failures": {"host/path:tag": {"reason": "registry_dns", "message": ".."}}}

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/limits.hpp"
#include "server/registry/source.hpp"

namespace signet {

inline constexpr std::size_t kRecordingBytes = 64 * kMiB;

struct Recording {
  // By "host/path:tag" and "host/path@sha256:..", the repository in its canonical form.
  template <class T>
  using Named = std::map<std::string, T, std::less<>>;

  Named<std::optional<Digest>> tags;                // nothing: there is no such tag
  Named<std::optional<FetchedManifest>> manifests;  // nothing: there is no such manifest
  Named<Blob> blobs;
  Named<Referrers> referrers;
  Named<Error> failures;  // of what has that name and is recorded nowhere above

  // Fails with malformed_object, digest_mismatch or limit_exceeded and names the entry.
  static Result<Recording> parse(std::string_view text);
  // Several files as one; fails with config_not_ready and names the file.
  static Result<Recording> read(const std::vector<std::string>& files);

  // Fails where both say something else about one tag or list.
  Result<void> add(Recording more);
  // What parse() reads; the same recording is the same text.
  std::string text() const;
};

std::string recorded_name(const Repository& repository, std::string_view tag_or_digest);

}  // namespace signet
