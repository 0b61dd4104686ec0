#include "core/policy/regexp_ways.hpp"

#include <optional>

#include "core/base/text.hpp"
#include "core/policy/identities.hpp"

namespace signet {
namespace {

constexpr std::size_t kWays = 16;
constexpr std::size_t kDepth = 64;
constexpr std::size_t kTimes = 64;
constexpr std::size_t kStepsOfPiece = 4;     // to copy it
constexpr std::size_t kStepsOfClass = 2000;  // to compile it

using Ways = std::vector<RegexpWay>;

struct Times {
  std::size_t least = 1;
  bool many = false;  // more than once
};

// Follows the syntax of RE2, of an expression that RE2 took.
class WayFinder {
 public:
  WayFinder(std::string_view text, PatternWork& work) : text_(text), work_(work) {}

  Ways find() {
    Ways ways = alternatives(0);
    return failed_ || at_ != text_.size() ? Ways{} : ways;
  }

 private:
  bool next_is(std::string_view piece) const { return text_.substr(at_).starts_with(piece); }

  Ways alternatives(std::size_t depth) {
    Ways done;
    Ways open(1);
    failed_ = failed_ || depth > kDepth;
    while (!failed_ && at_ < text_.size() && text_[at_] != ')') {
      if (text_[at_] == '|') {
        ++at_;
        add(done, std::move(open));
        open.assign(1, {});
      } else {
        open = behind(std::move(open), next(depth));
      }
    }
    add(done, std::move(open));
    return done;
  }

  static void add(Ways& done, Ways more) {
    for (RegexpWay& way : more) {
      if (done.size() < kWays) done.push_back(std::move(way));
    }
  }

  void spend(std::size_t steps) { failed_ = failed_ || !work_.spend(steps); }

  Ways behind(Ways first, const Ways& second) {
    if (second.size() == 1) {
      for (RegexpWay& way : first)
        append(way, second.front());
      return first;
    }
    Ways both;
    for (const RegexpWay& a : first) {
      for (const RegexpWay& b : second) {
        if (failed_ || both.size() == kWays) return both;
        spend(kStepsOfPiece * a.size());
        both.push_back(a);
        append(both.back(), b);
      }
    }
    return both;
  }

  void append(RegexpWay& way, const RegexpWay& more) {
    spend(kStepsOfPiece * more.size());
    if (!failed_) way.insert(way.end(), more.begin(), more.end());
  }

  // One atom with what repeats it.
  Ways next(std::size_t depth) {
    Ways ways;
    if (text_[at_] == '(') {
      ways = group(depth);
    } else if (next_is("\\Q")) {
      ways.push_back(quoted_run());
    } else {
      ways.push_back({atom()});
    }
    const Times times = repetition();
    for (RegexpWay& way : ways)
      repeat(way, times);
    return ways;
  }

  void repeat(RegexpWay& way, Times times) {
    for (RegexpPiece& piece : way) {
      piece.optional = piece.optional || times.least == 0;
      piece.repeats = piece.repeats || times.many;
    }
    if (times.least > kTimes) failed_ = true;
    const RegexpWay once = way;
    for (std::size_t i = 1; !failed_ && i < times.least; ++i)
      append(way, once);
    failed_ = failed_ || way.size() > 4 * text_.size() + kTimes;
  }

  Ways group(std::size_t depth) {
    ++at_;
    if (next_is("?")) {
      const std::size_t end = text_.find_first_of(":)>", at_);
      const bool flags_alone = end != std::string_view::npos && text_[end] == ')';
      at_ = end == std::string_view::npos ? text_.size() : end + 1;
      if (flags_alone) return Ways(1);
    }
    Ways ways = alternatives(depth + 1);
    failed_ = failed_ || at_ >= text_.size();
    if (!failed_) ++at_;
    return ways;
  }

  RegexpWay quoted_run() {
    at_ += 2;
    RegexpWay run;
    while (at_ < text_.size() && !next_is("\\E")) {
      run.push_back({RegexpPiece::Kind::literal, at_, std::string(1, text_[at_]), false, false});
      ++at_;
    }
    at_ = std::min(text_.size(), at_ + 2);
    return run;
  }

  RegexpPiece atom() {
    const std::size_t from = at_;
    const char c = text_[at_++];
    if (c == '^') return {RegexpPiece::Kind::begin, from, "", false, false};
    if (c == '$') return {RegexpPiece::Kind::end, from, "", false, false};
    if (c == '.') return {RegexpPiece::Kind::dot, from, "a", false, false};
    if (c == '[') return character_class(from);
    if (c == '\\') return escape(from);
    return {RegexpPiece::Kind::literal, from, std::string(1, c), false, false};
  }

  RegexpPiece character_class(std::size_t from) {
    if (next_is("^")) ++at_;
    if (next_is("]")) ++at_;
    while (at_ < text_.size() && text_[at_] != ']') {
      const std::size_t named = next_is("[:") ? text_.find(":]", at_) : std::string_view::npos;
      at_ = named != std::string_view::npos ? named + 2 : at_ + (text_[at_] == '\\' ? 2 : 1);
    }
    failed_ = failed_ || at_ >= text_.size();
    at_ = std::min(text_.size(), at_ + 1);
    return member_of(from);
  }

  RegexpPiece escape(std::size_t from) {
    const char c = at_ < text_.size() ? text_[at_++] : '\\';
    if (c == 'A') return {RegexpPiece::Kind::begin, from, "", false, false};
    if (c == 'z') return {RegexpPiece::Kind::end, from, "", false, false};
    if (!is_alnum(c)) return {RegexpPiece::Kind::literal, from, std::string(1, c), false, false};
    if (std::string_view("dDsSwW").find(c) != std::string_view::npos) return member_of(from);
    failed_ = true;
    return {};
  }

  // Something that the class from there to here matches.
  RegexpPiece member_of(std::size_t from) {
    spend(kStepsOfClass);
    if (failed_) return {};
    const auto members = TextPattern::regexp(text_.substr(from, at_ - from));
    for (const char c : std::string_view("a0A-./@_:+ !\"#$%&'()*,;<=>?[\\]^`{|}~")) {
      const std::string text(1, c);
      if (members && members->matches(text))
        return {RegexpPiece::Kind::other, from, text, false, false};
    }
    failed_ = true;
    return {};
  }

  Times repetition() {
    Times times;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '*' || c == '?') {
        times.least = 0;
      } else if (c == '{' && is_counted()) {
        times.least = counted();
      } else if (c != '+') {
        break;
      }
      times.many = times.many || c != '?';
      at_ = c == '{' ? text_.find('}', at_) + 1 : at_ + 1;
      if (next_is("?")) ++at_;  // prefers fewer
    }
    return times;
  }

  // `{` that does not count stands for itself.
  bool is_counted() const {
    const std::size_t end = text_.find('}', at_);
    if (end == std::string_view::npos || end == at_ + 1) return false;
    const std::string_view inside = text_.substr(at_ + 1, end - at_ - 1);
    return is_digit(inside.front()) &&
           inside.find_first_not_of("0123456789,") == std::string_view::npos;
  }

  std::size_t counted() const {
    std::size_t count = 0;
    for (std::size_t i = at_ + 1; is_digit(text_[i]) && count <= kTimes; ++i)
      count = count * 10 + static_cast<std::size_t>(text_[i] - '0');
    return count;
  }

  std::string_view text_;
  PatternWork& work_;
  std::size_t at_ = 0;
  bool failed_ = false;
};

}  // namespace

std::vector<RegexpWay> ways_through(std::string_view expression, PatternWork& work) {
  return WayFinder(expression, work).find();
}

std::string text_of(const RegexpWay& way) {
  std::string text;
  for (const RegexpPiece& piece : way)
    text += piece.text;
  return text;
}

}  // namespace signet
