#pragma once
// "Did you mean": the known word that a mistyped one is nearest to.

#include <span>
#include <string_view>

namespace signet {

// How many letters must change, come, go or trade places with their neighbour to make one word of
// the other (Damerau and Levenshtein, no letter touched twice).
std::size_t edit_distance(std::string_view a, std::string_view b);

// The nearest of `known`, the first of equals, case ignored; empty where none is near: at most two
// edits or a third of the word, fewer than its letters, and never for a word of over 40 letters.
std::string_view nearest(std::string_view word, std::span<const std::string_view> known);

}  // namespace signet
