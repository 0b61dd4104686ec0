#include "core/policy/judge_authority.hpp"

#include <algorithm>
#include <tuple>

#include "core/base/text.hpp"
#include "core/policy/matcher.hpp"

namespace signet {
namespace {

constexpr std::size_t kWantedShown = 3;

std::string wanted_identities(const std::vector<IdentityRule>& rules) {
  std::vector<std::string> shown;
  for (std::size_t i = 0; i < std::min(rules.size(), kWantedShown); ++i) {
    shown.push_back(rules[i].str());
  }
  std::string text = join(shown, "; or ");
  if (rules.size() > kWantedShown) {
    text += cat("; or one of ", std::to_string(rules.size() - kWantedShown), " more");
  }
  return text;
}

std::string wanted_keys(const KeyRule& rule) {
  std::vector<std::string> shown;
  for (std::size_t i = 0; i < std::min(rule.keys.size(), kWantedShown); ++i) {
    shown.push_back(cat(rule.keys[i].kind_name(), " key ", rule.keys[i].id().str()));
  }
  return join(shown, " or ");
}

std::string wanted_images(const StaticRule& rule) {
  const std::string verb = rule.action == StaticRule::Action::deny ? "denies " : "allows ";
  if (rule.digests.empty()) return verb + "every image";
  return cat(verb, std::to_string(rule.digests.size()), " images by digest");
}

std::string wanted_by(const Authority& authority) {
  if (const auto* const rule = std::get_if<CertificateRule>(&authority.rule)) {
    return wanted_identities(rule->identities);
  }
  if (const auto* const rule = std::get_if<KeyRule>(&authority.rule)) return wanted_keys(*rule);
  if (const auto* const rule = std::get_if<StaticRule>(&authority.rule)) {
    return wanted_images(*rule);
  }
  const auto& rule = std::get<DelegateRule>(authority.rule);
  const std::string who =
      rule.identities.empty() ? "" : cat(" by ", wanted_identities(rule.identities));
  return cat("a TrustPolicy of the namespace that is satisfied under TrustRoot ",
             printable(join(rule.trust_roots, " or ")), who);
}

void pass(AuthorityState& state, std::string detail) {
  state.finding.outcome = Outcome::pass;
  state.finding.reason = Reason::static_allowed;
  state.finding.detail = std::move(detail);
}

void fail(AuthorityState& state, Reason reason, std::string detail, int distance) {
  if (distance <= state.furthest) return;
  state.furthest = distance;
  state.finding.reason = reason;
  state.finding.detail = std::move(detail);
}

void fail(AuthorityState& state, const Error& error) {
  fail(state, error.reason(), printable(error.what(), 512), how_far(error.reason()));
}

// Something was not looked at because there is too much of it.
void give_up(AuthorityState& state, const Error& error) {
  fail(state, error.reason(), printable(error.what(), 512), how_far(Reason::too_many_signatures));
}

// Decides without signatures (policy.md 7).
void judge_static(AuthorityState& state, const StaticRule& rule, const Result<Digest>& digest,
                  Horizon& horizon) {
  const std::string why = rule.message.empty() ? "" : cat(": ", printable(rule.message));
  if (!rule.digests.empty() && !digest) {
    return block(state, {digest.error(), true, false});
  }
  const bool listed = rule.digests.empty() || std::find(rule.digests.begin(), rule.digests.end(),
                                                        *digest) != rule.digests.end();
  if (rule.action == StaticRule::Action::deny) {
    if (!listed) return pass(state, "the image is not one of those denied");
    return fail(state, Error(Reason::static_denied, cat("denied outright", why)));
  }
  if (rule.expires && *rule.expires <= horizon.now()) {
    return fail(state, Error(Reason::static_denied,
                             cat("the static allow ended at ", format_time(*rule.expires), why)));
  }
  if (!listed) {
    return fail(state, Error(Reason::static_denied,
                             cat("the static allow does not list this digest", why)));
  }
  if (rule.expires) horizon.at(*rule.expires);
  pass(state, cat("allowed without a signature", why));
}

Result<VerifiedSignature> verify(AuthorityState& state, const Candidate& candidate,
                                 SignatureJudge& judge) {
  if (const auto* const rule = std::get_if<CertificateRule>(&state.authority->rule)) {
    return judge.by_certificate(candidate, *state.trust, std::span(rule->identities),
                                rule->code_signing);
  }
  std::optional<Error> furthest;
  for (const PublicKey& key : std::get<KeyRule>(state.authority->rule).keys) {
    auto verified = judge.by_key(candidate, key);
    if (verified) return verified;
    const Error& error = verified.error();
    if (!furthest || how_far(error.reason()) > how_far(furthest->reason())) furthest = error;
  }
  if (furthest) return *furthest;
  return Error(Reason::key_mismatch, "the authority names no key");
}

// Who a signature says it is from; for people, and no more than that.
void name_signer(SignatureFinding& finding, const Candidate& candidate, SignatureJudge& judge) {
  const Result<SignedEntity>& entity = judge.parsed(candidate, Material::certificate);
  if (!entity || entity->certificates.empty()) return;
  const Certificate& leaf = entity->certificates.front();
  finding.not_after = leaf.not_after();
  const auto identity = identity_of(leaf);
  if (!identity) return;
  if (!identity->subjects.empty()) finding.subject = printable(identity->subjects.front().value);
  finding.issuer = printable(identity->issuer ? *identity->issuer : identity->issuer_dn);
}

TimePoint earliest_end(const Path& path) {
  const auto first = std::min_element(
      path.certificates.begin(), path.certificates.end(),
      [](const Certificate& a, const Certificate& b) { return a.not_after() < b.not_after(); });
  return first->not_after();
}

std::string signer(const VerifiedSignature& verified) {
  if (!verified.identity) return cat("signed with key ", verified.key.id().str());
  std::string text = cat("signed by ", verified.matched.value_or(""));
  if (verified.identity->issuer) {
    text += cat(" (issuer ", printable(*verified.identity->issuer), ")");
  }
  return text;
}

void count(AuthorityState& state, SignatureFinding& finding, const Candidate& candidate,
           VerifiedSignature verified) {
  finding.counted = true;
  if (verified.matched) finding.subject = *verified.matched;
  finding.detail = signer(verified);
  if (verified.path && !verified.path->certificates.empty()) {
    const TimePoint end = earliest_end(*verified.path);
    auto& earliest = state.finding.earliest_end;
    if (!earliest || end < *earliest) earliest = end;
    const Certificate& anchor = verified.path->certificates.back();
    finding.anchor = AnchorFinding{printable(anchor.subject()), anchor.fingerprint()};
    for (const std::string& note : verified.path->notes) {
      finding.detail += cat("; ", printable(note));
    }
  }
  state.good.push_back({&candidate, std::move(verified)});
}

Material material_of(const Authority& authority) {
  return std::holds_alternative<CertificateRule>(authority.rule) ? Material::certificate
                                                                 : Material::key;
}

int distance_of(const AuthorityState& state, const Candidate& candidate, Reason reason,
                SignatureJudge& judge) {
  if (reason == Reason::limit_exceeded && judge.is_spent()) {
    return how_far(Reason::too_many_signatures);
  }
  // What could not even be taken apart got less far than any signature that could.
  if (judge.parsed(candidate, material_of(*state.authority))) return how_far(reason);
  return std::min(how_far(reason), how_far(Reason::unsupported_format));
}

}  // namespace

const Blocker& foremost(const std::vector<Blocker>& blockers) {
  return *std::min_element(blockers.begin(), blockers.end(), comes_before);
}

bool comes_before(const Blocker& a, const Blocker& b) {
  const auto rank = [](const Blocker& blocker) {
    const Reason reason = blocker.error.reason();
    return std::make_tuple(blocker.unsearched, !may_fail_open(reason), reason);
  };
  return rank(a) < rank(b);
}

bool AuthorityState::reads(const SignaturePlace& place) const {
  return std::find(places.begin(), places.end(), place) != places.end();
}

AuthorityState open_authority(const Hearing& the_case, const Policy& policy,
                              const Authority& authority, Horizon& horizon) {
  AuthorityState state;
  state.policy = &policy;
  state.authority = &authority;
  state.finding.name = printable(authority.name);
  state.finding.wanted = wanted_by(authority);
  if (const auto* const rule = std::get_if<StaticRule>(&authority.rule)) {
    judge_static(state, *rule, the_case.digest, horizon);
    return state;
  }
  if (const auto* const rule = std::get_if<CertificateRule>(&authority.rule)) {
    const auto trust = trust_of(*rule, *the_case.plan.policies);
    if (!trust) {
      fail(state, trust.error());
      return state;
    }
    state.trust = *trust;
    state.finding.by_certificate = true;
  }
  state.places = places_of(policy, authority, the_case.plan.image);
  return state;
}

void consider(AuthorityState& state, const Candidate& candidate, const SignaturePlace& place,
              const Reference& image, SignatureJudge& judge) {
  SignatureFinding finding;
  finding.origin = printable(candidate.origin);
  finding.format = candidate.format;
  auto verified = verify(state, candidate, judge);
  Result<void> good;
  if (!verified) {
    good = verified.error();
  } else {
    good = meets(*state.authority, *verified, candidate.format, image);
  }
  if (!good || verified->path) name_signer(finding, candidate, judge);
  if (good) {
    count(state, finding, candidate, std::move(*verified));
  } else {
    const Error& error = good.error();
    finding.reason = error.reason();
    finding.detail = printable(error.what(), 512);
    if (standing_of(error.reason()) == Standing::unchecked) {
      block(state, {error, place.repository == image.repository(), false});
    } else {
      fail(state, error.reason(), finding.detail,
           distance_of(state, candidate, error.reason(), judge));
    }
  }
  state.finding.signatures.push_back(std::move(finding));
}

void block(AuthorityState& state, Blocker blocker) {
  const Error& error = blocker.error;
  if (standing_of(error.reason()) != Standing::refused) {
    state.blockers.push_back(std::move(blocker));
  } else if (error.reason() == Reason::limit_exceeded) {
    give_up(state, error);
  } else {
    fail(state, error);
  }
}

void close_authority(AuthorityState& state) {
  if (state.satisfied()) return;
  if (!state.good.empty()) {
    state.finding.outcome = Outcome::pass;
    state.finding.reason = Reason::verified;
    state.finding.detail = signer(state.good.front().verified);
    return;
  }
  if (!state.blockers.empty()) {
    const Blocker& blocker = foremost(state.blockers);
    state.finding.outcome = Outcome::unknown;
    state.finding.reason = blocker.error.reason();
    state.finding.detail = printable(blocker.error.what(), 512);
    return;
  }
  state.finding.outcome = Outcome::fail;
  if (state.furthest >= 0) return;
  state.finding.reason = Reason::no_signature;
  state.finding.detail = state.finding.searched.empty()
                             ? "no signature was found"
                             : cat("nothing in ", join(state.finding.searched, ", "));
}

}  // namespace signet
