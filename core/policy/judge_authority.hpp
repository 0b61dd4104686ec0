#pragma once
// What one authority says about one image: collects its signatures as they are looked at, and why
// those that do not count do not.

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/policy/judge_signature.hpp"
#include "core/policy/plan.hpp"
#include "core/policy/verdict.hpp"

namespace signet {

// What is judged; borrowed for the length of one evaluate().
struct Hearing {
  const Plan& plan;
  const Evidence& evidence;
  Result<Digest> digest;  // of the image, or why nobody can tell
};

// Something that could not be looked at, and that might have held a good signature.
struct Blocker {
  Error error;
  bool beside_image = true;  // in the image's own repository
  bool unsearched = false;   // simply not searched yet
};

// What the registry said before what nobody asked, outages before the rest; else in the order of
// the reasons, so that the order of places and authorities does not show.
bool comes_before(const Blocker& a, const Blocker& b);
const Blocker& foremost(const std::vector<Blocker>& blockers);  // of at least one

// A signature that counts.
struct GoodSignature {
  const Candidate* candidate;
  VerifiedSignature verified;
};

struct AuthorityState {
  const Policy* policy = nullptr;
  const Authority* authority = nullptr;
  const Trust* trust = nullptr;        // certificate authorities
  std::vector<SignaturePlace> places;  // it counts signatures from these
  bool exhaustive = false;             // one good signature is not enough to stop
  AuthorityFinding finding;
  std::vector<GoodSignature> good;
  std::vector<Blocker> blockers;
  int furthest = -1;  // how_far() of finding.reason

  bool satisfied() const { return finding.outcome == Outcome::pass; }
  bool settled() const { return !good.empty() && !exhaustive; }
  bool reads(const SignaturePlace& place) const;
};

AuthorityState open_authority(const Hearing& the_case, const Policy& policy,
                              const Authority& authority, Horizon& horizon);
// One signature of a place that the authority reads.
void consider(AuthorityState& state, const Candidate& candidate, const SignaturePlace& place,
              const Reference& image, SignatureJudge& judge);
// Where the reason is a refusal (too much to look at is the image's own doing), it fails instead.
void block(AuthorityState& state, Blocker blocker);
// After the last place: outcome, reason, detail.
void close_authority(AuthorityState& state);

// Whether a verified signature meets what an authority asks beyond its key or certificate:
// annotations and signedIdentity.
Result<void> meets(const Authority& authority, const VerifiedSignature& signature,
                   SignatureFormat format, const Reference& image);

}  // namespace signet
