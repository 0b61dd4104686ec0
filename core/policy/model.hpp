#pragma once
// What users write (policy.md), after it was read and found good. Values without behaviour;
// loader.hpp makes them, evaluate.hpp obeys them.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/base/time.hpp"
#include "core/crypto/chain.hpp"
#include "core/crypto/public_key.hpp"
#include "core/oci/reference.hpp"
#include "core/policy/glob.hpp"
#include "core/policy/identities.hpp"
#include "core/policy/policy_index.hpp"
#include "core/policy/selector.hpp"
#include "core/sigstore/evidence.hpp"

namespace signet {

// A place in a file that a person must look at.
struct Issue {
  std::string file;
  int line = 0;              // from 1; 0: the whole file
  int column = 0;            // from 1
  std::string field;         // "spec.authorities[0].key.pem"
  std::string what;          // one sentence, with the cure
  bool of_material = false;  // what a Secret, ConfigMap or file should hold is not there

  std::string str() const;  // file:line:col: field: what
};

struct TrustRoot {
  std::string name;
  Trust trust;
  std::string fingerprint;    // hex SHA-256 over everything that decides; part of the memo key
  std::vector<Issue> issues;  // not empty: never valid, and trusts nothing
};

// The kinds of documents, as their `kind` names them.
enum class PolicyKindName { trust_root, cluster_policy, policy };
std::string_view name_of(PolicyKindName kind);

// Which object of a cluster, or which document.
struct ObjectName {
  PolicyKindName kind = PolicyKindName::cluster_policy;
  std::string ns;  // PolicyKindName::policy only
  std::string name;

  std::string str() const;  // "TrustRoot/linuxera", "TrustPolicy/shop/teams"
  friend auto operator<=>(const ObjectName&, const ObjectName&) = default;
};

enum class PolicyKind { cluster, namespaced };
enum class Mode { enforce, warn, audit };
enum class ErrorAction { deny, warn, allow };
enum class NoMatch { deny, warn, allow };
enum class SignedIdentity { any, repository, exact, remap };
std::string_view name_of(Mode mode);

struct CertificateRule {
  std::string trust_root;              // name of a TrustRoot; empty: `trust` is inline
  std::shared_ptr<const Trust> trust;  // inline roots
  std::vector<IdentityRule> identities;
  CodeSigning code_signing = CodeSigning::optional;
};

struct KeyRule {
  std::vector<PublicKey> keys;  // any one suffices
};

struct StaticRule {
  enum class Action { allow, deny } action = Action::allow;
  std::vector<Digest> digests;  // empty: every image
  std::string message;
  std::optional<TimePoint> expires;  // ends an `allow`
};

struct DelegateRule {
  std::vector<std::string> trust_roots;
  std::vector<IdentityRule> identities;  // optional ceiling
  CodeSigning code_signing = CodeSigning::optional;
};

struct SignedIdentityRule {
  SignedIdentity match = SignedIdentity::any;
  std::string prefix;         // remap: of the image
  std::string signed_prefix;  // remap: of the docker-reference
};

struct Authority {
  std::string name;
  std::variant<CertificateRule, KeyRule, StaticRule, DelegateRule> rule;
  std::map<std::string, std::string> annotations;
  std::optional<Repository> signature_repository;
  std::vector<SignatureFormat> formats = {SignatureFormat::bundle, SignatureFormat::legacy};
  SignedIdentityRule signed_identity;
};

struct Match {
  std::vector<ImageGlob> images;
  std::vector<ImageGlob> exclude;
  std::vector<std::string> namespaces;         // cluster kind; empty: all
  std::optional<Selector> namespace_selector;  // cluster kind
  std::optional<Selector> object_selector;     // namespaced kind
};

struct Policy {
  PolicyKind kind = PolicyKind::cluster;
  std::string ns;  // namespaced kind only
  std::string name;
  Mode mode = Mode::enforce;
  Match match;
  std::vector<Authority> authorities;
  std::size_t threshold = 1;
  ErrorAction on_error = ErrorAction::deny;
  bool require_digest = false;
  std::string message;
  std::string fingerprint;  // hex SHA-256 over everything that decides
  std::vector<Issue>
      issues;  // not empty: denies what it would match (policy_invalid); an unreadable match
               // matches its whole scope, an unreadable mode is enforce
  std::string display_name() const;  // "ClusterTrustPolicy/teams", "TrustPolicy/shop/teams"
};

// What puts an enforce down to a warn.
enum class Trial {
  none,
  of_namespace,  // the label `signet.dev/enforce: warn` of the workload's namespace
  of_all,        // the setting `dryRun`
};
inline constexpr std::string_view kEnforceLabel = "signet.dev/enforce";

// The labels that selectors ask for, sorted, and kEnforceLabel; a plan depends on no others. What
// is always known of a namespace, its name, is not among them.
struct LabelKeys {
  std::vector<std::string> of_object;
  std::vector<std::string> of_namespace;
};

// Everything that decides, at one moment. Immutable; a reload makes another one.
struct PolicySet {
  std::vector<std::shared_ptr<const Policy>> policies;  // by kind, namespace and name
  std::map<std::string, std::shared_ptr<const TrustRoot>, std::less<>> trust_roots;
  NoMatch no_match = NoMatch::deny;
  bool dry_run = false;  // every enforce is a warn
  std::string fingerprint;
  LabelKeys label_keys;
  std::optional<PolicyIndex> index;  // of `policies`; without one a plan asks each of them
};

}  // namespace signet
