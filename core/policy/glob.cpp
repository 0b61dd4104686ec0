#include "core/policy/glob.hpp"

#include <algorithm>

#include "core/base/limits.hpp"
#include "core/base/text.hpp"
#include "core/oci/domain.hpp"
#include "core/oci/reference.hpp"

namespace signet {
namespace {

constexpr std::string_view kAnyLabels = "*.";

Error bad(std::string_view pattern, std::string_view why) {
  return malformed(cat("pattern ", quoted(pattern, 120), ": ", why));
}

// `*` stands for any run of characters, and `?` for one, if `one` is '?'.
bool matches_wildcards(std::string_view pattern, std::string_view text, char one) {
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;
  std::size_t resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && (pattern[p] == text[t] || (one && pattern[p] == one))) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*')
    ++p;
  return p == pattern.size();
}

// `**` stands for one component or more, so that `a/**` does not match `a` (policy.md 1).
bool matches_path(const std::vector<std::string>& pattern,
                  const std::vector<std::string_view>& path) {
  std::size_t p = 0;
  std::size_t c = 0;
  std::size_t star = pattern.size();
  std::size_t resume = 0;
  while (c < path.size()) {
    if (p < pattern.size() && pattern[p] == kEverything) {
      star = p++;
      resume = ++c;
    } else if (p < pattern.size() && matches_wildcards(pattern[p], path[c], 0)) {
      ++p;
      ++c;
    } else if (star < pattern.size()) {
      p = star + 1;
      c = ++resume;
    } else {
      return false;
    }
  }
  return p == pattern.size();
}

bool matches_host(std::string_view pattern, std::string_view host) {
  if (!pattern.starts_with(kAnyLabels)) return pattern == host;
  const std::string_view suffix = pattern.substr(1);
  return host.size() > suffix.size() && host.ends_with(suffix);
}

// A character that some glob dialect knows and this one does not.
std::optional<char> foreign_operator(std::string_view pattern) {
  const std::size_t at = pattern.find_first_of("!?[]{}()\\,|^$+");
  // The brackets of an IPv6 host are not an operator.
  if (at == std::string_view::npos || (at == 0 && pattern[0] == '[')) return std::nullopt;
  if (pattern[at] == ']' && pattern.starts_with("[")) return std::nullopt;
  return pattern[at];
}

Result<void> check_text(std::string_view pattern) {
  if (pattern.empty()) return malformed("the pattern is empty; `**` matches every image");
  if (pattern.size() > kPatternBytes) {
    return too_large(cat("pattern ", quoted(pattern, 60), " is longer than ",
                         std::to_string(kPatternBytes), " bytes"));
  }
  if (pattern.find_first_of(" \t\r\n") != std::string_view::npos) {
    return bad(pattern, "has white space in it");
  }
  if (pattern.find("://") != std::string_view::npos) {
    return bad(pattern, "is a URL; write host/path without the scheme");
  }
  if (const auto found = foreign_operator(pattern)) {
    return bad(pattern, cat("`", std::string(1, *found),
                            "` has no meaning here; patterns know `*` and `**` only"));
  }
  if (pattern.find('@') != std::string_view::npos) {
    return bad(pattern, "has a digest; patterns match names, so end it before the `@`");
  }
  return {};
}

bool looks_like_host(std::string_view text) {
  return text == "localhost" || text.find_first_of(".:") != std::string_view::npos;
}

Error no_host(std::string_view pattern, std::string_view first) {
  if (first.find('*') != std::string_view::npos) {
    return bad(pattern,
               "has no host; begin with a registry such as quay.io/ or *.example.org/, or write "
               "`**` alone for every image");
  }
  const bool official = pattern.find('/') == std::string_view::npos;
  return bad(pattern,
             cat("has no host; for Docker Hub write docker.io/", official ? "library/" : "",
                 pattern.substr(0, 200), ", else begin with the registry, such as quay.io/"));
}

// The host as canonical names spell it (registry.md A.4).
Result<std::string> canonical_host(std::string_view pattern, std::string_view host) {
  if (host == "*.docker.io") {
    return bad(pattern, "all hosts of Docker Hub are called docker.io here; write docker.io/...");
  }
  const bool any_labels = host.starts_with(kAnyLabels);
  const std::string_view literal = any_labels ? host.substr(kAnyLabels.size()) : host;
  if (literal.find('*') != std::string_view::npos) {
    return bad(pattern,
               "a host is written out, or begins with `*.` for whole labels; `*` has no other "
               "place in it");
  }
  if (std::any_of(literal.begin(), literal.end(), is_upper)) {
    return bad(pattern, "the host has upper case letters; write it in lower case");
  }
  const auto domain = Domain::parse(any_labels ? cat("x.", literal) : std::string(literal));
  if (!domain) return bad(pattern, cat("the host is not one: ", domain.error().what()));
  const std::string canonical = domain->canonical();
  return any_labels ? cat(kAnyLabels, std::string_view(canonical).substr(2)) : canonical;
}

Result<void> check_component(std::string_view pattern, std::string_view component) {
  if (component.empty()) return bad(pattern, "has an empty path component");
  if (component == kEverything) return {};
  if (component.find(kEverything) != std::string_view::npos) {
    return bad(pattern, "`**` stands alone between slashes; inside a component write `*`");
  }
  if (component.find(':') != std::string_view::npos) {
    return bad(pattern, "has a tag; patterns match names, so end it before the `:`");
  }
  if (std::any_of(component.begin(), component.end(), is_upper)) {
    return bad(pattern, "has upper case letters, but image names are lower case");
  }
  // What no name can hold would never match, and the policy would silently not apply.
  std::string sample(component);
  std::replace(sample.begin(), sample.end(), '*', 'x');
  const auto parsed = Repository::parse(cat("host.example/x/", sample));
  if (!parsed && sample.size() < kRepositoryBytes / 2) {
    return bad(pattern,
               cat(quoted(component, 60), " is in no image name: ", parsed.error().what()));
  }
  if (!parsed) return bad(pattern, "is longer than an image name can be");
  return {};
}

}  // namespace

ImageGlob::ImageGlob(std::string text) : text_(std::move(text)) {}

Result<ImageGlob> ImageGlob::parse(std::string_view pattern) {
  ImageGlob glob{std::string(pattern)};
  if (pattern == kEverything) return glob;
  if (const auto good = check_text(pattern); !good) return good.error();

  const std::size_t slash = pattern.find('/');
  const std::string_view host = pattern.substr(0, slash);
  if (!looks_like_host(host)) return no_host(pattern, host);
  if (slash == std::string_view::npos) {
    return bad(pattern,
               cat("has no path; write ", host.substr(0, 100), "/** for every image there"));
  }
  auto canonical = canonical_host(pattern, host);
  if (!canonical) return canonical.error();
  glob.host_ = std::move(*canonical);

  for (const std::string_view component : split(pattern.substr(slash + 1), '/')) {
    if (const auto good = check_component(pattern, component); !good) return good.error();
    glob.path_.emplace_back(component);
  }
  if (glob.host_ == "docker.io" && glob.path_.size() == 1 && glob.path_[0] != kEverything) {
    return bad(pattern, cat("names on Docker Hub have two parts; write docker.io/library/",
                            glob.path_[0], " for official images"));
  }
  return glob;
}

bool ImageGlob::matches(std::string_view repository) const {
  if (host_.empty()) return true;
  const std::size_t slash = repository.find('/');
  if (slash == std::string_view::npos) return false;
  if (!matches_host(host_, repository.substr(0, slash))) return false;
  return matches_path(path_, split(repository.substr(slash + 1), '/'));
}

bool ImageGlob::has_literal_host() const {
  return !host_.empty() && !host_.starts_with(kAnyLabels);
}

std::string ImageGlob::literal_prefix(std::size_t most) const {
  if (!has_literal_host()) return {};
  std::string prefix = host_;
  for (std::size_t i = 0; i < path_.size() && i + 1 < most; ++i) {
    if (path_[i].find('*') != std::string::npos) break;
    prefix.append("/").append(path_[i]);
  }
  return prefix;
}

bool matches_name(std::string_view pattern, std::string_view name) {
  return matches_wildcards(pattern, name, '?');
}

}  // namespace signet
