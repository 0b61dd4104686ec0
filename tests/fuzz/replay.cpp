// The fuzz targets without a fuzzer: each file of a corpus directory, then mutations of these with
// a fixed seed. A run is the same everywhere; a crash or a sanitizer's report is the failure.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using Input = std::vector<std::uint8_t>;

constexpr int kMutations = 3000;
constexpr std::size_t kLongest = std::size_t{64} * 1024;

std::vector<Input> inputs_of(const std::filesystem::path& directory) {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    if (entry.is_regular_file()) paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<Input> inputs;
  for (const auto& path : paths) {
    std::ifstream file(path, std::ios::binary);
    inputs.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return inputs;
}

class Mutator {
 public:
  explicit Mutator(const std::vector<Input>& inputs) : inputs_(inputs) {}

  Input next() {
    Input input = inputs_[below(inputs_.size())];
    const std::size_t changes = 1 + below(4);
    for (std::size_t i = 0; i < changes; ++i)
      change(input);
    return input;
  }

 private:
  // Not std::uniform_int_distribution, whose numbers differ between libraries.
  std::size_t below(std::size_t bound) { return bound == 0 ? 0 : random_() % bound; }

  std::ptrdiff_t place(const Input& input) {
    return static_cast<std::ptrdiff_t>(below(input.size() + 1));
  }

  void change(Input& input) {
    switch (below(6)) {
      case 0:
        flip(input);
        return;
      case 1:
        input.insert(input.begin() + place(input), static_cast<std::uint8_t>(below(256)));
        return;
      case 2:
        erase(input);
        return;
      case 3:
        input.resize(below(input.size() + 1));
        return;
      case 4:
        repeat(input);
        return;
      default:
        splice(input);
    }
  }

  void flip(Input& input) {
    if (input.empty()) return;
    input[below(input.size())] ^= static_cast<std::uint8_t>(1U << below(8));
  }

  void erase(Input& input) {
    const auto from = input.begin() + place(input);
    const auto room = static_cast<std::size_t>(input.end() - from);
    input.erase(from, from + static_cast<std::ptrdiff_t>(std::min(room, 1 + below(16))));
  }

  void repeat(Input& input) {
    const std::size_t from = below(input.size());
    const std::size_t length = std::min(input.size() - from, 1 + below(64));
    const Input piece(input.begin() + static_cast<std::ptrdiff_t>(from),
                      input.begin() + static_cast<std::ptrdiff_t>(from + length));
    for (std::size_t times = 1 + below(32); times > 0 && input.size() < kLongest; --times)
      input.insert(input.begin() + place(input), piece.begin(), piece.end());
  }

  void splice(Input& input) {
    const Input& other = inputs_[below(inputs_.size())];
    const auto from = other.begin() + place(other);
    input.resize(below(input.size() + 1));
    input.insert(input.end(), from, other.end());
  }

  const std::vector<Input>& inputs_;
  std::mt19937_64 random_{20260101};
};

void run(const Input& input) {
  // A copy of the exact size, so that a read beyond the end is one beyond the allocation.
  const Input exact(input);
  LLVMFuzzerTestOneInput(exact.data(), exact.size());
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<Input> inputs(1);  // the empty input
  for (int i = 1; i < argc; ++i) {
    for (Input& input : inputs_of(argv[i]))
      inputs.push_back(std::move(input));
  }
  if (inputs.size() < 2) {
    std::fprintf(stderr, "no corpus; usage: %s DIRECTORY...\n", argv[0]);
    return 1;
  }
  for (const Input& input : inputs)
    run(input);
  Mutator mutator(inputs);
  for (int i = 0; i < kMutations; ++i)
    run(mutator.next());
  std::printf("%zu inputs, %d mutations\n", inputs.size(), kMutations);
  return 0;
}
