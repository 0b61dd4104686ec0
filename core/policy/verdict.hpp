#pragma once
// A verdict carries the whole tree of reasons: policy, authority, signature, step, what was found,
// what was wanted (policy.md 17). A value; explain.hpp makes text of it.

#include <optional>
#include <string>
#include <vector>

#include "core/base/reason.hpp"
#include "core/base/time.hpp"
#include "core/policy/model.hpp"

namespace signet {

enum class Outcome { pass, fail, unknown };  // unknown: could not be checked

// The configured certificate that a path ends at.
struct AnchorFinding {
  std::string subject;  // printable
  Digest fingerprint;   // SHA-256 of its DER
};

struct SignatureFinding {
  std::string origin;  // Candidate::origin
  SignatureFormat format = SignatureFormat::legacy;
  std::string subject;  // as the leaf says, printable; empty: no certificate
  std::string issuer;
  bool counted = false;
  Reason reason = Reason::verified;
  std::string detail;                        // why it did not count: found and wanted
  std::optional<TimePoint> not_after;        // of the leaf
  std::optional<AnchorFinding> anchor = {};  // where it counted, and a certificate signed
};

struct AuthorityFinding {
  std::string name;
  Outcome outcome = Outcome::fail;
  Reason reason = Reason::no_signature;
  std::string detail;
  std::string wanted;  // for people: identities, key, digests
  std::vector<SignatureFinding> signatures;
  std::vector<std::string> searched;
  std::optional<TimePoint> earliest_end;  // of the certificates of the path that counted
  bool by_certificate = false;            // not by a key, nor without signatures
};

// What one policy does to the answer.
enum class Effect { none, warn, deny };

std::string_view name_of(Outcome outcome);
std::string_view name_of(Effect effect);

struct PolicyFinding {
  std::string name;           // display name
  Mode mode = Mode::enforce;  // a trial applied
  bool on_trial = false;      // the policy says enforce
  std::string message;        // of the policy, printable
  Outcome outcome = Outcome::fail;
  Effect effect = Effect::deny;  // after mode and onError
  Reason reason = Reason::no_signature;
  std::string detail;
  std::vector<AuthorityFinding> authorities;
  bool incomplete = false;  // not a pass, but places that were not searched could make it one
  bool asks_for_signatures = false;  // an authority is not static
  bool static_allow = false;         // passed by a static allow alone
  // The earliest end of the certificates that carried the pass; nothing where none did.
  std::optional<TimePoint> certificates_until;
};

struct Verdict {
  Outcome outcome =
      Outcome::unknown;  // of the image as a whole, modes applied: pass unless an effect is `deny`
  // Why, for the metric and the first line. A pass that a policy in mode warn or audit, or with
  // onError, objected to has the reason of that objection.
  Reason reason = Reason::internal;
  std::string detail;
  std::string image;  // the user's spelling
  std::optional<Digest> digest;
  std::vector<PolicyFinding> policies;
  Trial trial = Trial::none;
  std::vector<std::string> warnings;  // plain sentences, not yet cut to the API's limits
  // The next instant that can flip this verdict: it holds before, and must be judged again from
  // then on. Nothing: none.
  std::optional<TimePoint> stable_until;
  // The earliest end of the certificates that carried a pass; nothing where none did.
  std::optional<TimePoint> certificates_until;
  // Evidence older than usual was used because a registry cannot be reached; for people.
  std::optional<std::string> stale;
  // What may have kept a registry from showing more, for people; nothing depends on it.
  std::vector<std::string> hints = {};
  bool allowed() const { return outcome == Outcome::pass; }
};

// The earlier of two ends, where nothing is no end.
std::optional<TimePoint> earlier(std::optional<TimePoint> a, std::optional<TimePoint> b);

// How far a signature or an authority got before it failed with this reason; the furthest is what a
// person must know first.
int how_far(Reason reason);

// The policy that decides what a person is told first: one that refuses, else one that could not
// be checked, else one that objects without effect; nullptr where none objects.
const PolicyFinding* decisive(const Verdict& verdict);

// A verdict that was reached before any policy was asked: an exception, a deadline, a broken
// reference.
Verdict failed_verdict(std::string image, Error error);

}  // namespace signet
