#pragma once
// A failure that repeats is told once: what is tried every other second must not fill a log while
// the API server is away.

#include <string>

#include "core/base/result.hpp"

namespace signet {

class ToldOnce {
 public:
  // An error that was told last becomes a success for whoever would tell it.
  Result<void> once(Result<void> outcome) {
    std::string what = outcome ? std::string() : outcome.error().what();
    if (what == last_) return {};
    last_ = std::move(what);
    return outcome;
  }

 private:
  std::string last_;
};

}  // namespace signet
