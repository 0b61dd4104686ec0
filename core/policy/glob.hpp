#pragma once
// Image patterns: `host/path` globs on the canonical repository, anchored at both ends, never on
// tags (policy.md 1). `*` stays within a component, `**` crosses components, `*.suffix` stands for
// whole host labels.

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"

namespace signet {

// A component or more; alone it is every image.
inline constexpr std::string_view kEverything = "**";

class ImageGlob {
 public:
  // Refuses a pattern without a host and names the cure.
  static Result<ImageGlob> parse(std::string_view pattern);

  // `repository` is Repository::canonical().
  bool matches(std::string_view repository) const;
  bool has_literal_host() const;  // policy.md 15
  // What every name that matches begins with, as whole parts: "host/a/b", at most `most` of them;
  // empty where the host is not literal.
  std::string literal_prefix(std::size_t most) const;
  const std::string& text() const { return text_; }

 private:
  explicit ImageGlob(std::string text);
  std::string text_;
  std::string host_;               // "**" alone: empty, matches every image
  std::vector<std::string> path_;  // components
};

// Names of namespaces: `*` and `?` within the one name.
bool matches_name(std::string_view pattern, std::string_view name);

}  // namespace signet
