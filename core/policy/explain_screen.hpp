#pragma once
// The whole tree of a verdict for a person: aligned, wrapped, coloured where that is wanted, and no
// longer than a screen. Escape sequences stand round Signet's own words only.

#include <string>

#include "core/policy/verdict.hpp"

namespace signet {

struct Screen {
  std::size_t width = 0;   // columns; 0: lines are not broken
  std::size_t height = 0;  // lines; 0: as many as there are
  bool colour = false;
};

// Image, digest, verdict, policies with authorities, signatures and steps, what to do. Where that
// is more than the screen has, details go, and what went is said; the cure stays.
std::string explanation_on(const Screen& screen, const Verdict& verdict);

}  // namespace signet
