#include "tests/core/policy/world.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "core/base/text.hpp"
#include "core/sigstore/dsse.hpp"

namespace signet::world {
namespace {

constexpr std::string_view kInToto = "application/vnd.in-toto+json";

TestCa leaf_of(const TestCa& issuer, testing::CertificateSpec spec,
               const TestKey& key = TestKey::make()) {
  return testing::issue(issuer, spec, key);
}

testing::CertificateSpec expired_spec() {
  auto spec = testing::leaf_spec(kTeamA);
  spec.not_after = kTestNow - std::chrono::hours(1);
  return spec;
}

testing::CertificateSpec future_spec() {
  auto spec = testing::leaf_spec(kTeamA);
  spec.not_before = kTestNow + std::chrono::hours(1);
  return spec;
}

testing::CertificateSpec code_spec() {
  auto spec = testing::leaf_spec(kTeamA);
  spec.extended_key_usage = "codeSigning";
  return spec;
}

Blob payload_of(const Signing& what) {
  Json optional = nullptr;
  for (const auto& [name, value] : what.annotations) {
    optional[name] = value;
  }
  const Json payload = {{"critical",
                         {{"identity", {{"docker-reference", what.reference}}},
                          {"image", {{"docker-manifest-digest", what.digest.str()}}},
                          {"type", "cosign container image signature"}}},
                        {"optional", optional}};
  return payload.dump();
}

Blob statement_of(const Signing& what) {
  Json subject = {{"digest", {{"sha256", what.digest.hex_part()}}}};
  for (const auto& [name, value] : what.annotations) {
    subject["annotations"][name] = value;
  }
  const Json statement = {{"_type", "https://in-toto.io/Statement/v1"},
                          {"subject", Json::array({subject})},
                          {"predicateType", "https://sigstore.dev/cosign/sign/v1"},
                          {"predicate", Json::object()}};
  return statement.dump();
}

Candidate legacy_candidate(Blob payload, const TestKey& key) {
  return {SignatureFormat::legacy,
          "tag sha256-x.sig layer 1",
          {{"dev.cosignproject.cosign/signature", base64(key.sign(payload))}},
          payload};
}

}  // namespace

Digest image() {
  return Digest::of("the image");
}

Digest other_image() {
  return Digest::of("another image");
}

std::string pinned(const std::string& repository) {
  return repository + "@" + image().str();
}

Pki::Pki()
    : root(testing::root("Linuxera Root")),
      intermediate(testing::intermediate(root, "Linuxera Intermediate")),
      team_a(testing::leaf(intermediate, kTeamA)),
      team_a_again(testing::leaf(intermediate, kTeamA)),
      team_b(testing::leaf(intermediate, kTeamB)),
      team_b_with_key_of_a(leaf_of(intermediate, testing::leaf_spec(kTeamB), team_a.key)),
      code_signer(leaf_of(intermediate, code_spec())),
      expired(leaf_of(intermediate, expired_spec())),
      not_yet(leaf_of(intermediate, future_spec())),
      foreign_root(testing::root("Linuxera Root")),
      foreign_team_a(testing::leaf(foreign_root, kTeamA)) {}

Trust Pki::trust() const {
  Trust trust;
  trust.authorities.emplace_back();
  trust.authorities.front().anchors = {root.certificate};
  return trust;
}

const Pki& pki() {
  static const Pki made_once;
  return made_once;
}

Candidate legacy(const TestCa& signer, const Signing& what) {
  Candidate candidate = legacy_candidate(payload_of(what), signer.key);
  candidate.annotations["dev.sigstore.cosign/certificate"] = signer.pem();
  candidate.annotations["dev.sigstore.cosign/chain"] = pki().intermediate.pem();
  return candidate;
}

Candidate legacy_by_key(const TestKey& key, const Signing& what) {
  return legacy_candidate(payload_of(what), key);
}

Candidate bundle(const TestCa& signer, const Signing& what) {
  const Blob statement = statement_of(what);
  const Blob signature = signer.key.sign(pre_authentication_encoding(kInToto, statement));
  Json certificates = Json::array();
  for (const TestCa* const carried : {&signer, &pki().intermediate}) {
    certificates.push_back({{"rawBytes", base64(carried->certificate.der())}});
  }
  const Json json = {
      {"mediaType", "application/vnd.dev.sigstore.bundle.v0.3+json"},
      {"verificationMaterial", {{"x509CertificateChain", {{"certificates", certificates}}}}},
      {"dsseEnvelope",
       {{"payload", base64(statement)},
        {"payloadType", kInToto},
        {"signatures", Json::array({{{"sig", base64(signature)}}})}}}};
  return {SignatureFormat::bundle, "referrer sha256:0", {}, json.dump()};
}

Candidate signature(SignatureFormat format, const TestCa& signer, const Signing& what) {
  return format == SignatureFormat::bundle ? bundle(signer, what) : legacy(signer, what);
}

Candidate unreadable(SignatureFormat format, Reason reason, std::string what) {
  return {format, "layer 9", {}, Error(reason, std::move(what))};
}

IdentityRule identity(const std::string& subject, const std::string& issuer) {
  return {TextPattern::exact(subject), SubjectType::any, TextPattern::exact(issuer), {}};
}

Authority by_certificate(const std::string& subject, const std::string& root) {
  Authority authority;
  authority.name = "signer-" + subject.substr(0, subject.find('@'));
  CertificateRule rule;
  rule.trust_root = root;
  rule.identities = {identity(subject)};
  authority.rule = std::move(rule);
  return authority;
}

Authority by_inline_roots(const std::string& subject) {
  Authority authority = by_certificate(subject, "");
  std::get<CertificateRule>(authority.rule).trust = std::make_shared<const Trust>(pki().trust());
  return authority;
}

Authority by_key(std::vector<PublicKey> keys) {
  Authority authority;
  authority.name = "release-key";
  authority.rule = KeyRule{std::move(keys)};
  return authority;
}

Authority allow(std::vector<Digest> digests) {
  Authority authority;
  authority.name = "break-glass";
  authority.rule = StaticRule{StaticRule::Action::allow, std::move(digests), "incident 4711", {}};
  return authority;
}

Authority deny(std::vector<Digest> digests) {
  Authority authority;
  authority.name = "never";
  authority.rule = StaticRule{StaticRule::Action::deny, std::move(digests), "known bad", {}};
  return authority;
}

Authority delegate(std::vector<std::string> roots) {
  Authority authority;
  authority.name = "the-team-decides";
  authority.rule = DelegateRule{std::move(roots), {}, CodeSigning::optional};
  return authority;
}

Policy cluster(std::string name, std::vector<Authority> authorities) {
  Policy policy;
  policy.name = std::move(name);
  policy.match.images = {glob("quay.io/example/**")};
  policy.authorities = std::move(authorities);
  return policy;
}

Policy in_shop(std::string name, std::vector<Authority> authorities) {
  Policy policy = cluster(std::move(name), std::move(authorities));
  policy.kind = PolicyKind::namespaced;
  policy.ns = "shop";
  return policy;
}

Policy broken(Policy policy) {
  policy.issues.push_back({"teams.yaml", 7, 3, "spec.threshold", "is no number"});
  return policy;
}

ImageGlob glob(const std::string& pattern) {
  return *ImageGlob::parse(pattern);
}

SignaturePlace place(SignatureFormat format, const std::string& repository, bool own_credentials) {
  return {*Repository::parse(repository), format, own_credentials};
}

World::World(std::vector<Policy> obeyed) : policies(std::move(obeyed)) {
  workload.ns = "shop";
  workload.namespace_labels = Labels();
  roots["linuxera"] = TrustRoot{"linuxera", pki().trust(), "f", {}};
}

World& World::sign(Candidate candidate, const std::string& repository) {
  for (const bool own : {true, false}) {
    found[place(candidate.format, repository, own)].candidates.push_back(candidate);
  }
  return *this;
}

World& World::fail(SignatureFormat format, Reason reason, const std::string& repository) {
  for (const bool own : {true, false}) {
    found[place(format, repository, own)].failure = Error(reason, "the registry said so");
  }
  return *this;
}

World& World::unsearched(SignatureFormat format, const std::string& repository) {
  for (const bool own : {true, false}) {
    unsearched_.push_back(place(format, repository, own));
  }
  return *this;
}

Plan World::plan() const {
  Loaded loaded;
  for (const Policy& policy : policies) {
    loaded.policies.push_back(std::make_shared<const Policy>(policy));
  }
  for (const auto& [name, root] : roots) {
    loaded.trust_roots.push_back(std::make_shared<const TrustRoot>(root));
  }
  auto set = std::make_shared<const PolicySet>(make_policy_set(std::move(loaded), no_match));
  return plan_for(std::move(set), workload, *Reference::parse(reference));
}

Evidence World::evidence(const Plan& plan) const {
  Evidence evidence{digest, {}};
  if (!digest) return evidence;
  for (const SignaturePlace& planned : plan.places) {
    if (std::find(unsearched_.begin(), unsearched_.end(), planned) != unsearched_.end()) continue;
    const auto known = found.find(planned);
    FoundSignatures there = known == found.end() ? FoundSignatures() : known->second;
    there.searched.push_back(
        cat(name_of(planned.format), " signatures in ", planned.repository.str()));
    evidence.found[planned] = std::move(there);
  }
  return evidence;
}

Verdict World::judge() const {
  const Plan plan = this->plan();
  return evaluate(plan, evidence(plan), now);
}

bool World::wants_more() const {
  const Plan plan = this->plan();
  const Evidence evidence = this->evidence(plan);
  return signet::wants_more(plan, evidence, evaluate(plan, evidence, now));
}

World teams(Authority authority) {
  return World({cluster("teams", {std::move(authority)})});
}

std::string brief(const Verdict& verdict) {
  return cat(name_of(verdict.outcome), " ", name_of(verdict.reason));
}

std::string brief(const World& world) {
  return brief(world.judge());
}

const PolicyFinding& finding(const Verdict& verdict, const std::string& name) {
  const auto found = std::find_if(
      verdict.policies.begin(), verdict.policies.end(),
      [&](const PolicyFinding& finding) { return finding.name.ends_with("/" + name); });
  if (found == verdict.policies.end()) throw std::logic_error("no finding of " + name);
  return *found;
}

}  // namespace signet::world
