#pragma once
// The one place where the program reads the wall clock; everybody else is handed it.

#include <chrono>

#include "core/base/time.hpp"

namespace signet {

inline TimePoint wall_clock() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

}  // namespace signet
