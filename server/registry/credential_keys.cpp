#include "server/registry/credential_keys.hpp"

#include <algorithm>
#include <vector>

#include "core/base/text.hpp"

namespace signet {
namespace {

constexpr std::string_view kGlobs = "*?[\\";

struct Place {
  std::string_view host;
  std::string_view port;
  std::string_view path;  // with its leading slash, or empty
};

// Go's SplitHostPort: brackets go only where a port follows.
Place place_of(std::string_view text) {
  Place place;
  const std::size_t slash = std::min(text.find('/'), text.size());
  place.path = text.substr(slash);
  place.host = text.substr(0, slash);
  const std::size_t colon = place.host.rfind(':');
  const bool in_brackets = place.host.ends_with(']');
  if (colon == std::string_view::npos || in_brackets) return place;
  place.port = place.host.substr(colon + 1);
  place.host = place.host.substr(0, colon);
  if (place.host.starts_with('[') && place.host.ends_with(']')) {
    place.host = place.host.substr(1, place.host.size() - 2);
  }
  return place;
}

bool path_matches(std::string_view prefix, std::string_view path, PathMatch path_match) {
  if (!path.starts_with(prefix)) return false;
  if (path_match == PathMatch::prefix) return true;
  return prefix.empty() || prefix.ends_with('/') || path.size() == prefix.size() ||
         path[prefix.size()] == '/';
}

struct SetMatch {
  bool good = false;     // the set is well formed
  bool matches = false;  // and holds the character
  std::size_t length = 0;
};

// One character of a set, a backslash taken away; 0 bytes used where there is none.
std::size_t set_character(std::string_view text, char& character) {
  if (text.empty() || text.front() == '-' || text.front() == ']') return 0;
  const bool is_escaped = text.front() == '\\';
  if (is_escaped && text.size() < 2) return 0;
  character = text[is_escaped ? 1 : 0];
  return is_escaped ? 2 : 1;
}

// A "[set]" at the front of `pattern` against one character.
SetMatch match_set(std::string_view pattern, char c) {
  SetMatch result;
  std::size_t i = 1;
  const bool is_negated = i < pattern.size() && pattern[i] == '^';
  if (is_negated) ++i;
  for (bool first = true;; first = false) {
    if (i < pattern.size() && pattern[i] == ']' && !first) {
      result.good = true;
      result.length = i + 1;
      result.matches = result.matches != is_negated;
      return result;
    }
    char low = 0;
    const std::size_t used = set_character(pattern.substr(std::min(i, pattern.size())), low);
    if (used == 0) return result;
    i += used;
    char high = low;
    if (i < pattern.size() && pattern[i] == '-') {
      const std::size_t more = set_character(pattern.substr(i + 1), high);
      if (more == 0) return result;
      i += 1 + more;
    }
    if (low <= c && c <= high) result.matches = true;
  }
}

// How much of the pattern one character uses up; 0 where it does not match.
std::size_t match_one(std::string_view pattern, char c) {
  switch (pattern.front()) {
    case '?':
      return 1;
    case '[': {
      const SetMatch set = match_set(pattern, c);
      return set.good && set.matches ? set.length : 0;
    }
    case '\\':
      return pattern.size() > 1 && pattern[1] == c ? 2 : 0;
    default:
      return pattern.front() == c ? 1 : 0;
  }
}

}  // namespace

std::optional<std::string> credential_key(std::string_view text) {
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (text.starts_with(scheme)) {
      text.remove_prefix(scheme.size());
      break;
    }
  }
  text = text.substr(0, text.find_first_of("?#"));
  const std::size_t slash = std::min(text.find('/'), text.size());
  const std::string_view host = text.substr(0, slash);
  const bool usable =
      !host.empty() && host.find('@') == std::string_view::npos &&
      std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
  if (!usable) return std::nullopt;
  std::string_view path = text.substr(slash);
  if (path.starts_with("/v1/") || path.starts_with("/v2/")) path.remove_prefix(3);
  return path == "/" ? std::string(host) : cat(host, path);
}

bool label_matches(std::string_view pattern, std::string_view label) {
  // Where to go on after the last star, if what follows it does not match.
  std::string_view star_pattern;
  std::string_view star_label;
  bool has_star = false;
  while (!label.empty() || !pattern.empty()) {
    if (!pattern.empty() && pattern.front() == '*') {
      pattern.remove_prefix(1);
      star_pattern = pattern;
      star_label = label;
      has_star = true;
      continue;
    }
    const std::size_t used =
        pattern.empty() || label.empty() ? 0 : match_one(pattern, label.front());
    if (used != 0) {
      pattern.remove_prefix(used);
      label.remove_prefix(1);
      continue;
    }
    if (!has_star || star_label.empty()) return false;
    star_label.remove_prefix(1);
    pattern = star_pattern;
    label = star_label;
  }
  return true;
}

bool key_matches(std::string_view key, std::string_view image, PathMatch path_match) {
  const Place pattern = place_of(key);
  const Place target = place_of(image);
  if (pattern.port != target.port) return false;
  const auto patterns = split(pattern.host, '.');
  const auto labels = split(target.host, '.');
  return patterns.size() == labels.size() &&
         std::equal(patterns.begin(), patterns.end(), labels.begin(), label_matches) &&
         path_matches(pattern.path, target.path, path_match);
}

bool is_narrow(std::string_view key) {
  constexpr std::size_t kLiteralLabels = 2;
  const Place place = place_of(key);
  if (place.host.starts_with('[') || place.host.find(':') != std::string_view::npos) return true;
  if (place.host.find_first_of(kGlobs) == std::string_view::npos) return true;
  const auto labels = split(place.host, '.');
  if (labels.size() <= kLiteralLabels) return false;
  return std::all_of(labels.end() - kLiteralLabels, labels.end(), [](std::string_view label) {
    return label.find_first_of(kGlobs) == std::string_view::npos;
  });
}

}  // namespace signet
