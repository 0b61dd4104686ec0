#include "core/admission/decision.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "core/admission/json_text.hpp"
#include "core/admission/warnings.hpp"
#include "core/base/limits.hpp"
#include "core/base/text.hpp"
#include "core/policy/explain.hpp"

namespace signet {
namespace {

// A definite refusal first, then what a retry cannot help, then what it can.
int rank_of(const Verdict& verdict) {
  if (standing_of(verdict.reason) != Standing::unchecked) return 0;
  switch (status_code_of(verdict.reason)) {
    case 403:
      return 1;
    case 500:
      return 2;
    case 503:
      return 3;
    default:
      return 4;
  }
}

std::vector<const JudgedImage*> denied_of(std::span<const JudgedImage> images) {
  std::vector<const JudgedImage*> denied;
  for (const JudgedImage& image : images) {
    if (!image.verdict->allowed()) denied.push_back(&image);
  }
  std::stable_sort(denied.begin(), denied.end(), [](const auto* a, const auto* b) {
    return rank_of(*a->verdict) < rank_of(*b->verdict);
  });
  return denied;
}

bool any_effect(std::span<const JudgedImage> images, Effect effect) {
  return std::any_of(images.begin(), images.end(), [effect](const JudgedImage& image) {
    return std::any_of(image.verdict->policies.begin(), image.verdict->policies.end(),
                       [effect](const PolicyFinding& finding) { return finding.effect == effect; });
  });
}

bool any_audit_failure(std::span<const JudgedImage> images) {
  return std::any_of(images.begin(), images.end(), [](const JudgedImage& image) {
    return std::any_of(image.verdict->policies.begin(), image.verdict->policies.end(),
                       [](const PolicyFinding& finding) {
                         return finding.outcome != Outcome::pass && finding.effect == Effect::none;
                       });
  });
}

DecisionWord word_for(const Review& review, std::span<const JudgedImage> images) {
  if (review.exemption != Exemption::none) return DecisionWord::skip;
  if (images.empty()) return review.unchanged.empty() ? DecisionWord::allow : DecisionWord::skip;
  if (any_effect(images, Effect::warn)) return DecisionWord::warn;
  if (any_audit_failure(images)) return DecisionWord::audit;
  const bool warned = std::any_of(images.begin(), images.end(), [](const JudgedImage& image) {
    return !image.verdict->warnings.empty();
  });
  return warned ? DecisionWord::warn : DecisionWord::allow;
}

// ---- the text of a denial

std::string message_for(const std::vector<const JudgedImage*>& denied, std::size_t of,
                        const std::string& request_id) {
  const std::string end = "\nrequest id " + request_id;
  std::string message = first_line(*denied.front()->verdict);
  if (denied.size() > 1) {
    message.append(cat("\n", std::to_string(denied.size()), " of ", std::to_string(of),
                       " images are refused:"));
  }
  const std::size_t shown = std::min(denied.size(), kImagesExplained);
  for (std::size_t i = 0; i < shown; ++i) {
    // Each block gets its share of what is left, so that a long one cannot hide the others.
    const std::size_t left =
        kDenialBytes - std::min(kDenialBytes, message.size() + end.size() + 64);
    std::string block =
        explanation(*denied[i]->verdict, denied[i]->image.field, left / (shown - i));
    while (!block.empty() && block.back() == '\n')
      block.pop_back();
    if (!block.empty()) message.append("\n").append(block);
  }
  if (denied.size() > shown) {
    message.append(cat("\nand ", std::to_string(denied.size() - shown), " more"));
  }
  return message.append(end);
}

std::string short_cause(const Verdict& verdict) {
  return printable(cat(name_of(verdict.reason), ": ", verdict.detail), kWarningBytes);
}

void deny(Decision& decision, const std::vector<const JudgedImage*>& denied, std::size_t of,
          const std::string& request_id) {
  const Verdict& worst = *denied.front()->verdict;
  decision.allowed = false;
  decision.reason = worst.reason;
  decision.word = rank_of(worst) == 0 ? DecisionWord::deny : DecisionWord::error;
  decision.message = message_for(denied, of, request_id);
  for (const JudgedImage* image : denied) {
    if (decision.causes.size() == kCauses) break;
    decision.causes.push_back(Cause{image->image.field, short_cause(*image->verdict)});
  }
}

// ---- audit annotations (webhook.md A.6, J.2)

struct AuditedImage {
  std::string reference;
  std::string digest;
  std::string_view result;
  Reason reason;
};

std::string_view result_of(const Verdict& verdict) {
  if (!verdict.allowed()) {
    return standing_of(verdict.reason) == Standing::unchecked ? "error" : "fail";
  }
  const bool failed_somewhere =
      std::any_of(verdict.policies.begin(), verdict.policies.end(),
                  [](const PolicyFinding& finding) { return finding.outcome != Outcome::pass; });
  return failed_somewhere ? "warn" : "pass";
}

// Why an image that was let in did not satisfy a policy, if there is such a one.
Reason audited_reason(const Verdict& verdict) {
  if (!verdict.allowed()) return verdict.reason;
  for (const PolicyFinding& finding : verdict.policies) {
    if (finding.outcome != Outcome::pass) return finding.reason;
  }
  return verdict.reason;
}

// A valid array, whole entries only.
std::string images_annotation(std::span<const AuditedImage> images) {
  std::string json;
  JsonWriter list(json, JsonWriter::Shape::array);
  for (const AuditedImage& image : images) {
    std::string entry;
    JsonWriter members(entry, JsonWriter::Shape::object);
    members.text("ref", printable(image.reference, kFirstLineBytes));
    if (!image.digest.empty()) members.text("digest", image.digest);
    members.text("result", image.result).text("code", name_of(image.reason)).close();
    if (json.size() + entry.size() + 2 > kAuditBytes) break;
    list.raw_element(entry);
  }
  list.close();
  return json;
}

std::string policies_annotation(std::span<const JudgedImage> images) {
  std::set<std::string> names;
  for (const JudgedImage& image : images) {
    for (const PolicyFinding& finding : image.verdict->policies)
      names.insert(finding.name);
  }
  std::string list;
  for (const std::string& name : names) {
    if (list.size() + name.size() + 1 > kAuditBytes) break;
    if (!list.empty()) list.push_back(',');
    list.append(printable(name));
  }
  return list;
}

std::string_view cache_word(std::span<const JudgedImage> images) {
  const auto remembered = std::count_if(images.begin(), images.end(),
                                        [](const JudgedImage& image) { return image.remembered; });
  if (remembered == 0) return "miss";
  return static_cast<std::size_t>(remembered) == images.size() ? "hit" : "mixed";
}

// What is admitted today and may not be tomorrow.
void add_foresight(Decision& decision, std::span<const JudgedImage> images) {
  std::optional<TimePoint> earliest;
  for (const JudgedImage& image : images) {
    if (image.ends_soon && (!earliest || *image.ends_soon < *earliest)) earliest = image.ends_soon;
    if (image.verdict->stale && !decision.audit.contains("stale")) {
      decision.audit["stale"] = printable(*image.verdict->stale, kWarningBytes);
    }
    if (const Trial trial = image.verdict->trial; trial != Trial::none) {
      decision.audit["trial"] = trial == Trial::of_all ? "dryRun" : "namespace";
    }
  }
  if (earliest) decision.audit["certificates-end"] = format_time(*earliest);
}

void add_audit(Decision& decision, const Review& review, std::span<const JudgedImage> images,
               const std::string& request_id) {
  std::vector<AuditedImage> audited;
  // What was refused first: the annotation may have no room for all.
  for (const bool allowed : {false, true}) {
    for (const JudgedImage& image : images) {
      const Verdict& verdict = *image.verdict;
      if (verdict.allowed() != allowed) continue;
      audited.push_back(AuditedImage{image.image.reference,
                                     verdict.digest ? verdict.digest->str() : std::string(),
                                     result_of(verdict), audited_reason(verdict)});
    }
  }
  for (const PodImage& image : review.unchanged) {
    audited.push_back(AuditedImage{image.reference, {}, "skip", Reason::skipped_unchanged});
  }
  decision.audit["decision"] = name_of(decision.word);
  decision.audit["request-id"] = request_id;
  if (!audited.empty()) decision.audit["images"] = images_annotation(audited);
  if (!review.object.empty.empty()) {
    decision.audit["empty-images"] = shortened(join(review.object.empty, ","), kAuditBytes);
  }
  if (auto policies = policies_annotation(images); !policies.empty()) {
    decision.audit["policies"] = std::move(policies);
  }
  if (!images.empty()) decision.audit["cache"] = cache_word(images);
  add_foresight(decision, images);
}

std::vector<std::string> warnings_for(const Review& review, std::span<const JudgedImage> images) {
  std::vector<std::string> warnings;
  for (const JudgedImage& image : images) {
    const Verdict& verdict = *image.verdict;
    warnings.insert(warnings.end(), verdict.warnings.begin(), verdict.warnings.end());
    if (verdict.stale && verdict.allowed()) {
      warnings.push_back(cat(image.image.field, " was judged by older evidence: ", *verdict.stale));
    }
    if (image.ends_soon) {
      warnings.push_back(cat(
          "certificates of ", image.image.field, " end ", format_time(*image.ends_soon),
          "; sign the image again before: ", printable(image.image.reference, kWarningBytes / 2)));
    }
  }
  for (const std::string& field : review.object.placeholders) {
    warnings.push_back(cat(printable(field, kWarningBytes / 2),
                           " holds a parameter and is not judged here; its Pods are"));
  }
  return warnings;
}

Decision deny_problem(const Review& review, const std::string& request_id) {
  Decision decision;
  decision.word = DecisionWord::deny;
  decision.reason = review.problem->reason();
  const std::string what = printable(review.problem->what(), 2 * kFirstLineBytes);
  decision.message = cat("the object cannot be judged: ", what, "\nrequest id ", request_id);
  decision.audit["decision"] = name_of(decision.word);
  decision.audit["request-id"] = request_id;
  return decision;
}

bool asks_for_signatures(const PolicyFinding& finding) {
  return finding.mode == Mode::enforce && finding.asks_for_signatures;
}

}  // namespace

std::string_view name_of(DecisionWord word) {
  switch (word) {
    case DecisionWord::allow:
      return "allow";
    case DecisionWord::deny:
      return "deny";
    case DecisionWord::warn:
      return "warn";
    case DecisionWord::audit:
      return "audit";
    case DecisionWord::skip:
      return "skip";
    case DecisionWord::error:
      return "error";
  }
  return "error";
}

void foresee_end(JudgedImage& judged, TimePoint now, std::chrono::seconds warn_before) {
  const auto& end = judged.verdict->certificates_until;
  if (judged.verdict->allowed() && end && *end <= now + warn_before) judged.ends_soon = end;
}

Decision decide(const Review& review, std::span<const JudgedImage> images,
                const std::string& request_id) {
  if (review.problem) return deny_problem(review, request_id);
  Decision decision;
  const auto denied = denied_of(images);
  if (denied.empty()) {
    decision.allowed = true;
    decision.word = word_for(review, images);
    decision.reason = images.empty() ? Reason::skipped_unchanged : images.front().verdict->reason;
  } else {
    deny(decision, denied, images.size(), request_id);
  }
  decision.warnings = bounded_warnings(warnings_for(review, images));
  add_audit(decision, review, images, request_id);
  return decision;
}

bool is_unpinned(const Review& review, const JudgedImage& judged) {
  if (review.object.holder != PodObject::Holder::pod || !judged.verdict->digest) return false;
  // The reference was read, or there were no digest in the verdict.
  if (judged.image.reference.find('@') != std::string::npos) return false;
  const auto& findings = judged.verdict->policies;
  return std::any_of(findings.begin(), findings.end(), asks_for_signatures);
}

void apply_unpinned(Unpinned setting, JudgedImage& judged) {
  if (setting == Unpinned::allow || !judged.verdict->allowed()) return;
  Verdict& verdict = judged.verdict.edit();
  const std::string pinned =
      cat(printable(judged.image.reference, kFirstLineBytes), "@", verdict.digest->str());
  if (setting == Unpinned::warn) {
    verdict.warnings.push_back(cat(judged.image.field,
                                   " names a tag, which can move between this check and the pull; "
                                   "write ",
                                   pinned));
    return;
  }
  const auto finding =
      std::find_if(verdict.policies.begin(), verdict.policies.end(), asks_for_signatures);
  verdict.outcome = Outcome::fail;
  verdict.reason = Reason::unpinned;
  verdict.detail = cat("the image is named by a tag, which can move after this check; write ",
                       pinned, " or switch the mutating hook on");
  finding->outcome = Outcome::fail;
  finding->effect = Effect::deny;
  finding->reason = Reason::unpinned;
  finding->detail = verdict.detail;
}

}  // namespace signet
