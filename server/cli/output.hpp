#pragma once
// Where a command writes: results to `out`, what went wrong to `err`.

#include <ostream>

namespace signet {

struct Output {
  std::ostream& out;
  std::ostream& err;
};

}  // namespace signet
