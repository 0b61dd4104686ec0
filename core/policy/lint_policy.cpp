#include <algorithm>

#include "core/base/text.hpp"
#include "core/policy/glob_relations.hpp"
#include "core/policy/lint_parts.hpp"
#include "core/policy/risks.hpp"

namespace signet {
namespace {

void lint_match(const LintedDocument& document, LintNotes& notes) {
  const Match& match = document.policy->match;
  for (std::size_t i = 0; i < match.images.size(); ++i) {
    const ImageGlob& image = match.images[i];
    const auto all_of_it = [&](const ImageGlob& glob) { return covers(glob, image); };
    const auto excluded = std::find_if(match.exclude.begin(), match.exclude.end(), all_of_it);
    if (excluded == match.exclude.end()) continue;
    notes.add(document, "never-matches", cat("spec.match.images[", std::to_string(i), "]"),
              cat(quoted(image.text(), 120), " is excluded by ", quoted(excluded->text(), 120)),
              "narrow the exclusion, or take the pattern out");
  }
  for (std::size_t i = 0; i < match.exclude.size(); ++i) {
    const auto meets = [&](const ImageGlob& glob) { return may_overlap(glob, match.exclude[i]); };
    if (std::any_of(match.images.begin(), match.images.end(), meets)) continue;
    notes.add(document, "exclude-without-effect",
              cat("spec.match.exclude[", std::to_string(i), "]"),
              cat("no image of the policy matches ", quoted(match.exclude[i].text(), 120)));
  }
}

void lint_exception(const LintedDocument& document, const StaticRule& rule,
                    const std::string& field, TimePoint now, LintNotes& notes) {
  if (rule.action != StaticRule::Action::allow) return;
  if (rule.expires && *rule.expires <= now) {
    notes.add(document, "break-glass-ended", cat(field, ".expires"),
              cat("the exception ended on ", format_time(*rule.expires)));
  } else if (rule.digests.empty()) {
    notes.add(document, "any-image-unsigned", field,
              cat("every image that the policy matches passes unsigned",
                  rule.expires ? cat(" until ", format_time(*rule.expires)) : ", for ever"));
  } else if (!rule.expires) {
    notes.add(document, "break-glass-without-end", field, "the exception never ends");
  }
}

}  // namespace

void lint_policy(const LintedDocument& document, TimePoint now, LintNotes& notes) {
  lint_match(document, notes);
  for (Risk& risk : risks_of(*document.policy))
    notes.add(document, risk.rule, risk.field, std::move(risk.why), std::move(risk.instead));
  const auto& authorities = document.policy->authorities;
  for (std::size_t i = 0; i < authorities.size(); ++i) {
    if (const auto* const rule = std::get_if<StaticRule>(&authorities[i].rule)) {
      lint_exception(document, *rule, cat("spec.authorities[", std::to_string(i), "].static"), now,
                     notes);
    }
  }
}

}  // namespace signet
