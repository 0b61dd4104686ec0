#pragma once
// May a redirect be followed, and with which headers (rulings 13, registry.md C.6, G.2, H.4). Pure:
// addresses are checked when the new host is dialled. A location is chosen by an attacker.

#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "server/net/http_message.hpp"
#include "server/net/url.hpp"

namespace signet {

enum class RequestKind {
  blob,      // at most 5 hops, to any host
  manifest,  // manifests and referrers: at most 2 hops of one origin
  token,     // none
};

enum class Authorization { keep, strip };

struct Redirect {
  Url url;
  // Once stripped it is never restored, not even on the way back to the first origin.
  Authorization authorization = Authorization::strip;
};

// 301, 302, 303, 307 and 308.
bool is_redirect(unsigned status);

// Where a reply sends us. `visited` holds every URL so far, the first request's first, the one that
// answered last. Fails with registry_protocol.
Result<Redirect> follow_redirect(RequestKind kind, const std::vector<Url>& visited,
                                 const HttpReply& reply);

}  // namespace signet
