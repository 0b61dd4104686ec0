#pragma once
// What `signet demo` shows: an organisation's PKI, six images in an OCI layout, and the policy that
// tells them apart. Everything is made anew, by the same means that real signers use.

#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/time.hpp"

namespace signet {

struct DemoImage {
  std::string reference;
  std::string story;  // what its author did
  bool admitted = false;
};

struct DemoWorld {
  std::string repository;  // the prefix that the layout stands for
  std::string policy;      // YAML
  std::vector<DemoImage> images;
};

// Fills the empty `directory` with the layout. `now` dates the certificates.
Result<DemoWorld> make_demo_world(const std::string& directory, TimePoint now);

}  // namespace signet
