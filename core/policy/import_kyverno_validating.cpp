// Kyverno: ImageValidatingPolicy (policies.kyverno.io). What it demands is a program in CEL; the
// form that its documentation uses is understood, and no other.

#include <algorithm>

#include "core/base/text.hpp"
#include "core/policy/import_kyverno.hpp"

namespace signet {
namespace {

// One call of verifyImageSignatures: how many of which attestors.
struct SignatureDemand {
  std::vector<std::string> attestors;
  std::size_t count = 1;

  friend bool operator==(const SignatureDemand&, const SignatureDemand&) = default;
};

// Reads `text` from its front; each step fails for good.
class ExpressionReader {
 public:
  explicit ExpressionReader(std::string_view text) : rest_(text) {}

  bool good() const { return good_; }
  bool at_end() const { return rest_.empty(); }
  bool has(std::string_view token) const { return rest_.starts_with(token); }
  void skip(std::string_view token) {
    good_ = good_ && has(token);
    if (good_) rest_.remove_prefix(token.size());
  }
  std::string word() {
    std::size_t size = 0;
    while (size < rest_.size() && (is_alnum(rest_[size]) || rest_[size] == '_'))
      ++size;
    good_ = good_ && size > 0;
    std::string found(rest_.substr(0, size));
    rest_.remove_prefix(size);
    return found;
  }

 private:
  std::string_view rest_;
  bool good_ = true;
};

// images.X.map(i, verifyImageSignatures(i, [attestors.A, ...])).all(e, e > 0), without spaces.
std::optional<SignatureDemand> read_demand(ExpressionReader& reader) {
  SignatureDemand demand;
  reader.skip("images.");
  reader.word();
  reader.skip(".map(");
  const std::string image = reader.word();
  reader.skip(",verifyImageSignatures(");
  if (reader.word() != image) return std::nullopt;
  reader.skip(",[");
  do {
    if (reader.has(",")) reader.skip(",");
    reader.skip("attestors.");
    demand.attestors.push_back(reader.word());
  } while (reader.good() && reader.has(","));
  reader.skip("])).all(");
  const std::string each = reader.word();
  reader.skip(",");
  if (reader.word() != each) return std::nullopt;
  const bool more = reader.has(">") && !reader.has(">=");
  const bool exactly = reader.has("==");
  reader.skip(more ? ">" : exactly ? "==" : ">=");
  const auto number = parse_number(reader.word());
  reader.skip(")");
  if (!reader.good() || !number || *number > demand.attestors.size()) return std::nullopt;
  demand.count = static_cast<std::size_t>(*number) + (more ? 1 : 0);
  const bool sensible = demand.count >= 1 && demand.count <= demand.attestors.size() &&
                        (!exactly || demand.count == demand.attestors.size());
  return sensible ? std::optional(demand) : std::nullopt;
}

// Several of them, joined by &&; nothing where it is anything else.
std::vector<SignatureDemand> demands_of(const std::string& expression) {
  std::string text;
  std::copy_if(expression.begin(), expression.end(), std::back_inserter(text),
               [](char c) { return c != ' ' && c != '\n' && c != '\t' && c != '\r'; });
  std::vector<SignatureDemand> demands;
  ExpressionReader reader(text);
  while (true) {
    auto demand = read_demand(reader);
    if (!demand) return {};
    if (std::find(demands.begin(), demands.end(), *demand) == demands.end()) {
      demands.push_back(std::move(*demand));
    }
    if (reader.at_end()) return demands;
    reader.skip("&&");
    if (!reader.good()) return {};
  }
}

// ---- attestors

void import_logs(const PeerField& cosign, DraftAuthority& authority, ImportWork& work) {
  const PeerField log = cosign["ctlog"];
  const bool certificate = !cosign["key"];
  const bool without_log = log["insecureIgnoreTlog"].flag(false);
  const bool without_sct = log["insecureIgnoreSCT"].flag(false) || !certificate;
  if (log["tsaCertChain"]) {
    leave_out(authority, log["tsaCertChain"], "signed timestamps are not checked here");
  }
  if (!without_log || !without_sct) drop_log(work, authority, log);
  log.done();
}

void import_cosign_key(const PeerField& key, DraftAuthority& authority) {
  const std::string hash = to_lower(key["hashAlgorithm"].text());
  if (!hash.empty() && hash != "sha256") {
    leave_out(authority, key["hashAlgorithm"], "only SHA-256 is known here");
  }
  for (const std::string_view name : {"kms", "expression"}) {
    if (key[name]) leave_out(authority, key[name], "write the public key as key: {pem: ...}");
  }
  if (key["data"]) use_key(authority, key["data"], key["data"].text());
}

void import_cosign_keyless(const PeerField& keyless, DraftAuthority& authority) {
  authority.roots = keyless["roots"].text();
  authority.carried_intermediates = false;  // they are not used there
  if (authority.roots.empty()) {
    leave_out(authority, keyless,
              "keyless signing under the public Fulcio is not done here; sign under your own CA "
              "and give its certificates as roots");
  }
  if (const PeerField extensions = keyless["additionalExtensions"]) {
    leave_out(authority, extensions, "other extensions of a certificate are not looked at here");
  }
  for (const PeerField& identity : keyless["identities"].items()) {
    for (const std::string_view key : {"subjectExpression", "issuerExpression"}) {
      if (identity[key]) leave_out(authority, identity[key], "CEL is not evaluated here");
    }
    use_identity(authority, identity);
  }
  if (authority.identities.empty()) leave_out(authority, keyless, "says nobody who may sign");
}

void import_certificate(const PeerField& field, DraftAuthority& authority) {
  if (field["cert"]) {
    leave_out(authority, field["cert"],
              "one certificate cannot be named here; name its CA and who it is for");
  }
  const PeerField chain = field["certChain"];
  if (chain["expression"]) leave_out(authority, chain, "CEL is not evaluated here");
  use_any_of_chain(authority, chain, chain["value"].text());
}

DraftAuthority import_attestor(const PeerField& field, ImportWork& work) {
  DraftAuthority authority;
  use_name(authority, field["name"], "attestor");
  const PeerField cosign = field["cosign"];
  if (!cosign) {
    leave_out(authority, field, "only cosign's signatures are checked here");
    return authority;
  }
  if (cosign["key"]) import_cosign_key(cosign["key"], authority);
  if (cosign["keyless"]) import_cosign_keyless(cosign["keyless"], authority);
  if (cosign["certificate"]) import_certificate(cosign["certificate"], authority);
  const bool none = !cosign["key"] && !cosign["keyless"] && !cosign["certificate"];
  if (none || cosign["trustedRoot"]) {
    leave_out(authority, cosign, "needs a key, a certificate chain or roots of its own here");
  }
  import_logs(cosign, authority, work);
  if (cosign["tuf"]) cosign["tuf"].note(authority.comments, "is not asked; the roots decide");
  authority.annotations = cosign["annotations"].texts();
  const PeerField source = cosign["source"];
  use_repository(authority, source["repository"]);
  if (source["tagPrefix"]) leave_out(authority, source["tagPrefix"], "tags have no prefix here");
  if (const PeerField secrets = source["PullSecrets"]) {
    secrets.loss(authority.comments,
                 "the pod's pull secrets and the service's credentials are used; give one of them "
                 "this login");
  }
  return authority;
}

// ---- the policy

// Rules for kinds of resources: where they choose less than what is judged here, that is told.
void import_resource_rules(const PeerField& rules, DraftPolicy& policy) {
  bool pods = !rules;
  for (const PeerField& rule : rules.items()) {
    for (const std::string& resource : rule["resources"].words())
      pods = pods || resource == "pods" || resource == "*" || resource == "*/*";
    if (!means_every_change(rule["operations"])) {
      rule["operations"].loss(policy.match_comments, kEveryChange);
    }
    if (const PeerField names = rule["resourceNames"]) {
      names.loss(policy.match_comments, "it holds for objects of every name here");
    }
    rule.done();
  }
  if (!pods) rules.loss(policy.match_comments, "pods and every workload are judged here");
}

void import_match_constraints(const PeerField& spec, DraftPolicy& policy) {
  const PeerField match = spec["matchConstraints"];
  import_resource_rules(match["resourceRules"], policy);
  match["matchPolicy"].done();
  if (match["namespaceSelector"]) use_namespace_selector(policy, match["namespaceSelector"]);
  for (const PeerField& field : {match["objectSelector"], match["excludeResourceRules"],
                                 spec["matchConditions"], spec["images"]}) {
    if (field) {
      field.loss(policy.match_comments,
                 "workloads are chosen by their namespace alone here; it holds for all of them");
    }
  }
  const std::vector<PeerField> references = spec["matchImageReferences"].items();
  if (references.empty()) policy.images = {"**"};
  for (const PeerField& reference : references) {
    const PeerField glob = reference["glob"];
    if (reference["expression"]) {
      leave_out(policy, reference["expression"], "CEL is not evaluated here; write patterns");
    } else {
      use_images(policy, glob, carry_glob(glob.text(), GlobDialect::kyverno_validating));
    }
  }
}

void import_evaluation(const PeerField& spec, DraftPolicy& policy) {
  const std::vector<std::string> actions = spec["validationActions"].words();
  const auto has = [&](std::string_view action) {
    return std::find(actions.begin(), actions.end(), action) != actions.end();
  };
  policy.mode = actions.empty() || has("Deny") ? "enforce" : has("Warn") ? "warn" : "audit";
  const PeerField evaluation = spec["evaluation"];
  if (evaluation["mode"].text() == "JSON") {
    leave_out(policy, evaluation["mode"], "only objects of Kubernetes are judged here");
  }
  if (!evaluation["admission"]["enabled"].flag(true)) {
    evaluation["admission"]["enabled"].note(policy.comments, "it only records: mode audit");
    policy.mode = "audit";
  }
  evaluation.done();
  const PeerField digests = spec["validationConfigurations"];
  const bool mutate = digests["mutateDigest"].flag(true);
  policy.require_digest = digests["verifyDigest"].flag(true) && !mutate;
  if (!digests["required"].flag(true)) {
    digests["required"].loss(policy.comments, "here a policy always demands what it says");
  }
  if (const PeerField credentials = spec["credentials"]) {
    credentials.loss(policy.comments,
                     "the pod's pull secrets and the service's credentials are used; give one of "
                     "them this login");
  }
  for (const std::string_view key : {"variables", "auditAnnotations", "attestations"}) {
    if (spec[key]) spec[key].note(policy.comments, "no expression that is understood needs it");
  }
}

// The demands of every validation, or the policy is left out.
std::vector<SignatureDemand> import_validations(const PeerField& validations, DraftPolicy& policy) {
  std::vector<SignatureDemand> all;
  for (const PeerField& validation : validations.items()) {
    const PeerField expression = validation["expression"];
    const std::vector<SignatureDemand> demands = demands_of(expression.text());
    if (demands.empty()) {
      leave_out(policy, expression,
                "of CEL only images.X.map(i, verifyImageSignatures(i, [attestors.A])).all(e, e > "
                "0) is understood");
    }
    all.insert(all.end(), demands.begin(), demands.end());
    for (const std::string_view key : {"message", "messageExpression", "reason"}) {
      if (validation[key]) validation[key].note(policy.comments, "a denial has its own words here");
    }
  }
  if (all.empty() && !policy.left_out) {
    leave_out(policy, validations, "there is none, so that no signature is demanded");
  }
  return all;
}

DraftPolicy with_demand(const DraftPolicy& common, const SignatureDemand& demand,
                        const std::vector<DraftAuthority>& attestors, const PeerField& at) {
  DraftPolicy policy = common;
  for (const std::string& name : demand.attestors) {
    const auto found = std::find_if(attestors.begin(), attestors.end(),
                                    [&](const DraftAuthority& each) { return each.name == name; });
    if (found != attestors.end()) {
      policy.authorities.push_back(*found);
    } else {
      leave_out(policy, at, cat("there is no attestor ", quoted(name, 80)));
    }
  }
  policy.threshold = demand.count;
  return policy;
}

}  // namespace

void import_image_validating_policy(const PeerField& root, ImportWork& work) {
  tell_once(work, kKyvernoAdmits);
  DraftPolicy common;
  const PeerName name = read_peer_name(root, common.comments);
  common.origin = name.place;
  common.name = name.name;
  if (root["kind"].text() == "NamespacedImageValidatingPolicy") {
    if (name.ns.empty()) root["metadata"]["namespace"].error("is missing; it is for one namespace");
    common.namespaces = {name.ns};
    common.name = cat(name.ns, "-", name.name);
  }
  const PeerField spec = root["spec"];
  import_match_constraints(spec, common);
  import_evaluation(spec, common);
  import_service_settings(spec, common);
  std::vector<DraftAuthority> attestors;
  for (const PeerField& attestor : spec["attestors"].items())
    attestors.push_back(import_attestor(attestor, work));
  const std::vector<SignatureDemand> demands = import_validations(spec["validations"], common);
  root.lose_unread(common.comments);

  std::vector<DraftPolicy> policies;
  for (const SignatureDemand& demand : demands)
    policies.push_back(with_demand(common, demand, attestors, spec["validations"]));
  if (policies.empty()) {
    policies.push_back(common);
    policies.back().authorities = attestors;
  }
  add_together(policies, work);
}

}  // namespace signet
