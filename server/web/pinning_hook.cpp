#include <algorithm>

#include "core/base/text.hpp"
#include "server/web/asked.hpp"
#include "server/web/fan_out.hpp"

namespace signet {

// One image that may be pinned, and what its tag stands for.
struct Webhook::Tag {
  explicit Tag(PinCandidate candidate_) : candidate(std::move(candidate_)) {}

  PinCandidate candidate;
  std::optional<Digest> digest;
  std::string why;  // without a digest
};

namespace {

// The digest that the tag stood for before the update while it passes, else the one of now.
Task<Result<Digest>> digest_for(const Judge* judge, PinCandidate candidate, Workload workload,
                                std::shared_ptr<const PolicySet> policies, Deadline deadline) {
  if (candidate.sticky) {
    auto before = Reference::parse(candidate.reference->pinned(*candidate.sticky));
    if (!before) co_return before.error();
    const Verdict verdict =
        co_await judge->verify(std::move(*before), workload, policies, deadline);
    if (verdict.allowed()) co_return *candidate.sticky;
  }
  co_return co_await judge->resolve(std::move(*candidate.reference), std::move(workload), deadline);
}

}  // namespace

Task<Decision> Webhook::pinned(const Asked* asked) {
  std::vector<Tag> tags = tags_of(*asked, pin_candidates(asked->review, settings_.pin));
  const bool all_known =
      std::all_of(tags.begin(), tags.end(), [](const Tag& tag) { return tag.digest.has_value(); });
  if (!all_known) co_await resolve(asked, &tags);
  std::vector<Pinning> pinnings;
  pinnings.reserve(tags.size());
  for (const Tag& tag : tags)
    pinnings.push_back(pin_to(*asked, tag));
  Decision decision = pin(pinnings);
  if (!asked->self_test) record_.pinned(asked->file(), pinnings, decision);
  co_return decision;
}

// Counts every candidate and keeps those that are to be pinned.
std::vector<Webhook::Tag> Webhook::tags_of(const Asked& asked,
                                           std::vector<PinCandidate> candidates) {
  std::vector<Tag> tags;
  for (PinCandidate& candidate : candidates) {
    if (candidate.fate == PinFate::excluded) metrics_.mutations.add({"excluded"});
    if (candidate.fate == PinFate::not_safe) metrics_.mutations.add({"not_safe"});
    if (!candidate.reference || !is_covered(asked, *candidate.reference)) continue;
    if (candidate.fate == PinFate::already_pinned) {
      metrics_.mutations.add({"already_pinned"});
      begin(asked, candidate.image.reference);
    }
    if (candidate.fate != PinFate::pin) continue;
    Tag& tag = tags.emplace_back(std::move(candidate));
    if (judge_.recall_digest && !tag.candidate.sticky) {
      tag.digest = judge_.recall_digest(*tag.candidate.reference, asked.workload);
    }
  }
  return tags;
}

Task<void> Webhook::resolve(const Asked* asked, std::vector<Tag>* tags) {
  std::vector<std::string> keys;
  for (const Tag& tag : *tags) {
    const auto& sticky = tag.candidate.sticky;
    keys.push_back(cat(tag.candidate.image.reference, "@", sticky ? sticky->str() : ""));
  }
  const auto firsts = firsts_among({keys.begin(), keys.end()});
  std::vector<std::size_t> open;
  for (std::size_t i = 0; i < tags->size(); ++i) {
    if (firsts[i] == i && !(*tags)[i].digest) open.push_back(i);
  }
  const auto resolve_one = [this, asked, tags, &open](std::size_t i) -> Task<Result<Digest>> {
    return digest_for(&judge_, (*tags)[open[i]].candidate, asked->workload, asked->policies,
                      asked->work_ends);
  };
  FanOut<Result<Digest>> fan_out(open.size(), settings_.images_at_once, resolve_one);
  Sessions* const errands_here = errands(co_await asio::this_coro::executor);
  const auto results = co_await fan_out.run(asked->deadline, errands_here);
  for (std::size_t i = 0; i < open.size(); ++i) {
    Tag& tag = (*tags)[open[i]];
    const auto& result = results.values[i];
    tag.why = results.failures[i].empty() ? "the time ended" : "an internal error";
    if (result && *result) tag.digest = **result;
    if (result && !*result) {
      tag.why = cat(name_of(result->error().reason()), ", ", result->error().what());
    }
  }
  for (std::size_t i = 0; i < tags->size(); ++i) {
    const Tag& first = (*tags)[firsts[i]];
    (*tags)[i].digest = first.digest;
    (*tags)[i].why = first.why;
  }
}

Pinning Webhook::pin_to(const Asked& asked, const Tag& tag) {
  Pinning pinning{tag.candidate.image, "", tag.why};
  if (!tag.digest) {
    metrics_.mutations.add({"unresolved"});
    return pinning;
  }
  metrics_.mutations.add({tag.digest == tag.candidate.sticky ? "sticky" : "pinned"});
  pinning.pinned = pinned_text(*tag.candidate.reference, *tag.digest, settings_.pin.format);
  begin(asked, pinning.pinned);
  return pinning;
}

// What validation will ask for, digest and all (webhook.md C.4).
void Webhook::begin(const Asked& asked, const std::string& pinned) const {
  if (!judge_.begin) return;
  auto reference = Reference::parse(pinned);
  if (reference) judge_.begin(std::move(*reference), asked.workload, asked.policies);
}

bool Webhook::is_covered(const Asked& asked, const Reference& reference) const {
  if (!asked.policies) return false;
  if (judge_.covers) return judge_.covers(reference, asked.workload, asked.policies);
  const Plan plan = plan_for(asked.policies, asked.workload, reference);
  return !is_unmatched(plan) || asked.policies->no_match != NoMatch::deny;
}

}  // namespace signet
