// sigstore's policy-controller: ClusterImagePolicy and TrustRoot of policy.sigstore.dev. Every
// policy that matches must pass and any authority of it suffices, as here.

#include <algorithm>

#include "core/base/text.hpp"
#include "core/policy/import_parts.hpp"

namespace signet {
namespace {

void import_key(const PeerField& key, DraftAuthority& authority) {
  const std::string hash = to_lower(key["hashAlgorithm"].text());
  if (!hash.empty() && hash != "sha256") {
    leave_out(authority, key["hashAlgorithm"], "only SHA-256 is known here; sign again with it");
  }
  if (const PeerField kms = key["kms"]) {
    leave_out(authority, kms,
              "keys of a KMS are not read; write its public key, as `cosign public-key --key` "
              "prints it, as key: {pem: ...}");
  }
  if (const PeerField secret = key["secretRef"]) {
    leave_out(authority, secret,
              "stands in the peer's namespace; write the public key as key: {pem: ...}, or copy "
              "the Secret into Signet's namespace and write key: {secretRef: {name: ..., key: "
              "cosign.pub}}");
  }
  const PeerField data = key["data"];
  if (data) use_key(authority, data, data.text());
}

void import_keyless(const PeerField& keyless, DraftAuthority& authority, ImportWork& work) {
  if (const PeerField url = keyless["url"]) {
    const bool with_root = static_cast<bool>(keyless["trustRootRef"]);
    if (with_root) {
      url.note(authority.comments, "is not asked; the TrustRoot says what is trusted");
    } else {
      leave_out(authority, url,
                "keyless signing is not done here: certificates of some minutes need timestamps; "
                "sign under your own CA and name its TrustRoot");
    }
  }
  if (const PeerField ca = keyless["ca-cert"]) {
    leave_out(authority, ca, "has no effect at the peer; write a TrustRoot with the CA");
  }
  const PeerField ref = keyless["trustRootRef"];
  authority.trust_root = ref.text();
  const auto& roots = work.drafts.trust_roots;
  const bool known = std::any_of(roots.begin(), roots.end(), [&](const DraftTrustRoot& root) {
    return root.name == authority.trust_root && !root.left_out;
  });
  if (ref && !known) {
    leave_out(authority, ref,
              "no such TrustRoot became one here; put it into the same input, with sigstoreKeys");
  } else if (!ref && !authority.left_out) {
    leave_out(authority, keyless,
              "keyless signing under the public Fulcio is not done here; sign under your own CA");
  }
  const PeerField ignore = keyless["insecureIgnoreSCT"];
  if (!ignore.flag(false)) drop_log(work, authority, ignore);
  const std::vector<PeerField> identities = keyless["identities"].items();
  if (identities.empty()) leave_out(authority, keyless["identities"], "says nobody who may sign");
  for (const PeerField& identity : identities)
    use_identity(authority, identity);
}

void import_static(const PeerField& field, DraftAuthority& authority, std::size_t authorities) {
  const std::string action = field["action"].text();
  if (action != "pass" && action != "fail") field["action"].error("is not pass or fail");
  authority.static_action = action == "pass" ? "allow" : "deny";
  authority.static_message = printable(field["message"].text(), 200);
  if (action == "fail" && authorities > 1) {
    authority.left_out = true;
    field.note(authority.comments, "never passes, and the other authorities suffice: left out");
  }
}

void import_sources(const PeerField& sources, DraftAuthority& authority) {
  const std::vector<PeerField> items = sources.items();
  if (items.size() > 1) return leave_out(authority, sources, "only one place can be named here");
  for (const PeerField& source : items) {
    use_repository(authority, source["oci"]);
    if (const PeerField prefix = source["tagPrefix"]) {
      leave_out(authority, prefix, "tags have no prefix here; copy the signatures");
    }
    if (const PeerField secrets = source["signaturePullSecrets"]) {
      secrets.loss(authority.comments,
                   "the pod's own pull secrets and the service's credentials are used; give one "
                   "of them this login");
    }
  }
}

void import_demands(const PeerField& field, DraftAuthority& authority, ImportWork& work) {
  if (const PeerField attestations = field["attestations"]) {
    leave_out(authority, attestations, "attestations are not checked here");
  }
  if (const PeerField timestamp = field["rfc3161timestamp"]) {
    leave_out(authority, timestamp, "signed timestamps are not checked here");
  }
  const PeerField log = field["ctlog"];
  if (log["url"] || log["trustRootRef"]) {
    drop_log(work, authority, log);
  }
  log["url"].done();
  log["trustRootRef"].done();
}

DraftAuthority import_authority(const PeerField& field, std::size_t index, std::size_t count,
                                ImportWork& work) {
  DraftAuthority authority;
  use_name(authority, field["name"], cat("authority-", std::to_string(index)));
  const PeerField key = field["key"];
  const PeerField keyless = field["keyless"];
  const PeerField fixed = field["static"];
  if (static_cast<int>(static_cast<bool>(key)) + static_cast<bool>(keyless) +
          static_cast<bool>(fixed) !=
      1) {
    field.error("needs one of key, keyless, static");
  }
  if (key) import_key(key, authority);
  if (keyless) import_keyless(keyless, authority, work);
  if (fixed) import_static(fixed, authority, count);
  import_sources(field["source"], authority);
  import_demands(field, authority, work);
  const std::string format = field["signatureFormat"].text();
  if (!fixed) authority.formats = {format.empty() ? "legacy" : format};
  if (!format.empty() && format != "legacy" && format != "bundle") {
    field["signatureFormat"].error("is not legacy or bundle");
  }
  return authority;
}

// Whether an image may pass without a signature: then it must cover no more than the peer's.
bool allows(const DraftPolicy& policy) {
  return std::any_of(policy.authorities.begin(), policy.authorities.end(),
                     [](const DraftAuthority& each) { return each.static_action == "allow"; });
}

void import_images(const PeerField& images, DraftPolicy& policy) {
  if (images.items().empty()) images.error("is missing; the peer needs it too");
  for (const PeerField& item : images.items()) {
    const PeerField glob = item["glob"];
    const CarriedGlobs carried = carry_glob(glob.text(), GlobDialect::policy_controller);
    use_images(policy, glob, carried);
    if (!carried.exact && allows(policy) && !carried.globs.empty()) {
      leave_out(policy, glob,
                "a `pass` for this pattern would cover more images here; write the policy by hand");
    }
  }
}

void import_scope(const PeerField& spec, DraftPolicy& policy) {
  const std::string mode = spec["mode"].text();
  if (!mode.empty() && mode != "enforce" && mode != "warn") {
    spec["mode"].error("is not enforce or warn");
  }
  if (!mode.empty()) policy.mode = mode;
  if (const PeerField rules = spec["policy"]) {
    leave_out(policy, rules, "CUE and Rego are not evaluated here");
  }
  const PeerField match = spec["match"];
  if (match && allows(policy)) {
    leave_out(policy, match, "a `pass` for some resources would be one for all of them here");
  } else if (match) {
    match.loss(policy.match_comments,
               "workloads are not chosen by kind or label here, so the policy holds for all of "
               "them; choose by namespaces or namespaceSelector");
  }
}

DraftTrustRoot::Ca import_ca(const PeerField& field, DraftTrustRoot& root) {
  DraftTrustRoot::Ca ca;
  DraftAuthority chain;
  const PeerField pem = field["certChain"];
  if (!pem) pem.error("is missing");
  use_chain(chain, pem, pem_of_base64(pem));
  root.left_out = root.left_out || chain.left_out;
  ca.comments = std::move(chain.comments);
  ca.roots = std::move(chain.roots);
  ca.intermediates = std::move(chain.intermediates);
  for (const std::string_view key : {"subject", "uri"}) {
    if (field[key]) field[key].note(ca.comments, "decides nothing; the certificates do");
  }
  return ca;
}

}  // namespace

void import_cluster_image_policy(const PeerField& root, ImportWork& work) {
  tell_once(work,
            "policy-controller judges namespaces with the label policy.sigstore.dev/include: "
            "\"true\"; Signet judges all that its webhook is asked about.");
  DraftPolicy policy;
  const PeerName name = read_peer_name(root, policy.comments);
  policy.name = free_name(work, name.name);
  policy.origin = name.place;
  const PeerField spec = root["spec"];
  const std::vector<PeerField> authorities = spec["authorities"].items();
  if (authorities.empty()) {
    leave_out(policy, spec["authorities"], "there is none, so that nothing is demanded");
  }
  for (std::size_t i = 0; i < authorities.size(); ++i) {
    policy.authorities.push_back(import_authority(authorities[i], i, authorities.size(), work));
  }
  import_images(spec["images"], policy);
  import_scope(spec, policy);
  root.lose_unread(policy.comments);
  work.drafts.policies.push_back(std::move(policy));
}

void import_trust_root(const PeerField& root, ImportWork& work) {
  DraftTrustRoot made;
  const PeerName name = read_peer_name(root, made.comments);
  made.name = name.name;
  made.origin = name.place;
  for (const DraftTrustRoot& other : work.drafts.trust_roots) {
    if (other.name == made.name) root.error("there are two TrustRoots of this name; keep one");
  }
  const PeerField spec = root["spec"];
  for (const std::string_view key : {"remote", "repository"}) {
    const PeerField tuf = spec[key];
    if (!tuf) continue;
    made.left_out = true;
    tuf.loss(made.comments,
             "TUF repositories are not read; write the certificates of your CA as "
             "certificateAuthorities (this TrustRoot is left out)");
  }
  const PeerField keys = spec["sigstoreKeys"];
  for (const PeerField& ca : keys["certificateAuthorities"].items())
    made.authorities.push_back(import_ca(ca, made));
  for (const std::string_view key : {"tLogs", "ctLogs", "timestampAuthorities"}) {
    if (keys[key]) {
      keys[key].note(made.comments,
                     "is for what Signet does not ask for; authorities that do are told so");
    }
  }
  if (made.authorities.empty()) made.left_out = true;
  made.carried_intermediates = false;
  made.comments.push_back(
      "chain: as at the peer, which uses no intermediate that a signature carries; take it out to "
      "use them.");
  root.lose_unread(made.comments);
  work.drafts.trust_roots.push_back(std::move(made));
}

}  // namespace signet
