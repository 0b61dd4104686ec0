#include "core/policy/court.hpp"

#include <algorithm>

#include "core/base/text.hpp"
#include "core/policy/matcher.hpp"

namespace signet {
namespace {

constexpr std::size_t kStaleBytes = 512;

}  // namespace

Result<Digest> digest_of(const Plan& plan, const Evidence& evidence) {
  const auto& pinned = plan.image.digest();
  if (evidence.digest && pinned && *evidence.digest != *pinned) {
    return Error(Reason::digest_mismatch, cat("the reference says ", pinned->str(),
                                              ", the evidence is about ", evidence.digest->str()));
  }
  if (!evidence.digest && pinned && !plan.needs_digest) return *pinned;
  return evidence.digest;
}

Court::Court(const Plan& plan, const Evidence& evidence, TimePoint now, SignatureJudge* judge)
    : case_{plan, evidence, digest_of(plan, evidence)}, horizon_(now), judge_(judge) {
  if (judge_) judge_->begin(horizon_);
  collect_delegated_roots();
  cluster_ = open(plan.cluster);
  namespaced_ = open(plan.namespaced);
}

void Court::collect_delegated_roots() {
  for (const Policy* const policy : case_.plan.cluster) {
    for (const Authority& authority : policy->authorities) {
      const auto* const rule = std::get_if<DelegateRule>(&authority.rule);
      if (rule) delegated_.insert(rule->trust_roots.begin(), rule->trust_roots.end());
    }
  }
}

// A threshold needs distinct keys, and a delegate's ceiling may fit a later signature only.
bool Court::is_exhaustive(const Policy& policy, const Authority& authority) const {
  if (policy.threshold > 1) return true;
  const auto* const rule = std::get_if<CertificateRule>(&authority.rule);
  return policy.kind == PolicyKind::namespaced && rule && delegated_.contains(rule->trust_root);
}

std::vector<PolicyState> Court::open(const std::vector<const Policy*>& policies) {
  const bool refused = refused_outright(case_.plan);
  std::vector<PolicyState> states;
  for (const Policy* const policy : policies) {
    const Preview seen = preview(*policy, case_.plan.image);
    // Where one policy refuses unasked, nothing was fetched, and those that need it say nothing.
    if (refused && seen == Preview::open) continue;
    PolicyState state;
    state.policy = policy;
    const bool unpinned = policy->require_digest && !case_.plan.image.digest();
    if (policy->issues.empty() && !unpinned) open_authorities(state);
    states.push_back(std::move(state));
  }
  return states;
}

void Court::open_authorities(PolicyState& state) {
  for (const Authority& authority : state.policy->authorities) {
    state.authorities.push_back(open_authority(case_, *state.policy, authority, horizon_));
    state.authorities.back().exhaustive = is_exhaustive(*state.policy, authority);
  }
}

// Signature by signature, so that no authority starves another of the work that is allowed.
bool Court::step() {
  const auto& places = case_.plan.places;
  while (place_ < places.size()) {
    const SignaturePlace& place = places[place_];
    if (!entered_) enter(place);
    if (consider_next(place)) return true;
    leave(place);
  }
  return false;
}

void Court::enter(const SignaturePlace& place) {
  entered_ = true;
  candidate_ = 0;
  reader_ = 0;
  found_ = nullptr;
  readers_.clear();
  for (std::vector<PolicyState>* const policies : {&cluster_, &namespaced_}) {
    for (PolicyState& policy : *policies) {
      for (AuthorityState& authority : policy.authorities) {
        if (authority.reads(place) && !authority.settled()) readers_.push_back(&authority);
      }
    }
  }
  const auto there = case_.evidence.found.find(place);
  if (!judge_) {
    block_readers({case_.digest.error(), true, false});
  } else if (there == case_.evidence.found.end()) {
    const Error unsearched(Reason::internal, cat(name_of(place.format), " signatures in ",
                                                 place.repository.str(), " were not searched for"));
    block_readers({unsearched, is_beside(place), true});
  } else {
    found_ = &there->second;
    for (AuthorityState* const authority : readers_) {
      for (const std::string& where : found_->searched)
        authority->finding.searched.push_back(printable(where));
    }
  }
}

bool Court::consider_next(const SignaturePlace& place) {
  for (; found_ && candidate_ < found_->candidates.size(); ++candidate_, reader_ = 0) {
    const Candidate& candidate = found_->candidates[candidate_];
    if (candidate.format != place.format) continue;
    while (reader_ < readers_.size()) {
      AuthorityState& authority = *readers_[reader_++];
      if (authority.settled()) continue;
      consider(authority, candidate, place, case_.plan.image, *judge_);
      return true;
    }
  }
  return false;
}

void Court::leave(const SignaturePlace& place) {
  if (found_ && found_->failure) block_readers({*found_->failure, is_beside(place), false});
  entered_ = false;
  ++place_;
}

void Court::block_readers(const Blocker& blocker) {
  for (AuthorityState* const authority : readers_) {
    if (!authority->settled()) block(*authority, blocker);
  }
}

bool Court::is_beside(const SignaturePlace& place) const {
  return place.repository == case_.plan.image.repository();
}

void Court::close(PolicyState& policy) {
  for (AuthorityState& authority : policy.authorities) {
    if (std::holds_alternative<DelegateRule>(authority.authority->rule)) continue;
    close_authority(authority);
  }
  close_policy(case_, policy);
}

Verdict Court::findings() {
  for (PolicyState& policy : namespaced_) {
    close(policy);
  }
  for (PolicyState& policy : cluster_) {
    judge_delegates(case_, policy, namespaced_, judge_);
    close(policy);
  }
  Verdict verdict;
  verdict.image = case_.plan.image.original();
  if (case_.digest) verdict.digest = *case_.digest;
  for (std::vector<PolicyState>* const policies : {&cluster_, &namespaced_}) {
    for (PolicyState& policy : *policies) {
      verdict.policies.push_back(std::move(policy.finding));
    }
  }
  for (const Policy* const policy : case_.plan.undecided) {
    verdict.policies.push_back(undecided(case_.plan, *policy));
  }
  verdict.stable_until = horizon_.next();
  verdict.stale = staleness();
  return verdict;
}

// What the registries can no longer confirm, each sentence once.
std::optional<std::string> Court::staleness() const {
  std::vector<std::string> notes;
  const auto add = [&](const std::optional<std::string>& note) {
    if (!note || std::find(notes.begin(), notes.end(), *note) != notes.end()) return;
    notes.push_back(*note);
  };
  if (case_.plan.needs_digest) add(case_.evidence.digest_stale);
  for (const SignaturePlace& place : case_.plan.places) {
    const auto there = case_.evidence.found.find(place);
    if (there != case_.evidence.found.end()) add(there->second.stale);
  }
  if (notes.empty()) return std::nullopt;
  return printable(join(notes, "; "), kStaleBytes);
}

}  // namespace signet
