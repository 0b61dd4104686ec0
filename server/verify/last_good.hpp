#pragma once
// The last good version of every policy and trust root: it goes on deciding where a change makes
// one invalid, and is forgotten where one is taken away (policy.md 11). Pure; a value.

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "core/policy/loader.hpp"

namespace signet {

class LastGood {
 public:
  // Puts the last good version in place of what is invalid in `loaded`, and remembers what is good
  // in it. A part of a file that cannot be told apart (broken YAML) stands for what the file held
  // before; in a file that is new it denies, as the loader made it. Names what was kept.
  std::vector<std::string> mend(Loaded& loaded);

 private:
  template <class T>
  struct Good {
    std::shared_ptr<const T> value;
    std::string file;
  };
  template <class T>
  using Known = std::map<std::string, Good<T>>;

  template <class T>
  std::vector<std::string> mend(std::vector<std::shared_ptr<const T>>& values,
                                std::vector<std::string>& files, Known<T>& known,
                                const std::set<std::string>& torn) const;

  Known<Policy> policies_;
  Known<TrustRoot> trust_roots_;
  std::set<std::string> whole_;  // files of which everything is remembered
};

}  // namespace signet
