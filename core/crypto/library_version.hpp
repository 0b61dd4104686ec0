#pragma once
// Is the OpenSSL at hand one that is known to be mended? (security.md SR-21; rulings 30: said, not
// refused.)

#include <optional>
#include <string>

namespace signet {

// What is wrong with that version, with the cure; nothing where it is fine.
std::optional<std::string> library_warning(unsigned major, unsigned minor, unsigned patch);
// The same of the library that this program runs with.
std::optional<std::string> library_warning();

// "3.0.19"
std::string library_version();

}  // namespace signet
