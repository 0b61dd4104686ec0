#pragma once
// An image reference by the grammar of distribution/reference, with Docker's defaults (registry.md
// A).
//
// Three spellings: the user's own (echoed and patched), the normal form (what is fetched, and what
// the kubelet matches secrets on), and the canonical repository (what policies match).

#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "core/crypto/digest.hpp"

namespace signet {

// A registry host and a path in it.
struct Repository {
  std::string domain;  // as in the normal form: "docker.io", "registry.local:5000"
  std::string path;    // "library/nginx"

  // "host[:port]/path" without tag or digest; fails with invalid_reference.
  static Result<Repository> parse(std::string_view text);

  std::string str() const { return domain + "/" + path; }
  // registry.md A.4: lower-case host, Hub aliases as docker.io, ":443" dropped. Equal repositories
  // have equal names.
  std::string canonical() const;

  friend auto operator<=>(const Repository&, const Repository&) = default;
};

class Reference {
 public:
  // Fails with invalid_reference and says what is wrong and how to write it.
  static Result<Reference> parse(std::string_view text);

  const std::string& original() const { return original_; }  // the user's spelling
  const Repository& repository() const { return repository_; }
  const std::optional<std::string>& tag() const {
    return tag_;
  }  // "latest" where neither was given
  const std::optional<Digest>& digest() const { return digest_; }
  bool tag_was_given() const { return tag_was_given_; }
  std::string str() const;  // the normal form: domain/path[:tag][@digest]
  // What a patch writes: the user's spelling and "@sha256:..." behind it (webhook.md C.1).
  std::string pinned(const Digest& digest) const;

 private:
  Reference() = default;
  std::string original_;
  Repository repository_;
  std::optional<std::string> tag_;
  std::optional<Digest> digest_;
  bool tag_was_given_ = false;
};

}  // namespace signet
