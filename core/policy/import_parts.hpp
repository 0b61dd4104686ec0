#pragma once
// The converters of the peers, one a kind of document, and what they share.

#include <set>
#include <string>

#include "core/policy/import_draft.hpp"
#include "core/policy/import_patterns.hpp"

namespace signet {

struct ImportWork {
  const ImportOptions& options;
  ImportDrafts drafts = {};
  std::set<std::string> names = {};  // of policies so far
  int groups = 0;
};

// metadata.name, and the namespace where there is one; an error where there is no name.
struct PeerName {
  std::string name;
  std::string ns;
  Issue place;
};
PeerName read_peer_name(const PeerField& root, ImportComments& comments);
// A comment for the head of the output.
void tell_once(ImportWork& work, std::string_view what);
// A name that no other policy of this output has.
std::string free_name(ImportWork& work, const std::string& wanted);

// `what` leads to the authority being left out; a loss.
void leave_out(DraftAuthority& authority, const PeerField& field, std::string_view what);
void leave_out(DraftPolicy& policy, const PeerField& field, std::string_view what);
// A demand for a log or an SCT.
void drop_log(ImportWork& work, DraftAuthority& authority, const PeerField& field);
void use_name(DraftAuthority& authority, const PeerField& field, std::string_view otherwise);
void use_key(DraftAuthority& authority, const PeerField& field, const std::string& pem);
void use_repository(DraftAuthority& authority, const PeerField& field);
// Certificates, the last of them the root.
void use_chain(DraftAuthority& authority, const PeerField& field, const std::string& pem);
// Adds one pattern to the images that a policy covers, or leaves the policy out.
void use_images(DraftPolicy& policy, const PeerField& field, const CarriedGlobs& carried);

// A subject and an issuer as cosign has them: exact, or searched for. What is absent is any.
void use_identity(DraftAuthority& authority, const PeerField& identity);
void add_identity(DraftAuthority& authority, const PeerField& at, DraftIdentity identity);
// PEM that an API object holds in base64; nothing and an error where it is not.
std::string pem_of_base64(const PeerField& field);
// namespaceSelector, as Kubernetes has it.
void use_namespace_selector(DraftPolicy& policy, const PeerField& selector);

void import_trust_root(const PeerField& root, ImportWork& work);
void import_cluster_image_policy(const PeerField& root, ImportWork& work);
void import_verify_images(const PeerField& root, ImportWork& work);
void import_image_validating_policy(const PeerField& root, ImportWork& work);
void import_openshift_policy(const PeerField& root, ImportWork& work);

}  // namespace signet
