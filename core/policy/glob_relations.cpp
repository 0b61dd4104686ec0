#include "core/policy/glob_relations.hpp"

#include <algorithm>

#include "core/base/text.hpp"

namespace signet {
namespace {

std::string host_of(const ImageGlob& glob) {
  if (glob.has_literal_host()) return glob.literal_prefix(1);
  return glob.text().substr(0, glob.text().find('/'));
}

std::vector<std::string_view> path_of(const ImageGlob& glob) {
  const std::string_view text = glob.text();
  return split(text.substr(text.find('/') + 1), '/');
}

// A name whose every `*` only a wildcard can match; `**` is so many components.
std::string hardest_name(const ImageGlob& glob, std::size_t components) {
  std::string name = glob.text() == kEverything ? "*" : host_of(glob);
  for (const std::string_view component : path_of(glob)) {
    const std::size_t times = component == kEverything ? components : 1;
    for (std::size_t i = 0; i < times; ++i)
      name.append("/").append(component == kEverything ? "*" : component);
  }
  return name;
}

bool hosts_meet(std::string_view a, std::string_view b) {
  if (!a.starts_with('*') && !b.starts_with('*')) return a == b;
  if (!a.starts_with('*')) std::swap(a, b);
  if (!b.starts_with('*')) return b.size() >= a.size() && b.ends_with(a.substr(1));
  return a.ends_with(b.substr(1)) || b.ends_with(a.substr(1));
}

// By what stands before the first and behind the last `*`.
bool components_meet(std::string_view a, std::string_view b) {
  const auto head = [](std::string_view text) { return text.substr(0, text.find('*')); };
  const auto tail = [](std::string_view text) { return text.substr(text.rfind('*') + 1); };
  const bool literal_a = a.find('*') == std::string_view::npos;
  const bool literal_b = b.find('*') == std::string_view::npos;
  if (literal_a && literal_b) return a == b;
  if (literal_b) std::swap(a, b);
  if (literal_a || literal_b) return a.starts_with(head(b)) && a.ends_with(tail(b));
  const bool heads = head(a).starts_with(head(b)) || head(b).starts_with(head(a));
  return heads && (tail(a).ends_with(tail(b)) || tail(b).ends_with(tail(a)));
}

}  // namespace

bool covers(const ImageGlob& outer, const ImageGlob& inner) {
  for (std::size_t components = 1; components <= 3; ++components) {
    if (!outer.matches(hardest_name(inner, components))) return false;
  }
  return true;
}

bool may_overlap(const ImageGlob& a, const ImageGlob& b) {
  if (a.text() == kEverything || b.text() == kEverything) return true;
  if (!hosts_meet(host_of(a), host_of(b))) return false;
  const auto path_a = path_of(a);
  const auto path_b = path_of(b);
  for (std::size_t i = 0; i < path_a.size() && i < path_b.size(); ++i) {
    if (path_a[i] == kEverything || path_b[i] == kEverything) return true;
    if (!components_meet(path_a[i], path_b[i])) return false;
  }
  return path_a.size() == path_b.size();
}

}  // namespace signet
