#include "core/base/reason.hpp"

#include <array>

namespace signet {
namespace {

struct Row {
  Reason reason;
  std::string_view name;
  Standing standing;
  int status_code;
};

constexpr auto kTrusted = Standing::trusted;
constexpr auto kRefused = Standing::refused;
constexpr auto kUnchecked = Standing::unchecked;
constexpr auto kMalformed = Standing::malformed;

// In the order of the enumeration; a test walks both.
constexpr std::array kRows = {
    Row{Reason::verified, "verified", kTrusted, 200},
    Row{Reason::static_allowed, "static_allowed", kTrusted, 200},
    Row{Reason::skipped_unchanged, "skipped_unchanged", kTrusted, 200},
    Row{Reason::no_policy_allow, "no_policy_allow", kTrusted, 200},
    Row{Reason::no_policy_deny, "no_policy_deny", kRefused, 403},
    Row{Reason::no_signature, "no_signature", kRefused, 403},
    Row{Reason::signature_invalid, "signature_invalid", kRefused, 403},
    Row{Reason::payload_mismatch, "payload_mismatch", kRefused, 403},
    Row{Reason::identity_mismatch, "identity_mismatch", kRefused, 403},
    Row{Reason::issuer_mismatch, "issuer_mismatch", kRefused, 403},
    Row{Reason::key_mismatch, "key_mismatch", kRefused, 403},
    Row{Reason::annotation_mismatch, "annotation_mismatch", kRefused, 403},
    Row{Reason::signed_identity_mismatch, "signed_identity_mismatch", kRefused, 403},
    Row{Reason::chain_untrusted, "chain_untrusted", kRefused, 403},
    Row{Reason::chain_expired, "chain_expired", kRefused, 403},
    Row{Reason::cert_profile, "cert_profile", kRefused, 403},
    Row{Reason::revoked, "revoked", kRefused, 403},
    Row{Reason::unsupported_format, "unsupported_format", kRefused, 403},
    Row{Reason::too_many_signatures, "too_many_signatures", kRefused, 403},
    Row{Reason::limit_exceeded, "limit_exceeded", kRefused, 403},
    Row{Reason::threshold_not_met, "threshold_not_met", kRefused, 403},
    Row{Reason::no_delegate, "no_delegate", kRefused, 403},
    Row{Reason::static_denied, "static_denied", kRefused, 403},
    Row{Reason::unpinned, "unpinned", kRefused, 403},
    Row{Reason::invalid_reference, "invalid_reference", kRefused, 403},
    Row{Reason::policy_invalid, "policy_invalid", kRefused, 403},
    Row{Reason::trust_root_missing, "trust_root_missing", kRefused, 403},
    Row{Reason::crl_stale, "crl_stale", kUnchecked, 503},
    Row{Reason::image_not_found, "image_not_found", kUnchecked, 403},
    Row{Reason::digest_mismatch, "digest_mismatch", kUnchecked, 403},
    Row{Reason::ambiguous_manifest, "ambiguous_manifest", kUnchecked, 403},
    Row{Reason::registry_protocol, "registry_protocol", kUnchecked, 403},
    Row{Reason::registry_blocked, "registry_blocked", kUnchecked, 403},
    Row{Reason::registry_auth, "registry_auth", kUnchecked, 503},
    Row{Reason::registry_forbidden, "registry_forbidden", kUnchecked, 503},
    Row{Reason::registry_rate_limited, "registry_rate_limited", kUnchecked, 503},
    Row{Reason::registry_unreachable, "registry_unreachable", kUnchecked, 503},
    Row{Reason::registry_timeout, "registry_timeout", kUnchecked, 504},
    Row{Reason::registry_dns, "registry_dns", kUnchecked, 503},
    Row{Reason::registry_tls, "registry_tls", kUnchecked, 503},
    Row{Reason::deadline, "deadline", kUnchecked, 504},
    Row{Reason::overloaded, "overloaded", kUnchecked, 503},
    Row{Reason::config_not_ready, "config_not_ready", kUnchecked, 503},
    Row{Reason::clock, "clock", kUnchecked, 503},
    Row{Reason::internal, "internal", kUnchecked, 500},
    Row{Reason::malformed_request, "malformed_request", kMalformed, 400},
    Row{Reason::malformed_object, "malformed_object", kMalformed, 400},
};

constexpr const Row& row_of(Reason reason) {
  return kRows[static_cast<std::size_t>(reason)];
}

constexpr bool rows_follow_the_enumeration() {
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    if (static_cast<std::size_t>(kRows[i].reason) != i) return false;
  }
  return kRows.size() == static_cast<std::size_t>(Reason::malformed_object) + 1;
}
static_assert(rows_follow_the_enumeration());

}  // namespace

std::string_view name_of(Reason reason) {
  return row_of(reason).name;
}

Standing standing_of(Reason reason) {
  return row_of(reason).standing;
}

int status_code_of(Reason reason) {
  return row_of(reason).status_code;
}

bool may_fail_open(Reason reason) {
  return reason == Reason::registry_unreachable || reason == Reason::registry_dns;
}

std::optional<Reason> reason_named(std::string_view name) {
  for (const Row& row : kRows) {
    if (row.name == name) return row.reason;
  }
  return std::nullopt;
}

}  // namespace signet
