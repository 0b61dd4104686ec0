#pragma once
// What to tell a person who wrote a key that is not known at its place: what it would need, or the
// key that was probably meant.

#include <span>
#include <string>
#include <string_view>

namespace signet {

std::string about_unknown_key(std::string_view key, std::span<const std::string_view> known);

}  // namespace signet
