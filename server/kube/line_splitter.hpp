#pragma once
// Cuts octets that come in any pieces into lines. One line is bounded, the whole is not; an empty
// line is none.

#include <functional>
#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace signet {

class LineSplitter {
 public:
  using OnLine = std::function<Result<void>(std::string_view line)>;

  LineSplitter(std::size_t longest, OnLine on_line)
      : longest_(longest), on_line_(std::move(on_line)) {}

  // Fails with limit_exceeded, or as on_line does; it is useless then.
  Result<void> feed(std::string_view octets);
  // What came last had no end.
  bool torn() const { return !rest_.empty(); }

 private:
  Result<void> give(std::string_view line);

  std::size_t longest_;
  OnLine on_line_;
  std::string rest_;
};

}  // namespace signet
