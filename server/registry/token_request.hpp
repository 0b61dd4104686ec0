#pragma once
// What is said to a token server and how its answer is read (registry.md C.4). Pure; the answer is
// an attacker's text and its token goes into a header.

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "server/net/url.hpp"

namespace signet {

struct TokenScope {
  Url realm;
  std::string service;              // may be empty
  std::vector<std::string> scopes;  // our own repository's first
};

inline constexpr std::size_t kTokenReplyBytes = 128 * 1024;  // registry.md B.7
inline constexpr std::size_t kTokenBytes = 16 * 1024;        // a header field

// The realm's own query is kept and service, scope and client_id are added.
Url token_url(const TokenScope& wanted);
// The body of a POST with a refresh token.
std::string token_form(const TokenScope& wanted, std::string_view refresh_token);

struct GrantedToken {
  std::string text;
  std::chrono::seconds usable_for;  // from now on, a margin taken off
};
// Fails with registry_protocol.
Result<GrantedToken> parse_token_reply(std::string_view body, TimePoint now);

// Printable ASCII without blanks, so that it cannot end a header (registry.md H.8).
bool is_token_text(std::string_view text);

}  // namespace signet
