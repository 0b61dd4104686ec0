#pragma once
// The parts of a document, each read from its own field. Whatever is wrong becomes an issue of the
// document; a part with issues is never obeyed, so what it then holds does not matter.

#include <memory>
#include <string>
#include <vector>

#include "core/policy/field.hpp"
#include "core/policy/model.hpp"

namespace signet {

// A whole document, whatever its issues; nothing where it has no content.
struct LoadedDocument {
  std::optional<Policy> policy;  // also where the kind cannot be read: it denies everything
  std::optional<TrustRoot> trust_root;
  Issue place;  // of the name
};
LoadedDocument load_document(const YamlDocument& yaml, Document& document);
// Stands for what could not be read at all, and denies everything (policy.md 11).
Policy unreadable_policy(const Document& document, YamlPlace at);

// TrustRoot.spec.
Trust load_trust(const Field& spec);
// `roots` and what belongs to it, inside a certificate authority of a policy.
std::shared_ptr<const Trust> load_inline_trust(const Field& certificate);

// Whether an object of Kubernetes can have this name.
bool is_object_name(std::string_view name);

// What to do about a text where PEM blocks with the label `wanted` belong, and that was refused.
std::string_view cure_of_pem(const Error& error, std::string_view text, std::string_view wanted);
// What a `{pem: ...}`, `{file: ...}`, `{secretRef: ...}` or `{configMapRef: ...}` holds; nothing
// and an issue where it cannot be had.
std::optional<Blob> load_contents(const Field& source, std::size_t most);

// spec.match of a policy.
Match load_match(const Field& match, PolicyKind kind);
// Every image of the policy's scope: what an unreadable match means (policy.md 11).
Match match_everything();

// spec.authorities of a policy.
std::vector<Authority> load_authorities(const Field& authorities, PolicyKind kind);
std::vector<IdentityRule> load_identities(const Field& identities);
// annotations, signatureRepository, formats and signedIdentity of an authority that reads
// signatures; of one that reads none they are issues.
void load_signature_rules(const Field& field, Authority& authority);
void refuse_signature_rules(const Field& field);
// A text for people that ends a message: one line of printable ASCII.
std::string load_message(const Field& message);

}  // namespace signet
