#include "core/policy/import_patterns.hpp"

#include <algorithm>

#include "core/base/text.hpp"
#include "core/oci/domain.hpp"
#include "core/policy/glob.hpp"

namespace signet {
namespace {

constexpr char kAcross = '\x01';  // any characters, slashes too
constexpr std::string_view kWild = "*\x01";
constexpr std::size_t kMostGlobs = 16;  // that one pattern of a peer becomes
constexpr std::string_view kHub = "docker.io";

CarriedGlobs cannot(std::string why) {
  return {{}, false, std::move(why)};
}

bool is_hub(std::string_view host) {
  return is_docker_hub(host);
}

bool looks_like_registry(std::string_view text) {
  return text == "localhost" || text.find_first_of(".:") != std::string_view::npos;
}

bool all_wild(std::string_view text) {
  return text.find_first_not_of(kWild) == std::string_view::npos;
}

// ---- the peer's text with its wildcards as `*` and kAcross, runs of them as one

std::string with_marks(std::string_view pattern, GlobDialect dialect) {
  std::string marked;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    char c = pattern[i];
    if (c == '*' || (c == '?' && dialect != GlobDialect::policy_controller)) {
      const bool twice = pattern.substr(i, 2) == "**";
      c = dialect != GlobDialect::policy_controller || twice ? kAcross : '*';
      if (twice) ++i;
    }
    const bool after = !marked.empty() && all_wild(marked.substr(marked.size() - 1));
    if (all_wild(std::string(1, c)) && after) {
      if (c == kAcross) marked.back() = kAcross;
    } else {
      marked.push_back(c);
    }
  }
  return marked;
}

// ---- tags

struct Name {
  std::string text;
  bool exact = true;
  std::string why;
};

// The last component without what can only match a tag or a digest. A wildcard reaches into the
// tag, so that nothing behind the first one is certain to be part of the name.
Name without_tag(std::string_view last) {
  const std::size_t wild = last.find_first_of(kWild);
  const std::size_t colon = last.find_first_of(":@");
  if (wild == std::string_view::npos && colon == std::string_view::npos) {
    return {std::string(last), false,
            "without a wildcard at its end it names no tag, so that there it hardly matches "
            "anything; here it covers every tag and digest of that name"};
  }
  if (colon < wild) {
    const bool any = all_wild(last.substr(colon + 1));
    return {std::string(last.substr(0, colon)), false,
            any ? "" : "patterns have no tags here: it covers every tag and digest of that name"};
  }
  const std::string_view behind = last.substr(wild + 1);
  if (behind.empty()) return {std::string(last), true, ""};
  const bool across = last.find(kAcross) != std::string_view::npos;
  const bool any_tag = all_wild(behind.substr(behind.front() == ':' ? 1 : 0));
  return {cat(last.substr(0, wild), std::string(1, across ? kAcross : '*')), false,
          any_tag ? ""
                  : "the peer's wildcard reaches into the tag, so this covers every name that "
                    "begins so; narrow it by hand if names are meant"};
}

// ---- components

bool ends_component(std::string_view text) {
  return text.empty() || text.ends_with('/');
}
bool begins_component(std::string_view text) {
  return text.empty() || text.starts_with('/');
}

// Every way in which the wildcards across components can be spread over them.
void expand(const std::string& text, std::vector<std::string>& globs) {
  const std::size_t at = text.find(kAcross);
  if (at == std::string::npos || globs.size() > kMostGlobs) {
    globs.push_back(text);
    return;
  }
  const std::string before = text.substr(0, at);
  const std::string behind = text.substr(at + 1);
  const bool bare_before = ends_component(before);
  const bool bare_behind = begins_component(behind);
  if (bare_before && bare_behind) return expand(cat(before, "**", behind), globs);
  if (bare_behind) {
    expand(cat(before, "*", behind), globs);
    return expand(cat(before, "*/**", behind), globs);
  }
  if (bare_before) {
    expand(cat(before, "*", behind), globs);
    return expand(cat(before, "**/*", behind), globs);
  }
  expand(cat(before, "*", behind), globs);
  expand(cat(before, "*/*", behind), globs);
  expand(cat(before, "*/**/*", behind), globs);
}

// Patterns for `host` and the marked path, each as the loader takes it.
CarriedGlobs patterns_of(std::string_view host, const std::string& path, CarriedGlobs carried) {
  std::vector<std::string> paths;
  expand(path, paths);
  if (paths.size() > kMostGlobs) {
    return cannot("it would take too many patterns; write them by hand");
  }
  for (const std::string& each : paths) {
    const bool official = host == kHub && each.find('/') == std::string::npos && each != "**";
    carried.exact = carried.exact && !official;
    const std::string glob = cat(host, "/", official ? "library/" : "", each);
    const auto parsed = ImageGlob::parse(glob);
    if (!parsed) return cannot(cat("nothing here stands for it: ", parsed.error().what()));
    if (std::find(carried.globs.begin(), carried.globs.end(), glob) == carried.globs.end()) {
      carried.globs.push_back(glob);
    }
  }
  return carried;
}

std::string_view unknown_to(GlobDialect dialect) {
  return dialect == GlobDialect::policy_controller ? "?[]{}!\\" : "[]{}!\\";
}

CarriedGlobs carry_marked(const std::string& marked, GlobDialect dialect) {
  const std::size_t slash = marked.find('/');
  std::string host = slash == std::string::npos ? std::string(kHub) : marked.substr(0, slash);
  std::string path = slash == std::string::npos ? marked : marked.substr(slash + 1);
  CarriedGlobs carried;
  if (slash == std::string::npos && path.find(kAcross) != std::string::npos) {
    return cannot(
        "it reaches into the names of registries; write host/path patterns, such as "
        "registry.example.com/**");
  }
  const bool any_labels = host.starts_with("*.");
  const std::string_view literal = std::string_view(host).substr(any_labels ? 2 : 0);
  if (literal.find_first_of(kWild) != std::string_view::npos) {
    return cannot(
        "its registry has a wildcard, which here stands for whole labels in front only; "
        "write the registries out, or *.example.com/**");
  }
  if (slash != std::string::npos && !looks_like_registry(host)) {
    path = marked;
    host = kHub;
    carried.exact = false;
  }
  if (slash == std::string::npos) carried.exact = false;
  if (is_hub(host)) {
    const bool canonical = dialect == GlobDialect::policy_controller && host == "index.docker.io";
    carried.exact = carried.exact && canonical;
    host = kHub;
  }
  const std::size_t last = path.rfind('/') + 1;  // 0 where there is none
  const Name name = without_tag(std::string_view(path).substr(last));
  carried.exact = carried.exact && name.exact;
  carried.why = name.why;
  return patterns_of(host, path.substr(0, last) + name.text, std::move(carried));
}

}  // namespace

CarriedGlobs carry_glob(std::string_view pattern, GlobDialect dialect) {
  if (pattern.find_first_of(unknown_to(dialect)) != std::string_view::npos ||
      pattern.find(kAcross) != std::string_view::npos) {
    return cannot("it has operators other than wildcards; write one pattern for each case");
  }
  // policy-controller reads these two as Docker Hub's.
  const bool hub =
      dialect == GlobDialect::policy_controller && (pattern == "*" || pattern == "*/*");
  if (hub) {
    return {{pattern == "*" ? "docker.io/library/*" : "docker.io/*/*"}, true, ""};
  }
  const std::string marked = with_marks(pattern, dialect);
  if (marked == std::string(1, kAcross)) return {{"**"}, true, ""};
  CarriedGlobs carried = carry_marked(marked, dialect);
  if (pattern.find('?') != std::string_view::npos && !carried.globs.empty()) {
    carried.exact = false;
    carried.why = "`?` became `*`, so that it covers more names";
  }
  return carried;
}

CarriedGlobs carry_scope(std::string_view scope) {
  const std::size_t slash = scope.find('/');
  const std::string host = to_lower(scope.substr(0, slash));
  CarriedGlobs carried;
  if (host.starts_with("*.")) {
    carried.why = "a registry with a port is covered there and not here; name those one by one";
  }
  if (slash == std::string_view::npos) return patterns_of(host, "**", std::move(carried));
  const std::string path(scope.substr(slash + 1));
  const std::size_t tag = path.find_first_of(":@", path.rfind('/') + 1);
  if (tag != std::string::npos) {
    carried.exact = false;
    carried.why = "patterns have no tags here: it covers every tag and digest of that name";
    return patterns_of(host, path.substr(0, tag), std::move(carried));
  }
  const bool namespace_of_hub = is_hub(host) && path.find('/') == std::string::npos;
  if (!namespace_of_hub) carried = patterns_of(host, path, std::move(carried));
  if (!namespace_of_hub && carried.globs.empty()) return carried;
  return patterns_of(host, cat(path, "/**"), std::move(carried));
}

// ---- text

std::string carry_search(std::string_view searched) {
  // Alternatives and quoted runs have ends of their own.
  if (searched.find('|') != std::string_view::npos || searched.find("\\Q") != searched.npos ||
      searched.starts_with("(?")) {
    return cat(".*(?:", searched, ").*");
  }
  std::string_view inner = searched;
  const bool begins = inner.starts_with('^');
  if (begins) inner.remove_prefix(1);
  std::size_t escapes = 0;
  while (inner.size() > escapes + 1 && inner[inner.size() - 2 - escapes] == '\\')
    ++escapes;
  const bool ends = inner.ends_with('$') && escapes % 2 == 0;
  if (ends) inner.remove_suffix(1);
  const bool open_before = begins || inner.starts_with(".*");
  const bool open_behind = ends || (inner.ends_with(".*") && !inner.ends_with("\\.*"));
  // A class that is not closed, or a quantifier without anything, is refused by whoever compiles
  // it.
  return cat(open_before ? "" : ".*", inner, open_behind ? "" : ".*");
}

std::string carry_wildcards(std::string_view text) {
  std::string regexp;
  for (const char c : text) {
    if (c == '*') {
      regexp += ".*";
    } else if (c == '?') {
      regexp += '.';
    } else {
      if (!is_alnum(c) && c != '-' && c != '_' && c != '/' && c != '@' && c != ':') regexp += '\\';
      regexp += c;
    }
  }
  return regexp;
}

}  // namespace signet
