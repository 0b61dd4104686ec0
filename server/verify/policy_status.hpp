#pragma once
// What is to be told of each object: its conditions, from what the loader and the set say of it.

#include <map>
#include <set>
#include <string>
#include <vector>

#include "server/verify/policy_objects.hpp"

namespace signet {

class StatusBook {
 public:
  // Borrowed for the life of the book.
  explicit StatusBook(const Assembled& policies);

  // Without uid and generation.
  PolicyObjectStatus status_of(const ObjectName& name, const LoadedSource& source) const;

 private:
  std::vector<std::string> missing_of(const LoadedSource& source) const;

  const PolicySet& set_;
  std::map<std::string, std::vector<const Issue*>, std::less<>> issues_;  // by source
  std::set<std::string, std::less<>> kept_;
};

}  // namespace signet
