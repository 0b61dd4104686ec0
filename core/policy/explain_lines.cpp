#include "core/policy/explain_lines.hpp"

#include <algorithm>

#include "core/base/text.hpp"

namespace signet {
namespace {

constexpr std::size_t kDetailBytes = 300;
constexpr std::size_t kPolicyIndent = 2;
constexpr std::size_t kAuthorityIndent = 4;
constexpr std::size_t kSignatureIndent = 6;
constexpr std::size_t kBelowSignature = 12;

LineRole role_of(Outcome outcome) {
  if (outcome == Outcome::pass) return LineRole::good;
  return outcome == Outcome::fail ? LineRole::bad : LineRole::unsure;
}

int rank(const AuthorityFinding& finding) {
  // What could not be checked decided more than what was merely not good enough.
  if (finding.outcome == Outcome::unknown) return 1000;
  return finding.outcome == Outcome::pass ? -1 : how_far(finding.reason);
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

std::string mode_words(const PolicyFinding& policy) {
  return policy.mode == Mode::enforce ? "" : cat(" (mode ", name_of(policy.mode), ")");
}

// The steps that a signature took before the one it failed at, in the order of rulings.md 4.
// Nothing where that cannot be told: an answer that any step may give, or a bare key.
std::string steps_before(Reason reason) {
  struct Step {
    Reason failed;
    std::string_view passed;
  };
  constexpr std::string_view kSigned = "chain, identity, signature";
  constexpr Step kSteps[] = {
      {Reason::identity_mismatch, "chain"},           {Reason::issuer_mismatch, "chain"},
      {Reason::signature_invalid, "chain, identity"}, {Reason::payload_mismatch, kSigned},
      {Reason::signed_identity_mismatch, kSigned},    {Reason::annotation_mismatch, kSigned}};
  for (const Step& step : kSteps) {
    if (step.failed == reason) return std::string(step.passed);
  }
  return "";
}

class PolicyLines {
 public:
  explicit PolicyLines(const ExplainDepth& depth) : depth_(depth) {}

  void show_policies(const Verdict& verdict);
  std::vector<ExplainedLine> take() && { return std::move(lines_); }

 private:
  void add(std::size_t indent, std::string label, std::string text) {
    lines_.push_back({indent, std::move(label), std::move(text)});
  }
  void add(std::size_t indent, std::string label, Reason reason, const std::string& detail,
           LineRole role) {
    lines_.push_back(
        {indent, std::move(label), because(reason, detail), role, name_of(reason).size()});
  }
  void add_more(std::size_t indent, std::size_t all, std::size_t shown, std::string_view what) {
    if (all <= shown) return;
    const std::string count = std::to_string(all - shown);
    add(indent, "",
        depth_.whole ? cat("... ", count, " more ", what, "; --verbose shows all")
                     : cat("and ", count, " more ", what));
  }

  void show_signature(const SignatureFinding& finding, bool by_certificate);
  void show_steps(const SignatureFinding& finding, bool by_certificate);
  void show_signatures(const AuthorityFinding& authority);
  void show_authority(const AuthorityFinding& authority);
  void show_objection(const PolicyFinding& policy);
  void show_trust(const PolicyFinding& policy);
  void show_whole(const Verdict& verdict);

  const ExplainDepth& depth_;
  std::vector<ExplainedLine> lines_;
};

void PolicyLines::show_steps(const SignatureFinding& finding, bool by_certificate) {
  const std::size_t indent = kSignatureIndent + 2;
  const bool told = by_certificate && !(finding.subject.empty() && finding.issuer.empty());
  const std::string passed = told && !finding.counted ? steps_before(finding.reason) : "";
  if (!passed.empty())
    lines_.push_back({indent, "passed: ", passed, LineRole::good, passed.size()});
  if (!finding.counted)
    return add(indent, "failed: ", finding.reason, finding.detail, LineRole::bad);
  const std::string ends =
      finding.not_after ? cat(", certificate ends ", format_time(*finding.not_after)) : "";
  lines_.push_back({indent,
                    "counts: ", cat("verified, ", printable(finding.detail, kDetailBytes), ends),
                    LineRole::good, name_of(Reason::verified).size()});
}

void PolicyLines::show_signature(const SignatureFinding& finding, bool by_certificate) {
  const std::string what =
      cat(signer_of(finding), ", ", name_of(finding.format), ", ", shortened(finding.origin, 60));
  add(kSignatureIndent, depth_.whole ? "got:      " : "got:  ", what);
  if (depth_.whole) return show_steps(finding, by_certificate);
  add(kBelowSignature, "", finding.reason, finding.detail, LineRole::bad);
}

void PolicyLines::show_signatures(const AuthorityFinding& authority) {
  const auto sorted = furthest_first(authority.signatures, [](const SignatureFinding& finding) {
    return finding.counted ? 1000 : how_far(finding.reason);
  });
  for (std::size_t i = 0; i < std::min(sorted.size(), depth_.signatures); ++i) {
    show_signature(*sorted[i], authority.by_certificate);
  }
  add_more(depth_.whole ? kSignatureIndent : kBelowSignature, sorted.size(), depth_.signatures,
           "signatures");
}

void PolicyLines::show_authority(const AuthorityFinding& authority) {
  const bool from_signature = std::any_of(
      authority.signatures.begin(), authority.signatures.end(),
      [&](const SignatureFinding& finding) { return finding.detail == authority.detail; });
  add(kAuthorityIndent, cat("authority ", authority.name, ": "), authority.reason,
      from_signature ? "" : authority.detail, role_of(authority.outcome));
  if (!authority.wanted.empty()) {
    add(kSignatureIndent, depth_.whole ? "want:     " : "want: ", authority.wanted);
  }
  show_signatures(authority);
  if (!authority.searched.empty() && depth_.searched) {
    add(kSignatureIndent, "searched: ", join(authority.searched, ", "));
  }
}

void PolicyLines::show_objection(const PolicyFinding& policy) {
  std::vector<AuthorityFinding> shown;
  for (const AuthorityFinding& authority : policy.authorities) {
    if (depth_.whole || authority.outcome != Outcome::pass) shown.push_back(authority);
  }
  const bool said_below =
      std::any_of(shown.begin(), shown.end(), [&](const AuthorityFinding& authority) {
        return authority.outcome != Outcome::pass && authority.reason == policy.reason;
      });
  add(kPolicyIndent, cat("policy ", policy.name, mode_words(policy), ": "), policy.reason,
      said_below ? "" : policy.detail, role_of(policy.outcome));
  const bool passed = policy.outcome == Outcome::pass;
  const auto sorted = furthest_first(shown, [&](const AuthorityFinding& authority) {
    return passed && authority.outcome == Outcome::pass ? 1001 : rank(authority);
  });
  for (std::size_t i = 0; i < std::min(sorted.size(), depth_.authorities); ++i) {
    show_authority(*sorted[i]);
  }
  add_more(kAuthorityIndent, sorted.size(), depth_.authorities,
           depth_.whole ? "authorities" : "authorities that were not satisfied");
}

void PolicyLines::show_trust(const PolicyFinding& policy) {
  add(kPolicyIndent, cat("policy ", policy.name, mode_words(policy), ": "), policy.reason,
      policy.detail, LineRole::good);
  for (const AuthorityFinding& authority : policy.authorities) {
    if (authority.outcome != Outcome::pass) continue;
    const std::string until = authority.earliest_end
                                  ? cat(", certificates end ", format_time(*authority.earliest_end))
                                  : "";
    add(kAuthorityIndent, cat("authority ", authority.name, ": "), cat(authority.detail, until));
  }
}

// What decided first, what objected next, what passed last.
void PolicyLines::show_whole(const Verdict& verdict) {
  const PolicyFinding* const main = decisive(verdict);
  std::vector<const PolicyFinding*> sorted;
  for (const PolicyFinding& policy : verdict.policies)
    sorted.push_back(&policy);
  const auto place = [main](const PolicyFinding* policy) {
    return policy == main ? 0 : policy->outcome == Outcome::pass ? 2 : 1;
  };
  std::stable_sort(sorted.begin(), sorted.end(),
                   [&](const auto* a, const auto* b) { return place(a) < place(b); });
  for (std::size_t i = 0; i < std::min(sorted.size(), depth_.policies); ++i)
    show_objection(*sorted[i]);
  add_more(kPolicyIndent, sorted.size(), depth_.policies, "policies");
}

void PolicyLines::show_policies(const Verdict& verdict) {
  if (depth_.whole) return show_whole(verdict);
  const PolicyFinding* const main = decisive(verdict);
  if (main) show_objection(*main);
  for (const PolicyFinding& policy : verdict.policies) {
    if (!main) {
      show_trust(policy);
    } else if (&policy != main && policy.outcome != Outcome::pass &&
               (policy.effect != Effect::none || verdict.allowed())) {
      show_objection(policy);
    }
  }
}

}  // namespace

std::vector<ExplainedLine> policy_lines(const Verdict& verdict, const ExplainDepth& depth) {
  PolicyLines lines(depth);
  lines.show_policies(verdict);
  return std::move(lines).take();
}

std::string because(Reason reason, const std::string& detail) {
  if (detail.empty()) return std::string(name_of(reason));
  return cat(name_of(reason), " (", printable(detail, kDetailBytes), ")");
}

std::string standing_words(const Verdict& verdict) {
  const PolicyFinding* const finding = decisive(verdict);
  if (verdict.allowed() && !finding) return "trusted";
  const Outcome outcome = finding ? finding->outcome : verdict.outcome;
  return cat(verdict.allowed() ? "let through, although " : "",
             outcome == Outcome::unknown ? "could not be checked" : "not trusted");
}

}  // namespace signet
