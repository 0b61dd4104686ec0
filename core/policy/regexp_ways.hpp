#pragma once
// What a regular expression is made of, as far as people are told about it; RE2 alone decides what
// it matches. Each way through it is one text that it should match, piece by piece.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace signet {

struct RegexpPiece {
  enum class Kind {
    literal,
    dot,    // `.`
    other,  // a class such as [a-z] or \d
    begin,  // ^
    end,    // $
  };
  Kind kind = Kind::literal;
  std::size_t at = 0;     // its byte of the expression
  std::string text;       // something that it matches; of begin and end: nothing
  bool optional = false;  // it, or a group round it, may match nothing
  bool repeats = false;   // it may match more than once
};
using RegexpWay = std::vector<RegexpPiece>;

// How much may still be spent on looking through patterns, in steps of a few nanoseconds: what a
// pattern costs does not depend on how it was meant.
struct PatternWork {
  std::size_t left;
  bool exceeded = false;

  bool spend(std::size_t steps) {
    exceeded = exceeded || steps > left;
    left = exceeded ? 0 : left - steps;
    return !exceeded;
  }
};

// The ways through a good expression, each alternative at least once while they are few; none where
// it has something in it that is not understood here, or the work is exceeded.
std::vector<RegexpWay> ways_through(std::string_view expression, PatternWork& work);

// The text of a way.
std::string text_of(const RegexpWay& way);

}  // namespace signet
