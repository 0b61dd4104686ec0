#pragma once
// Reason: the closed set of answers to "why", one spelling for texts, metric labels, JSON and
// alerts.
//
// A reason also fixes how the answer travels: whether the image was judged or could not be checked,
// and which status code the API server sees.

#include <optional>
#include <string_view>

namespace signet {

enum class Reason {
  // judged and trusted
  verified,
  static_allowed,
  skipped_unchanged,
  no_policy_allow,
  // judged and refused
  no_policy_deny,
  no_signature,
  signature_invalid,
  payload_mismatch,
  identity_mismatch,
  issuer_mismatch,
  key_mismatch,
  annotation_mismatch,
  signed_identity_mismatch,
  chain_untrusted,
  chain_expired,
  cert_profile,
  revoked,
  unsupported_format,
  too_many_signatures,
  limit_exceeded,
  threshold_not_met,
  no_delegate,
  static_denied,
  unpinned,
  invalid_reference,
  policy_invalid,
  trust_root_missing,
  // could not be checked
  crl_stale,
  image_not_found,
  digest_mismatch,
  ambiguous_manifest,
  registry_protocol,
  registry_blocked,
  registry_auth,
  registry_forbidden,
  registry_rate_limited,
  registry_unreachable,
  registry_timeout,
  registry_dns,
  registry_tls,
  deadline,
  overloaded,
  config_not_ready,
  clock,
  internal,
  // the request itself
  malformed_request,
  malformed_object,
};

// What a reason says about the image.
enum class Standing {
  trusted,    // judged, and it may run
  refused,    // judged, and it may not
  unchecked,  // nobody can tell; never "not signed"
  malformed,  // the question itself is broken
};

std::string_view name_of(Reason reason);
Standing standing_of(Reason reason);

// The `status.code` of a denial with this reason (webhook.md A.8, J.4).
int status_code_of(Reason reason);

// Whether `onError` may apply: only what the author of an image cannot provoke (policy.md 15).
bool may_fail_open(Reason reason);

// The reason of that name; nothing for a word outside the set.
std::optional<Reason> reason_named(std::string_view name);

}  // namespace signet
