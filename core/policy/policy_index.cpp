#include "core/policy/policy_index.hpp"

#include <algorithm>

#include "core/base/limits.hpp"
#include "core/policy/model.hpp"

namespace signet {
namespace {

constexpr std::string_view kAny;
constexpr std::size_t kParts = 4;  // of a name that are looked at: host and three components

bool is_literal(std::string_view name) {
  return name.find_first_of("*?") == std::string_view::npos;
}

std::vector<std::string> sorted(std::vector<std::string> names) {
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

// Nothing here may be narrower than coverage_of() (matcher.hpp).
std::vector<std::string> namespaces_of(const Policy& policy) {
  if (policy.kind == PolicyKind::namespaced) return {policy.ns};
  const auto& names = policy.match.namespaces;
  const bool unreadable = !policy.issues.empty() && policy.match.images.empty();
  if (unreadable || names.empty() || !std::all_of(names.begin(), names.end(), is_literal)) {
    return {std::string(kAny)};
  }
  return sorted(names);
}

std::vector<std::string> prefixes_of(const Policy& policy) {
  std::vector<std::string> prefixes;
  for (const ImageGlob& glob : policy.match.images) {
    prefixes.push_back(glob.literal_prefix(kParts));
  }
  if (prefixes.empty()) prefixes.emplace_back(kAny);
  return sorted(std::move(prefixes));
}

// Calls with "", "host", "host/a", "host/a/b", ... of a repository.
template <class Visit>
void each_prefix(std::string_view repository, Visit visit) {
  visit(kAny);
  std::size_t end = 0;
  for (std::size_t part = 0; part < kParts && end < repository.size(); ++part) {
    end = std::min(repository.find('/', end + 1), repository.size());
    visit(repository.substr(0, end));
  }
}

}  // namespace

PolicyIndex::PolicyIndex(std::span<const std::shared_ptr<const Policy>> policies) {
  for (std::size_t i = 0; i < policies.size(); ++i) {
    add(i, *policies[i]);
  }
}

void PolicyIndex::add(std::size_t position, const Policy& policy) {
  const std::vector<std::string> prefixes = prefixes_of(policy);
  std::vector<std::string> namespaces = namespaces_of(policy);
  // One long list is worth its entries, the product of two is not.
  if (namespaces.size() * prefixes.size() > kPatterns) namespaces = {std::string(kAny)};
  for (const std::string& ns : namespaces) {
    for (const std::string& prefix : prefixes) {
      by_namespace_[ns][prefix].push_back(position);
    }
  }
}

std::vector<std::size_t> PolicyIndex::candidates(std::string_view ns,
                                                 std::string_view repository) const {
  std::vector<std::size_t> found;
  const auto look = [&](std::string_view name) {
    const auto there = by_namespace_.find(name);
    if (there == by_namespace_.end()) return;
    each_prefix(repository, [&](std::string_view prefix) {
      const auto policies = there->second.find(prefix);
      if (policies == there->second.end()) return;
      found.insert(found.end(), policies->second.begin(), policies->second.end());
    });
  };
  look(kAny);
  if (!ns.empty()) look(ns);
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

}  // namespace signet
