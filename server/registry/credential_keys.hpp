#pragma once
// The keys of an "auths" map: what the kubelet makes of them, and which images they match
// (registry.md C.9).

#include <optional>
#include <string>
#include <string_view>

namespace signet {

// host[:port][/path] of a key, which may be a URL; nothing where it is none.
std::optional<std::string> credential_key(std::string_view text);

enum class PathMatch {
  prefix,     // plain string prefix: "/team" also matches "/team-evil" (kubelet)
  component,  // the prefix ends where a component does
};

// Whether a key matches "host[:port]/path". Globs stay within one host label.
bool key_matches(std::string_view key, std::string_view image, PathMatch path_match);

// A shell pattern as Go's filepath.Match reads it: * ? [set] and backslash.
bool label_matches(std::string_view pattern, std::string_view label);

// Whether the host of a key names at least two literal labels behind any glob.
bool is_narrow(std::string_view key);

}  // namespace signet
