#include "core/policy/explain.hpp"

#include <algorithm>

#include "core/base/limits.hpp"
#include "core/base/text.hpp"

namespace signet {
namespace {

constexpr std::size_t kAuthoritiesShown = 3;
constexpr std::size_t kSignaturesShown = 3;
constexpr std::size_t kNameBytes = 80;   // a policy's name in the first line
constexpr std::size_t kImageBytes = 64;  // what a reference keeps of itself at least
constexpr std::size_t kLineBytes = 300;
constexpr std::size_t kLinesThatFit = 6;  // image, digest, policy with its reason; the cure is long
constexpr std::string_view kMore = "  ... and more\n";

// `identity_mismatch (found ..., wanted ...)`.
std::string because(Reason reason, const std::string& detail) {
  if (detail.empty()) return std::string(name_of(reason));
  return cat(name_of(reason), " (", printable(detail, kLineBytes), ")");
}

std::string judgement(const Verdict& verdict) {
  const PolicyFinding* const finding = decisive(verdict);
  if (verdict.allowed() && !finding) return "trusted";
  const bool unchecked =
      finding ? finding->outcome == Outcome::unknown : verdict.outcome == Outcome::unknown;
  const std::string by =
      finding ? cat(" by policy ", shortened(printable(finding->name), kNameBytes)) : "";
  const std::string_view what = unchecked ? "could not be checked" : "not trusted";
  return cat(verdict.allowed() ? "let through, although " : "", what, by);
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

int rank(const AuthorityFinding& finding) {
  // What could not be checked decided more than what was merely not good enough.
  if (finding.outcome == Outcome::unknown) return 1000;
  return how_far(finding.reason);
}

template <class Finding, class Rank>
std::vector<const Finding*> furthest_first(const std::vector<Finding>& findings, Rank rank_of) {
  std::vector<const Finding*> sorted;
  for (const Finding& finding : findings) {
    sorted.push_back(&finding);
  }
  std::stable_sort(sorted.begin(), sorted.end(),
                   [&](const Finding* a, const Finding* b) { return rank_of(*a) > rank_of(*b); });
  return sorted;
}

std::string signer_of(const SignatureFinding& finding) {
  if (finding.subject.empty() && finding.issuer.empty()) return "no readable certificate";
  std::string text = finding.subject.empty() ? "no subject" : printable(finding.subject, 128);
  if (!finding.issuer.empty()) text += cat(" (issuer ", printable(finding.issuer, 128), ")");
  return text;
}

void show_signature(Text& text, const SignatureFinding& finding) {
  text.line(6, cat("got:  ", signer_of(finding), ", ", name_of(finding.format), ", ",
                   shortened(finding.origin, 60)));
  text.line(12, because(finding.reason, finding.detail));
}

void show_signatures(Text& text, const AuthorityFinding& authority) {
  const auto sorted = furthest_first(authority.signatures, [](const SignatureFinding& finding) {
    return how_far(finding.reason);
  });
  for (std::size_t i = 0; i < std::min(sorted.size(), kSignaturesShown); ++i) {
    show_signature(text, *sorted[i]);
  }
  if (sorted.size() > kSignaturesShown) {
    text.line(12,
              cat("and ", std::to_string(sorted.size() - kSignaturesShown), " more signatures"));
  }
}

void show_authority(Text& text, const AuthorityFinding& authority) {
  const bool from_signature = std::any_of(
      authority.signatures.begin(), authority.signatures.end(),
      [&](const SignatureFinding& finding) { return finding.detail == authority.detail; });
  text.line(4, cat("authority ", authority.name, ": ",
                   because(authority.reason, from_signature ? "" : authority.detail)));
  if (!authority.wanted.empty()) text.line(6, cat("want: ", authority.wanted));
  show_signatures(text, authority);
  if (!authority.searched.empty()) {
    text.line(6, cat("searched: ", join(authority.searched, ", ")));
  }
}

std::string mode_of(const PolicyFinding& policy) {
  return policy.mode == Mode::enforce ? "" : cat(" (mode ", name_of(policy.mode), ")");
}

void show_objection(Text& text, const PolicyFinding& policy) {
  std::vector<AuthorityFinding> failed;
  for (const AuthorityFinding& authority : policy.authorities) {
    if (authority.outcome != Outcome::pass) failed.push_back(authority);
  }
  const bool said_below = std::any_of(
      failed.begin(), failed.end(),
      [&](const AuthorityFinding& authority) { return authority.reason == policy.reason; });
  text.line(2, cat("policy ", policy.name, mode_of(policy), ": ",
                   because(policy.reason, said_below ? "" : policy.detail)));
  const auto sorted = furthest_first(failed, rank);
  for (std::size_t i = 0; i < std::min(sorted.size(), kAuthoritiesShown); ++i) {
    show_authority(text, *sorted[i]);
  }
  if (sorted.size() > kAuthoritiesShown) {
    text.line(4, cat("and ", std::to_string(sorted.size() - kAuthoritiesShown),
                     " more authorities that were not satisfied"));
  }
}

void show_trust(Text& text, const PolicyFinding& policy) {
  text.line(
      2, cat("policy ", policy.name, mode_of(policy), ": ", because(policy.reason, policy.detail)));
  for (const AuthorityFinding& authority : policy.authorities) {
    if (authority.outcome != Outcome::pass) continue;
    const std::string until = authority.earliest_end
                                  ? cat(", certificates end ", format_time(*authority.earliest_end))
                                  : "";
    text.line(4, cat("authority ", authority.name, ": ", authority.detail, until));
  }
}

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
  const PolicyFinding* const main = decisive(verdict);
  if (verdict.policies.empty()) text.line(2, because(verdict.reason, verdict.detail));
  if (!main) {
    for (const PolicyFinding& policy : verdict.policies) {
      show_trust(text, policy);
    }
    return std::move(text).cut(ending(verdict.reason, "", verdict.hints, most));
  }
  show_objection(text, *main);
  for (const PolicyFinding& policy : verdict.policies) {
    if (&policy == main || policy.outcome == Outcome::pass) continue;
    if (policy.effect != Effect::none || verdict.allowed()) show_objection(text, policy);
  }
  return std::move(text).cut(ending(main->reason, main->message, verdict.hints, most));
}

}  // namespace signet
