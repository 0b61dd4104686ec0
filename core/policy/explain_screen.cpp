#include "core/policy/explain_screen.hpp"

#include <algorithm>

#include "core/base/limits.hpp"
#include "core/base/text.hpp"
#include "core/base/wrap.hpp"
#include "core/policy/explain.hpp"
#include "core/policy/explain_lines.hpp"

namespace signet {
namespace {

using Lines = std::vector<ExplainedLine>;

constexpr std::size_t kShownBytes = 2048;
constexpr std::size_t kNarrowestText = 16;  // beside a label; below that, text gets the whole line
constexpr std::size_t kHints = 4;

// From the whole to what nobody can do without.
constexpr ExplainDepth kDepths[] = {{SIZE_MAX, SIZE_MAX, SIZE_MAX, true, true},
                                    {SIZE_MAX, SIZE_MAX, 3, true, true},
                                    {SIZE_MAX, 3, 3, true, true},
                                    {3, 3, 1, true, true},
                                    {3, 3, 1, true, false},
                                    {2, 1, 1, true, false},
                                    {1, 1, 1, true, false}};

std::string_view code_of(LineRole role) {
  switch (role) {
    case LineRole::good:
      return "\x1b[32m";
    case LineRole::bad:
      return "\x1b[31m";
    case LineRole::unsure:
      return "\x1b[33m";
    case LineRole::plain:
      return "";
  }
  return "";
}

constexpr std::string_view kBold = "\x1b[1m";
constexpr std::string_view kReset = "\x1b[0m";

LineRole verdict_role(const Verdict& verdict) {
  const PolicyFinding* const finding = decisive(verdict);
  if (verdict.allowed() && !finding) return LineRole::good;
  if (verdict.allowed()) return LineRole::unsure;
  return verdict.outcome == Outcome::unknown ? LineRole::unsure : LineRole::bad;
}

Lines head_of(const Verdict& verdict) {
  const PolicyFinding* const finding = decisive(verdict);
  const std::string words = standing_words(verdict);
  const std::string by = finding ? cat(" by policy ", finding->name) : "";
  const std::string why = verdict.policies.empty() ? because(verdict.reason, verdict.detail)
                                                   : std::string(name_of(verdict.reason));
  return {{0, "image:   ", verdict.image},
          {0, "digest:  ", verdict.digest ? verdict.digest->str() : "not known"},
          {0, "verdict: ", cat(words, by, ": ", why), verdict_role(verdict), words.size()}};
}

Lines end_of(const Verdict& verdict) {
  const PolicyFinding* const finding = decisive(verdict);
  Lines lines;
  const std::string cure = cure_for(finding ? finding->reason : verdict.reason);
  if (!cure.empty()) lines.push_back({0, "fix:     ", cure});
  if (finding && !finding->message.empty()) lines.push_back({0, "contact: ", finding->message});
  if (verdict.stale) lines.push_back({0, "note:    ", *verdict.stale});
  for (std::size_t i = 0; i < std::min(verdict.hints.size(), kHints); ++i)
    lines.push_back({0, "note:    ", verdict.hints[i]});
  return lines;
}

class Page {
 public:
  explicit Page(const Screen& screen) : screen_(screen) {}

  void add(const ExplainedLine& line);
  void add(const Lines& lines) {
    for (const ExplainedLine& line : lines)
      add(line);
  }
  std::size_t size() const { return lines_.size(); }
  bool fits() const { return screen_.height == 0 || size() <= screen_.height; }
  // The first lines and the last ones, and between them how many went.
  void cut(std::size_t end);
  std::string text() const { return lines_.empty() ? "" : cat(join(lines_, "\n"), "\n"); }

 private:
  std::string coloured(std::string_view code, std::string_view text) const {
    if (!screen_.colour || code.empty() || text.empty()) return std::string(text);
    return cat(code, text, kReset);
  }
  // The word that a label begins with is ours; what follows may be a name.
  std::string label_of(const std::string& label) const {
    const std::size_t word = std::min(label.find_first_of(": "), label.size());
    return coloured(kBold, label.substr(0, word)) + label.substr(word);
  }

  const Screen& screen_;
  std::vector<std::string> lines_;
};

void Page::add(const ExplainedLine& line) {
  const std::string label = printable(line.label, kShownBytes);
  const std::string text = printable(line.text, kShownBytes);
  std::size_t margin = line.indent + label.size();
  const bool narrow = screen_.width > 0 && margin + kNarrowestText > screen_.width;
  if (narrow) margin = std::min(line.indent + 2, screen_.width / 2);
  const std::size_t room = screen_.width == 0 ? 0 : screen_.width - margin;
  const std::string start(std::min(line.indent, margin), ' ');
  if (narrow) {
    const std::size_t wide = screen_.width - start.size();
    const auto labels = wrapped(trim(label), std::max<std::size_t>(wide, 1));
    for (const std::string& part : labels)
      lines_.push_back(start + (&part == &labels.front() ? label_of(part) : part));
    if (label.empty()) lines_.pop_back();
  }
  std::string before = narrow ? std::string(margin, ' ') : start + label_of(label);
  std::size_t own = line.own_words;
  for (const std::string& part : wrapped(text, room)) {
    const std::size_t painted = std::min(own, part.size());
    lines_.push_back(
        cat(before, coloured(code_of(line.role), part.substr(0, painted)), part.substr(painted)));
    before = std::string(margin, ' ');
    own = 0;
  }
}

void Page::cut(std::size_t end) {
  if (fits()) return;
  const std::size_t kept = screen_.height - 1;
  const std::size_t last = std::min(end, kept / 2);
  const std::size_t first = kept - last;
  const std::string gone = std::to_string(size() - kept);
  const std::string more = cat("... ", gone, " more lines; --verbose shows all");
  const std::size_t width = screen_.width == 0 ? more.size() : screen_.width;
  const auto from = lines_.begin() + static_cast<std::ptrdiff_t>(first);
  const auto to = lines_.end() - static_cast<std::ptrdiff_t>(last);
  *from = more.substr(0, width);
  lines_.erase(from + 1, to);
}

}  // namespace

std::string explanation_on(const Screen& screen, const Verdict& verdict) {
  Page end(screen);
  end.add(end_of(verdict));
  for (const ExplainDepth& depth : kDepths) {
    Page page(screen);
    page.add(head_of(verdict));
    page.add(policy_lines(verdict, depth));
    page.add(end_of(verdict));
    if (&depth == std::end(kDepths) - 1) page.cut(end.size());
    if (page.fits()) return page.text();
  }
  return "";
}

}  // namespace signet
