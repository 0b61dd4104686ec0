#pragma once
// Finds the policies that may apply to an image without asking each of them: by namespace, and by
// what their patterns begin with. Never leaves one out that applies; what it finds is asked still.

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace signet {

struct Policy;

class PolicyIndex {
 public:
  explicit PolicyIndex(std::span<const std::shared_ptr<const Policy>> policies);

  // Positions in the list that was indexed, ascending, each once. `repository` is
  // Repository::canonical().
  std::vector<std::size_t> candidates(std::string_view ns, std::string_view repository) const;

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>()(text);
    }
  };
  template <class T>
  using ByText = std::unordered_map<std::string, T, Hash, std::equal_to<>>;
  using ByPrefix = ByText<std::vector<std::size_t>>;  // "": any image

  void add(std::size_t position, const Policy& policy);

  ByText<ByPrefix> by_namespace_;  // "": any namespace
};

}  // namespace signet
