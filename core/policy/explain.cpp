#include "core/policy/explain.hpp"

#include <algorithm>

#include "core/base/limits.hpp"
#include "core/base/text.hpp"
#include "core/policy/explain_lines.hpp"

namespace signet {
namespace {

constexpr std::size_t kPolicyNameBytes = 80;  // a policy's name in the first line
constexpr std::size_t kImageBytes = 64;       // what a reference keeps of itself at least
constexpr std::size_t kLineBytes = 300;
constexpr std::size_t kLinesThatFit = 6;  // image, digest, policy with its reason; the cure is long
constexpr std::string_view kMore = "  ... and more\n";

std::string judgement(const Verdict& verdict) {
  const PolicyFinding* const finding = decisive(verdict);
  if (!finding) return standing_words(verdict);
  return cat(standing_words(verdict), " by policy ",
             shortened(printable(finding->name), kPolicyNameBytes));
}

class Text {
 public:
  // So many bytes in all, of which no line takes so much that the first few would not fit.
  explicit Text(std::size_t most)
      : most_(most), longest_(std::min(kLineBytes, most / kLinesThatFit)) {}

  void line(std::size_t indent, const std::string& what) {
    text_ += cat(std::string(indent, ' '), printable(what, longest_), "\n");
  }

  // Whole lines only; `end` is what people act on, and stays when details have to go.
  std::string cut(const std::string& end) && {
    if (text_.size() + end.size() <= most_) return text_ + end;
    if (end.size() + kMore.size() > most_) return end;
    const std::size_t room = most_ - end.size() - kMore.size();
    const std::size_t last = room == 0 ? std::string::npos : text_.rfind('\n', room - 1);
    text_.resize(last == std::string::npos ? 0 : last + 1);
    return cat(text_, kMore, end);
  }

 private:
  std::size_t most_;
  std::size_t longest_;
  std::string text_;
};

// What ends the block of an image: what would make it pass, and whom to ask if there is room.
std::string ending(Reason reason, const std::string& message, const std::vector<std::string>& hints,
                   std::size_t most) {
  const std::string cure = cure_for(reason);
  std::string fix = cure.empty() ? "" : cat("    fix: ", cure, "\n");
  for (const std::string& hint : hints) {
    const std::string line = cat("    note: ", printable(hint, kLineBytes), "\n");
    if (fix.size() + line.size() <= most / 2) fix += line;
  }
  const std::string contact = message.empty() ? "" : cat("    ", printable(message), "\n");
  return fix.size() + contact.size() <= most / 2 ? fix + contact : fix;
}

void show_image(Text& text, const Verdict& verdict, std::string_view field) {
  const std::string where = field.empty() ? "image" : printable(field);
  text.line(0, cat("- ", where, ": ", verdict.image));
  text.line(2, cat("digest: ", verdict.digest ? verdict.digest->str() : "not known"));
}

}  // namespace

std::string first_line(const Verdict& verdict) {
  const std::string image = printable(verdict.image, kReferenceBytes);
  const std::string middle = cat(": ", judgement(verdict), ": ", name_of(verdict.reason));
  const std::string detail = printable(verdict.detail, kReferenceBytes);
  constexpr std::string_view kHead = "image ";
  const std::size_t taken = kHead.size() + middle.size() + std::string_view(" ()").size();
  const std::size_t room = kFirstLineBytes - std::min(kFirstLineBytes, taken);
  // The reference yields first, but stays recognisable; then the detail does.
  const std::size_t rest = room - std::min(room, detail.size());
  const std::string shown = shortened(image, std::min(room, std::max(kImageBytes, rest)));
  const std::string why = shortened(detail, room - std::min(room, shown.size()));
  return cat(kHead, shown, middle, why.empty() ? "" : cat(" (", why, ")"));
}

std::string explanation(const Verdict& verdict, std::string_view field, std::size_t most) {
  Text text(most);
  show_image(text, verdict, field);
  if (verdict.policies.empty()) text.line(2, because(verdict.reason, verdict.detail));
  for (const ExplainedLine& line : policy_lines(verdict, {}))
    text.line(line.indent, cat(line.label, line.text));
  const PolicyFinding* const main = decisive(verdict);
  const Reason reason = main ? main->reason : verdict.reason;
  return std::move(text).cut(ending(reason, main ? main->message : "", verdict.hints, most));
}

}  // namespace signet
