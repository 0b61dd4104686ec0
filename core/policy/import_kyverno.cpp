// Kyverno: verifyImages of ClusterPolicy and Policy (kyverno.io). Every set of attestors must pass,
// `count` of its entries suffice; each set becomes a policy, for here every policy must pass.

#include <algorithm>

#include "core/base/text.hpp"
#include "core/policy/import_kyverno.hpp"

namespace signet {
namespace {

using Authorities = std::vector<DraftAuthority>;

constexpr std::string_view kBegin = "-----BEGIN ";

// One authority for each key of a text that may hold several.
void import_keys(const PeerField& keys, const DraftAuthority& common, Authorities& authorities,
                 ImportWork& work) {
  DraftAuthority authority = common;
  const std::string algorithm = to_lower(keys["signatureAlgorithm"].text());
  if (!algorithm.empty() && algorithm != "sha256") {
    leave_out(authority, keys["signatureAlgorithm"], "only SHA-256 is known here");
  }
  for (const std::string_view key : {"kms", "secret"}) {
    if (keys[key])
      leave_out(authority, keys[key], "write the public key itself, as key: {pem: ...}");
  }
  demand_logs(keys, false, authority, work);
  const PeerField field = keys["publicKeys"];
  const std::string text = field.text();
  if (field && text.find(kBegin) == std::string::npos) {
    leave_out(authority, field,
              "is a reference or a variable; write the public key itself, as key: {pem: ...}");
  }
  std::size_t at = text.find(kBegin);
  if (at == std::string::npos) authorities.push_back(authority);
  while (at != std::string::npos) {
    const std::size_t next = text.find(kBegin, at + kBegin.size());
    DraftAuthority each = authority;
    use_key(each, field, text.substr(at, next - at));
    authorities.push_back(std::move(each));
    authority.comments.clear();  // told once
    at = next;
  }
}

void import_certificates(const PeerField& field, DraftAuthority& authority, ImportWork& work) {
  demand_logs(field, true, authority, work);
  if (const PeerField cert = field["cert"]) {
    leave_out(authority, cert,
              "one certificate cannot be named here; name its CA and who it is for");
  }
  use_any_of_chain(authority, field["certChain"], field["certChain"].text());
}

// Kyverno's own wildcards, in `subject` and `issuer`.
void use_wildcards(const PeerField& field, std::string& exact, std::string& regexp) {
  const std::string text = field.text();
  if (text.find_first_of("*?") == std::string::npos) {
    exact = text;
  } else {
    regexp = carry_wildcards(text);
  }
}

void import_keyless_entry(const PeerField& field, DraftAuthority& authority, ImportWork& work) {
  demand_logs(field, true, authority, work);
  const PeerField roots = field["roots"];
  authority.roots = roots.text();
  if (authority.roots.empty()) {
    leave_out(authority, field,
              "keyless signing under the public Fulcio is not done here; sign under your own CA "
              "and give its certificates");
  }
  if (const PeerField extensions = field["additionalExtensions"]) {
    leave_out(authority, extensions, "other extensions of a certificate are not looked at here");
  }
  if (field["subjectRegExp"] || field["issuerRegExp"]) return use_identity(authority, field);
  DraftIdentity identity;
  use_wildcards(field["subject"], identity.subject, identity.subject_regexp);
  use_wildcards(field["issuer"], identity.issuer, identity.issuer_regexp);
  add_identity(authority, field, std::move(identity));
}

DraftAuthority with_signature_rules(const PeerField& field, const DraftAuthority& common) {
  DraftAuthority authority = common;
  for (const auto& [name, value] : field["annotations"].texts())
    authority.annotations[name] = value;
  if (field["repository"]) use_repository(authority, field["repository"]);
  return authority;
}

void import_entry(const PeerField& entry, const DraftAuthority& common, Authorities& authorities,
                  ImportWork& work) {
  DraftAuthority authority = with_signature_rules(entry, common);
  const PeerField keys = entry["keys"];
  if (keys) return import_keys(keys, authority, authorities, work);
  const PeerField certificates = entry["certificates"];
  const PeerField keyless = entry["keyless"];
  if (certificates) {
    import_certificates(certificates, authority, work);
  } else if (keyless) {
    import_keyless_entry(keyless, authority, work);
  } else if (const PeerField nested = entry["attestor"]) {
    leave_out(authority, nested, "sets within sets cannot be said here; make rules of them");
  } else {
    entry.error("needs one of keys, certificates, keyless, attestor");
  }
  authorities.push_back(std::move(authority));
}

// The count of Kyverno is over entries and keys, and without one all of them must match.
void import_set(const PeerField& set, const DraftAuthority& common, DraftPolicy& policy,
                ImportWork& work) {
  for (const PeerField& entry : set["entries"].items())
    import_entry(entry, common, policy.authorities, work);
  const std::size_t count = set["count"].number().value_or(0);
  policy.threshold = count == 0 ? policy.authorities.size() : count;
  for (std::size_t i = 0; i < policy.authorities.size(); ++i)
    policy.authorities[i].name = cat("entry-", std::to_string(i));
  if (policy.authorities.empty()) leave_out(policy, set["entries"], "there is none");
}

// What of a verifyImages entry holds for all of its sets.
void import_image_references(const PeerField& field, DraftPolicy& policy) {
  std::vector<PeerField> references = field["imageReferences"].items();
  if (field["image"]) references.push_back(field["image"]);
  if (references.empty()) field["imageReferences"].error("is missing; Kyverno needs it too");
  for (const PeerField& reference : references)
    use_images(policy, reference, carry_glob(reference.text(), GlobDialect::kyverno));
  for (const PeerField& skipped : field["skipImageReferences"].items())
    use_exclude(policy, skipped, carry_glob(skipped.text(), GlobDialect::kyverno));
}

void import_switches(const PeerField& field, DraftPolicy& policy) {
  const bool mutate = field["mutateDigest"].flag(true);
  const bool verify = field["verifyDigest"].flag(true);
  policy.require_digest = verify && !mutate;
  if (!verify) {
    field["verifyDigest"].note(policy.comments,
                               "whether an image must have a digest is the service's `unpinned`");
  }
  if (!field["required"].flag(true)) {
    field["required"].loss(policy.comments, "here a policy always demands what it says");
  }
  field["useCache"].done();
  field["cosignOCI11"].done();
  const std::string type = field["type"].text();
  if (type == "Notary") leave_out(policy, field["type"], "Notary signatures are not checked here");
  if (const PeerField attestations = field["attestations"]) {
    leave_out(policy, attestations, "attestations are not checked here");
  }
  if (const PeerField credentials = field["imageRegistryCredentials"]) {
    credentials.loss(policy.comments,
                     "the pod's pull secrets and the service's credentials are used; give one of "
                     "them this login");
  }
  if (const PeerField validate = field["validate"]) {
    leave_out(policy, validate, "conditions on images are not evaluated here");
  }
}

// The form without attestors, which Kyverno turns into one set.
void import_old_form(const PeerField& field, const DraftAuthority& common, DraftPolicy& policy,
                     ImportWork& work) {
  DraftAuthority authority = common;
  authority.name = "entry-0";
  if (const PeerField key = field["key"]) {
    drop_log(work, authority, key);
    const std::string pem = key.text();
    if (pem.find(kBegin) == std::string::npos) {
      leave_out(authority, key, "write the public key itself, as key: {pem: ...}");
    } else {
      use_key(authority, key, pem);
    }
  } else if (field["roots"] || field["subject"] || field["issuer"]) {
    import_keyless_entry(field, authority, work);
  } else {
    leave_out(policy, field["attestors"], "there is none, so that no signature is demanded");
  }
  policy.authorities.push_back(std::move(authority));
}

// One policy for each set; where one of them cannot be, none is, for all must pass.
void import_entry_of_rule(const PeerField& field, const DraftPolicy& of_rule, ImportWork& work) {
  DraftPolicy common = of_rule;
  import_image_references(field, common);
  import_switches(field, common);
  const std::string action = field["failureAction"].text();
  if (!action.empty()) common.mode = to_lower(action) == "enforce" ? "enforce" : "audit";
  DraftAuthority rules = with_signature_rules(field, {});
  if (field["type"].text() == "SigstoreBundle") rules.formats = {"bundle"};
  const std::vector<PeerField> sets = field["attestors"].items();
  std::vector<DraftPolicy> policies;
  for (const PeerField& set : sets) {
    policies.push_back(common);
    import_set(set, rules, policies.back(), work);
    common.comments.clear();  // told once
  }
  if (sets.empty()) {
    policies.push_back(common);
    import_old_form(field, rules, policies.back(), work);
  }
  add_together(policies, work);
}

void import_rule(const PeerField& rule, const DraftPolicy& of_all, ImportWork& work) {
  DraftPolicy policy = of_all;
  const std::string name = rule["name"].text();
  const PeerField images = rule["verifyImages"];
  if (!images) {
    rule.loss(work.drafts.head,
              cat("the rule ", quoted(name, 80), " is not about signatures; leave it to Kyverno"));
    return;
  }
  policy.comments.push_back(cat("From the rule ", quoted(name, 80), "."));
  import_match(rule, policy);
  for (const std::string_view key : {"preconditions", "celPreconditions", "context"}) {
    if (rule[key]) {
      rule[key].loss(policy.match_comments, "conditions are not evaluated here; it always holds");
    }
  }
  for (const std::string_view key : {"skipBackgroundRequests", "reportProperties"})
    rule[key].done();
  for (const PeerField& entry : images.items())
    import_entry_of_rule(entry, policy, work);
}

// Several actions for several namespaces: the strictest holds for all.
std::string strictest_mode(const PeerField& spec, ImportComments& comments) {
  bool enforce = to_lower(spec["validationFailureAction"].text()) == "enforce";
  const PeerField overrides = spec["validationFailureActionOverrides"];
  for (const PeerField& item : overrides.items())
    enforce = enforce || to_lower(item["action"].text()) == "enforce";
  if (overrides) {
    overrides.loss(comments,
                   "one mode holds for all namespaces here, the strictest; a namespace "
                   "is put on trial by the label signet.dev/enforce: warn");
  }
  const bool warns = spec["emitWarning"].flag(false);
  return enforce ? "enforce" : warns ? "warn" : "audit";
}

}  // namespace

void import_verify_images(const PeerField& root, ImportWork& work) {
  tell_once(work, kKyvernoAdmits);
  DraftPolicy policy;
  const PeerName name = read_peer_name(root, policy.comments);
  policy.origin = name.place;
  policy.name = name.name;
  if (root["kind"].text() == "Policy") {
    const std::string ns = name.ns.empty() ? "default" : name.ns;
    policy.namespaces = {ns};
    policy.name = cat(ns, "-", name.name);
    policy.comments.push_back(
        "It is a cluster policy for one namespace: a TrustPolicy alone admits nothing.");
  }
  const PeerField spec = root["spec"];
  policy.mode = strictest_mode(spec, policy.comments);
  import_service_settings(spec, policy);
  for (const PeerField& rule : spec["rules"].items())
    import_rule(rule, policy, work);
  root.lose_unread(work.drafts.head);
}

}  // namespace signet
