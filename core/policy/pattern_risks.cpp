#include "core/policy/pattern_risks.hpp"

#include <algorithm>

#include "core/base/text.hpp"
#include "core/sigstore/subject_syntax.hpp"

namespace signet {
namespace {

// ---- values

bool is_of(NameType type, std::string_view value) {
  return has_syntax_of_its_type({type, std::string(value)});
}

std::optional<NameType> type_of(std::string_view value) {
  for (const NameType type : {NameType::email, NameType::uri, NameType::dns}) {
    if (is_of(type, value)) return type;
  }
  return std::nullopt;
}

bool is_allowed(NameType type, SubjectType wanted) {
  return wanted == SubjectType::any || (wanted == SubjectType::email && type == NameType::email) ||
         (wanted == SubjectType::uri && type == NameType::uri) ||
         (wanted == SubjectType::dns && type == NameType::dns);
}

// Where the domain of a value begins and ends: of an e-mail address, a URI or a host name.
struct Span {
  std::size_t from = 0;
  std::size_t to = 0;
};
Span domain_in(std::string_view value) {
  const auto scheme = value.find("://");
  if (scheme == std::string_view::npos) {
    const auto at = value.rfind('@');
    return {at == std::string_view::npos ? 0 : at + 1, value.size()};
  }
  const std::size_t from = scheme + 3;
  const std::size_t to = std::min(value.find_first_of("/?#", from), value.size());
  const auto user = value.substr(from, to - from).rfind('@');
  const std::size_t host = user == std::string_view::npos ? from : from + user + 1;
  return {host, std::min(value.find(':', host), to)};
}

std::string_view domain_of(std::string_view value) {
  const Span span = domain_in(value);
  return value.substr(span.from, span.to - span.from);
}

bool is_within_domain(std::string_view domain, std::string_view whole) {
  if (domain.size() <= whole.size()) return domain == whole;
  return domain.ends_with(whole) && domain[domain.size() - whole.size() - 1] == '.';
}

// ---- regular expressions

// The end of the domain that the expression spells out, whatever stands before it.
std::string spelt_domain(const RegexpWay& way, std::string_view value) {
  std::string literal;
  for (const RegexpPiece& piece : way) {
    const bool lone_dot = piece.kind == RegexpPiece::Kind::dot && !piece.repeats && !piece.optional;
    literal.append(piece.text.size(),
                   piece.kind == RegexpPiece::Kind::literal || lone_dot ? '1' : '0');
  }
  const Span span = domain_in(value);
  std::size_t from = span.to;
  while (from > span.from && literal[from - 1] == '1')
    --from;
  std::string_view spelt = value.substr(from, span.to - from);
  if (spelt.starts_with('.')) spelt.remove_prefix(1);
  return std::string(spelt);
}

// What may stand where any text may; the first that shows another domain is told.
constexpr std::string_view kOtherDomain = "evil.example";
constexpr std::string_view kStandIns[] = {
    "a@evil-",      "evil-",          ".evil.example",   "@evil.example",        "a@evil.example",
    "evil.example", "evil.example/a", "//evil.example/", "https://evil.example/"};

// Matches one pattern as often as the work allows. The first match may build a state of the program
// at each byte; then they are there.
class PatternMatcher {
 public:
  PatternMatcher(const TextPattern& pattern, PatternWork& work) : pattern_(pattern), work_(work) {}

  const TextPattern& pattern() const { return pattern_; }
  bool spent() const { return work_.exceeded; }
  bool matches(std::string_view value) {
    const std::size_t program = pattern_.program_size();
    const std::size_t steps = value.size() + (cold_ ? value.size() * program : program);
    cold_ = false;
    return work_.spend(steps) && pattern_.matches(value);
  }

 private:
  const TextPattern& pattern_;
  PatternWork& work_;
  bool cold_ = true;
};

class OtherDomain {
 public:
  OtherDomain(PatternMatcher& pattern, bool issuer, SubjectType type)
      : pattern_(pattern), issuer_(issuer), wanted_(type) {}

  std::optional<std::string> find(const RegexpWay& way) {
    const std::string value = text_of(way);
    if (!pattern_.matches(value)) return std::nullopt;
    const auto base = type_of(value);
    if (issuer_ && value.find("://") == std::string::npos) return std::nullopt;
    const std::string spelt = spelt_domain(way, value);
    std::size_t at = 0;
    for (const RegexpPiece& piece : way) {
      const std::size_t from = at;
      at += piece.text.size();
      if (piece.kind == RegexpPiece::Kind::literal || !piece.repeats) continue;
      for (const std::string_view stand_in : kStandIns) {
        if (pattern_.spent()) return std::nullopt;
        std::string other = value;
        other.replace(from, piece.text.size(), stand_in);
        if (pattern_.matches(other) && is_worse(other, base, spelt)) return other;
      }
    }
    return std::nullopt;
  }

 private:
  bool is_worse(std::string_view other, std::optional<NameType> base,
                const std::string& spelt) const {
    const auto type = type_of(other);
    if (!type || !is_allowed(*type, wanted_)) return false;
    // A pattern for e-mail addresses or URIs is not suspected of the other types.
    const bool same = !base || *base == NameType::dns || *type == *base;
    if (!same) return false;
    const std::string_view domain = domain_of(other);
    if (spelt.find('.') == std::string::npos) return is_within_domain(domain, kOtherDomain);
    return !is_within_domain(domain, spelt);
  }

  PatternMatcher& pattern_;
  bool issuer_;
  SubjectType wanted_;
};

bool is_lone_dot(const RegexpPiece& piece) {
  return piece.kind == RegexpPiece::Kind::dot && !piece.repeats && !piece.optional;
}

// The expression with its lone dots escaped, and a value that matches without them.
void add_dots(PatternMatcher& pattern, const std::vector<RegexpWay>& ways,
              std::vector<PatternRisk>& risks) {
  std::vector<std::size_t> dots;
  std::string example;
  for (RegexpWay way : ways) {
    for (RegexpPiece& piece : way) {
      if (!is_lone_dot(piece)) continue;
      dots.push_back(piece.at);
      piece.text = "X";
    }
    if (example.empty() && !dots.empty() && pattern.matches(text_of(way))) example = text_of(way);
  }
  if (example.empty()) return;
  std::sort(dots.begin(), dots.end(), std::greater<>());
  dots.erase(std::unique(dots.begin(), dots.end()), dots.end());
  std::string mended = pattern.pattern().text();
  for (const std::size_t at : dots)
    mended.insert(at, "\\");
  risks.push_back(
      {"regexp-dot",
       cat("a dot stands for any character, so it matches ", quoted(example, 120), " too"),
       cat("write '", printable(mended, 200), "'")});
}

// `team-*@`: what is a wildcard of globs repeats the letter before it here.
void add_globs(const TextPattern& pattern, const std::vector<RegexpWay>& ways,
               std::vector<PatternRisk>& risks) {
  for (const RegexpWay& way : ways) {
    for (const RegexpPiece& piece : way) {
      const std::size_t star = piece.at + piece.text.size();
      const bool starred = pattern.text().substr(star).starts_with('*');
      if (piece.kind != RegexpPiece::Kind::literal || !starred || pattern.text()[piece.at] == '\\')
        continue;
      std::string mended = pattern.text();
      mended.insert(star, ".");
      risks.push_back({"glob-in-regexp",
                       cat("`", printable(piece.text), "*` is any number of `",
                           printable(piece.text), "`, and no wildcard"),
                       cat("write '", printable(mended, 200), "'")});
      return;
    }
  }
}

// A text before `^`, or behind `$`: the value would have to go on where it ends.
bool is_torn(const RegexpWay& way) {
  bool consumed = false;
  bool ended = false;
  for (const RegexpPiece& piece : way) {
    const bool consumes = !piece.text.empty() && !piece.optional;
    if (piece.kind == RegexpPiece::Kind::begin && !piece.optional && consumed) return true;
    if (consumes && ended) return true;
    consumed = consumed || consumes;
    ended = ended || (piece.kind == RegexpPiece::Kind::end && !piece.optional);
  }
  return false;
}

// A character that stands in no subject of any type.
std::optional<char> impossible_in(const RegexpWay& way) {
  constexpr std::string_view kNowhere = "\\\"<> \t\r\n";
  for (const RegexpPiece& piece : way) {
    const bool must = piece.kind == RegexpPiece::Kind::literal && !piece.optional;
    if (must && kNowhere.find(piece.text) != std::string_view::npos) return piece.text[0];
  }
  return std::nullopt;
}

void add_never(const std::vector<RegexpWay>& ways, bool of_subject,
               std::vector<PatternRisk>& risks) {
  if (ways.empty()) return;
  if (std::all_of(ways.begin(), ways.end(), is_torn)) {
    risks.push_back({"never-matches", "`^` or `$` stands inside the expression, so nothing matches",
                     "take it out: the whole value must match anyway"});
    return;
  }
  const auto impossible = impossible_in(ways.front());
  const bool all = std::all_of(ways.begin(), ways.end(),
                               [](const RegexpWay& way) { return impossible_in(way).has_value(); });
  if (!of_subject || !all) return;
  const std::string character = printable(std::string(1, *impossible));
  risks.push_back({"never-matches",
                   cat("it asks for the character `", character, "`, which stands in no subject"),
                   *impossible == '\\' ? "write one backslash, and single quotes round it all"
                                       : "take it out"});
}

std::vector<PatternRisk> risks_within(const TextPattern& pattern, bool issuer, SubjectType type,
                                      PatternWork& work) {
  std::vector<PatternRisk> risks;
  const std::vector<RegexpWay> ways = ways_through(pattern.text(), work);
  add_never(ways, !issuer, risks);
  add_globs(pattern, ways, risks);
  if (!risks.empty() || accepts_all(pattern)) return risks;
  PatternMatcher matcher(pattern, work);
  add_dots(matcher, ways, risks);
  OtherDomain other(matcher, issuer, type);
  for (const RegexpWay& way : ways) {
    const auto value = other.find(way);
    if (!value) continue;
    risks.push_back({"other-domain", cat("it matches ", quoted(*value, 120), " too"), ""});
    break;
  }
  return risks;
}

std::vector<PatternRisk> regexp_risks(const TextPattern& pattern, bool issuer, SubjectType type,
                                      PatternWork& work) {
  if (work.left == 0) return {};
  PatternWork own{std::min(work.left, kPatternSteps)};
  const std::size_t given = own.left;
  std::vector<PatternRisk> risks = risks_within(pattern, issuer, type, own);
  work.spend(given - own.left);
  if (!own.exceeded) return risks;
  return {{"too-intricate", "it is too intricate to look through, or those before it were", ""}};
}

bool looks_like_pattern(std::string_view text) {
  return text.find_first_of("*\\^$|") != std::string_view::npos;
}

}  // namespace

bool accepts_all(const TextPattern& pattern) {
  std::string_view text = pattern.text();
  if (text.starts_with('^')) text.remove_prefix(1);
  if (text.ends_with('$')) text.remove_suffix(1);
  if (text.starts_with('(') && text.ends_with(')')) text = text.substr(1, text.size() - 2);
  return pattern.is_regexp() && (text == ".*" || text == ".+");
}

std::vector<PatternRisk> subject_risks(const TextPattern& subject, SubjectType type,
                                       PatternWork& work) {
  if (subject.is_regexp()) return regexp_risks(subject, false, type, work);
  const std::string& text = subject.text();
  if (looks_like_pattern(text))
    return {{"pattern-in-exact", "subject is compared as it stands", ""}};
  const auto found = type_of(text);
  if (text.starts_with("CN=")) {
    return {{"never-matches", "subjects are the SANs of a certificate, never its common name",
             "write the e-mail address, URI or host name that `signet inspect` shows"}};
  }
  const bool user = type == SubjectType::any && is_of(NameType::other_name, text);
  if (user || (found && is_allowed(*found, type))) return {};
  return {{"never-matches",
           cat("no subject of a certificate is ", quoted(text, 120),
               type == SubjectType::any ? ", for it is no e-mail address, URI or host name"
                                        : ", for it is not of the `subjectType`"),
           "write the subject as `signet inspect` shows it"}};
}

std::vector<PatternRisk> issuer_risks(const TextPattern& issuer, PatternWork& work) {
  const std::string& text = issuer.text();
  if (text.starts_with("CN=") || text.find(",O=") != std::string::npos ||
      text.find(",CN=") != std::string::npos) {
    return {{"dn-as-issuer",
             cat(quoted(text, 120), " is a DN, and `issuer` is the URL in an extension"),
             issuer.is_regexp() ? "write issuerDNRegExp" : "write issuerDN"}};
  }
  if (issuer.is_regexp()) return regexp_risks(issuer, true, SubjectType::any, work);
  if (looks_like_pattern(text))
    return {{"pattern-in-exact", "issuer is compared as it stands", ""}};
  return {};
}

}  // namespace signet
