#pragma once
// A small world for judging: a PKI, signatures by it, policies, and what a gatherer would hand in.
// Everything is honest unless a test changes one thing.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/policy/evaluate.hpp"
#include "core/policy/explain.hpp"
#include "core/policy/loader.hpp"
#include "tests/support/certificates.hpp"

namespace signet::world {

using testing::kTestNow;
using testing::TestCa;
using testing::TestKey;
using testing::years;

inline constexpr const char* kRepository = "quay.io/example/app";
inline constexpr const char* kIssuer = "https://linuxera.org";
inline constexpr const char* kTeamA = "team-a@linuxera.org";
inline constexpr const char* kTeamB = "team-b@linuxera.org";
inline constexpr auto kBundle = SignatureFormat::bundle;
inline constexpr auto kLegacy = SignatureFormat::legacy;

Digest image();  // what is deployed
Digest other_image();
std::string pinned(const std::string& repository = kRepository);  // name@digest

// Made once a program: root, intermediate, teams, and a foreign PKI with the same names.
struct Pki {
  TestCa root;
  TestCa intermediate;
  TestCa team_a;
  TestCa team_a_again;  // the same identity, another key
  TestCa team_b;
  TestCa team_b_with_key_of_a;
  TestCa code_signer;  // team-a with EKU codeSigning
  TestCa expired;
  TestCa not_yet;
  TestCa foreign_root;
  TestCa foreign_team_a;

  Pki();
  Trust trust() const;
};
const Pki& pki();

struct Signing {
  Digest digest = image();
  std::string reference = kRepository;
  std::map<std::string, std::string> annotations;
};
// As cosign writes them; both carry the intermediate.
Candidate legacy(const TestCa& signer, const Signing& what = {});
Candidate bundle(const TestCa& signer, const Signing& what = {});
Candidate legacy_by_key(const TestKey& key, const Signing& what = {});
Candidate signature(SignatureFormat format, const TestCa& signer, const Signing& what = {});
Candidate unreadable(SignatureFormat format, Reason reason, std::string what);

IdentityRule identity(const std::string& subject, const std::string& issuer = kIssuer);
Authority by_certificate(const std::string& subject = kTeamA, const std::string& root = "linuxera");
Authority by_inline_roots(const std::string& subject = kTeamA);
Authority by_key(std::vector<PublicKey> keys);
Authority allow(std::vector<Digest> digests = {});
Authority deny(std::vector<Digest> digests = {});
Authority delegate(std::vector<std::string> roots = {"linuxera"});

Policy cluster(std::string name, std::vector<Authority> authorities);
Policy in_shop(std::string name, std::vector<Authority> authorities);  // namespaced
Policy broken(Policy policy);                                          // with an issue
ImageGlob glob(const std::string& pattern);

SignaturePlace place(SignatureFormat format, const std::string& repository = kRepository,
                     bool own_credentials = true);

struct World {
  std::vector<Policy> policies;
  std::map<std::string, TrustRoot> roots;
  NoMatch no_match = NoMatch::deny;
  std::string reference = pinned();
  Workload workload;
  Result<Digest> digest = image();
  std::map<SignaturePlace, FoundSignatures> found;
  TimePoint now = kTestNow;

  // A world with the TrustRoot "linuxera" and these policies.
  explicit World(std::vector<Policy> obeyed = {});

  World& sign(Candidate candidate, const std::string& repository = kRepository);
  World& fail(SignatureFormat format, Reason reason, const std::string& repository = kRepository);
  World& unsearched(SignatureFormat format, const std::string& repository = kRepository);

  Plan plan() const;
  // Every planned place was searched, but for those left out by unsearched().
  Evidence evidence(const Plan& plan) const;
  Verdict judge() const;
  bool wants_more() const;

 private:
  std::vector<SignaturePlace> unsearched_;
};

// One cluster policy "teams" of this authority.
World teams(Authority authority = by_certificate());

// "pass verified", "fail identity_mismatch", ...
std::string brief(const Verdict& verdict);
std::string brief(const World& world);
// The one finding of a policy, by name without kind.
const PolicyFinding& finding(const Verdict& verdict, const std::string& name);

}  // namespace signet::world
