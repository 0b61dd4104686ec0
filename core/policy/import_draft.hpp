#pragma once
// What will be written: Signet's documents while they are being put together, with the comments
// that stand above each part.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/policy/import_field.hpp"

namespace signet {

struct DraftIdentity {
  // Each as the field of that name; empty: absent.
  std::string subject, subject_regexp, subject_type;
  std::string issuer, issuer_regexp, issuer_dn_regexp;
};

struct DraftAuthority {
  ImportComments comments;
  bool left_out = false;  // only its comments are written
  std::string name;

  std::string key;  // PEM

  std::string trust_root;  // certificate: the name of one, or else roots
  std::string roots, intermediates;
  std::vector<DraftIdentity> identities;
  bool code_signing = false;
  bool carried_intermediates = true;

  std::string static_action, static_message;

  std::map<std::string, std::string> annotations;
  std::string signature_repository;
  std::vector<std::string> formats;
  std::string signed_identity, prefix, signed_prefix;
};

struct DraftExpression {
  std::string key, op;
  std::vector<std::string> values;
};

struct DraftPolicy {
  ImportComments comments;
  bool left_out = false;  // it is written as a comment
  int group = 0;          // not 0: where another of this number is left out, it is too
  Issue origin;           // in the input
  std::string name;
  std::string mode = "enforce";
  ImportComments match_comments;
  std::vector<std::string> images, exclude, namespaces;
  std::map<std::string, std::string> namespace_labels;
  std::vector<DraftExpression> namespace_expressions;
  std::vector<DraftAuthority> authorities;
  std::size_t threshold = 1;
  bool require_digest = false;
};

struct DraftTrustRoot {
  ImportComments comments;
  bool left_out = false;
  Issue origin;
  std::string name;
  struct Ca {
    ImportComments comments;
    std::string roots, intermediates;
  };
  std::vector<Ca> authorities;
  bool carried_intermediates = true;
};

struct ImportDrafts {
  std::vector<DraftTrustRoot> trust_roots;
  std::vector<DraftPolicy> policies;
  ImportComments head;  // above all of them: documents that became nothing, and what holds for all
};

// One document, without the line `---`. One that is left out, or has no authority left, is a
// comment from its first line to its last.
std::string write_draft(const DraftTrustRoot& root);
std::string write_draft(const DraftPolicy& policy);
bool is_left_out(const DraftPolicy& policy);
// Comment lines of at most 100 columns; an entry for each.
std::string write_comments(const ImportComments& comments, std::size_t indent);

}  // namespace signet
