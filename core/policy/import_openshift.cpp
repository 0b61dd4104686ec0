// OpenShift: ClusterImagePolicy and ImagePolicy of config.openshift.io. Nodes enforce them when
// they pull, the most specific scope alone; here every policy that matches must pass.

#include "core/base/text.hpp"
#include "core/policy/import_parts.hpp"

namespace signet {
namespace {

void import_public_key(const PeerField& field, DraftAuthority& authority, ImportWork& work) {
  const PeerField data = field["keyData"];
  const std::string pem = pem_of_base64(data);
  if (!pem.empty()) use_key(authority, data, pem);
  if (const PeerField rekor = field["rekorKeyData"]) drop_log(work, authority, rekor);
}

void import_fulcio(const PeerField& field, DraftAuthority& authority, ImportWork& work) {
  const PeerField data = field["fulcioCAData"];
  const std::string pem = pem_of_base64(data);
  if (!pem.empty()) use_chain(authority, data, pem);
  drop_log(work, authority, field["rekorKeyData"]);
  const PeerField subject = field["fulcioSubject"];
  DraftIdentity identity;
  identity.subject = subject["signedEmail"].text();
  identity.subject_type = "email";
  identity.issuer = subject["oidcIssuer"].text();
  if (identity.subject.empty() || identity.issuer.empty()) {
    subject.error("needs signedEmail and oidcIssuer");
  }
  add_identity(authority, subject, std::move(identity));
}

void import_pki(const PeerField& field, DraftAuthority& authority) {
  const PeerField roots = field["caRootsData"];
  const PeerField intermediates = field["caIntermediatesData"];
  authority.roots = pem_of_base64(roots);
  authority.intermediates = pem_of_base64(intermediates);
  authority.code_signing = true;  // as the peer demands it, unasked
  const PeerField subject = field["pkiCertificateSubject"];
  const std::string email = subject["email"].text();
  const std::string host = subject["hostname"].text();
  if (email.empty() && host.empty()) subject.error("needs email or hostname");
  if (!email.empty() && !host.empty()) {
    leave_out(authority, subject,
              "both must match there, and one name of a certificate can be asked for here");
  }
  DraftIdentity identity;
  identity.subject = email.empty() ? host : email;
  identity.subject_type = email.empty() ? "dns" : "email";
  add_identity(authority, subject, std::move(identity));
  if (!intermediates) {
    field.aside(authority.comments,
                "lists no intermediates; where signatures carry them, add them here as "
                "`intermediates`, or the issuer of the leaf is not a configured one");
  }
}

void import_root_of_trust(const PeerField& field, DraftAuthority& authority, ImportWork& work) {
  const std::string type = field["policyType"].text();
  authority.name = to_lower(type);
  authority.formats = {"legacy"};
  if (type == "PublicKey") {
    import_public_key(field["publicKey"], authority, work);
  } else if (type == "FulcioCAWithRekor") {
    import_fulcio(field["fulcioCAWithRekor"], authority, work);
  } else if (type == "PKI") {
    import_pki(field["pki"], authority);
  } else {
    field["policyType"].error("is not PublicKey, FulcioCAWithRekor or PKI");
  }
}

// Whether the policy covers one repository, and which.
std::string only_repository(const PeerField& scopes) {
  const std::vector<std::string> list = scopes.words();
  if (list.size() != 1) return "";
  const CarriedGlobs carried = carry_scope(list[0]);
  return carried.globs.size() == 1 && carried.globs[0].find('*') == std::string::npos
             ? carried.globs[0]
             : "";
}

void import_signed_identity(const PeerField& field, const PeerField& scopes, DraftPolicy& policy,
                            DraftAuthority& authority) {
  const std::string match = field["matchPolicy"].text();
  authority.signed_identity = "repository";
  if (match.empty() || match == "MatchRepoDigestOrExact" || match == "RemapIdentity") {
    policy.require_digest = true;
    policy.comments.push_back(
        "requireDigest: an image by tag would need that tag in the signature there, and cosign "
        "writes none; take it out where Signet pins tags.");
  } else if (match != "MatchRepository" && match != "ExactRepository") {
    field["matchPolicy"].error("is not one that OpenShift knows");
  }
  if (match == "RemapIdentity") {
    const PeerField remap = field["remapIdentity"];
    authority.signed_identity = "remap";
    authority.prefix = remap["prefix"].text();
    authority.signed_prefix = remap["signedPrefix"].text();
  } else if (match == "ExactRepository") {
    const std::string only = only_repository(scopes);
    const PeerField exact = field["exactRepository"];
    authority.signed_identity = "remap";
    authority.prefix = only;
    authority.signed_prefix = exact["repository"].text();
    if (only.empty()) {
      leave_out(authority, exact,
                "one name for images of many repositories cannot be said here; write "
                "signedIdentity: {match: remap, prefix: ..., signedPrefix: ...}");
    }
  }
}

}  // namespace

void import_openshift_policy(const PeerField& root, ImportWork& work) {
  tell_once(work,
            "OpenShift applies the policy with the most specific scope alone and admits images "
            "without one; here every policy that matches must pass, and without one `noMatch` "
            "decides, by default deny.");
  DraftPolicy policy;
  const bool namespaced = root["kind"].text() == "ImagePolicy";
  const PeerName name = read_peer_name(root, policy.comments);
  policy.origin = name.place;
  policy.name =
      free_name(work, namespaced && !name.ns.empty() ? cat(name.ns, "-", name.name) : name.name);
  if (namespaced) {
    if (name.ns.empty()) {
      root["metadata"]["namespace"].error("is missing; an ImagePolicy is for its namespace");
    }
    policy.namespaces = {name.ns};
    policy.comments.push_back(
        "It is a cluster policy for one namespace: a TrustPolicy alone admits nothing.");
  }
  const PeerField spec = root["spec"];
  const PeerField scopes = spec["scopes"];
  if (scopes.items().empty()) scopes.error("is missing; OpenShift needs it too");
  for (const PeerField& scope : scopes.items())
    use_images(policy, scope, carry_scope(scope.text()));
  DraftAuthority authority;
  const PeerField rules = spec["policy"];
  import_root_of_trust(rules["rootOfTrust"], authority, work);
  import_signed_identity(rules["signedIdentity"], scopes, policy, authority);
  policy.authorities.push_back(std::move(authority));
  root.lose_unread(policy.comments);
  work.drafts.policies.push_back(std::move(policy));
}

}  // namespace signet
