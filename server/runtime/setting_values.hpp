#pragma once
// How the texts of settings become values; what fails says what would be right.

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/text.hpp"

namespace signet {

Result<void> assign(std::string& field, std::string_view value);
Result<void> assign(std::chrono::milliseconds& field, std::string_view value,
                    std::chrono::milliseconds least, std::chrono::milliseconds most);
Result<void> assign(std::size_t& field, std::string_view value, std::size_t least,
                    std::size_t most);
Result<void> add_to(std::vector<std::string>& list, std::string_view value);

template <class E>
struct Word {
  std::string_view text;
  E value;
};

inline constexpr Word<bool> kSwitch[] = {{"true", true}, {"false", false}};

template <class E, std::size_t N>
Result<void> assign_word(E& field, std::string_view value, const Word<E> (&words)[N]) {
  std::vector<std::string> known;
  for (const Word<E>& word : words) {
    if (word.text == value) {
      field = word.value;
      return {};
    }
    known.emplace_back(word.text);
  }
  return malformed("must be one of " + join(known, ", "));
}

}  // namespace signet
