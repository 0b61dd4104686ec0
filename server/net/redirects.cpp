#include "server/net/redirects.hpp"

#include <algorithm>

#include "core/base/limits.hpp"
#include "core/base/text.hpp"

namespace signet {
namespace {

std::size_t hops_allowed(RequestKind kind) {
  switch (kind) {
    case RequestKind::blob:
      return kBlobRedirects;
    case RequestKind::manifest:
      return kManifestRedirects;
    case RequestKind::token:
      return 0;
  }
  return 0;
}

// The new URL stays out of the message: it may be a signed link, or an inside address that the
// reader of a denial must not learn (registry.md H.3).
Error refused_redirect(const Url& from, std::string_view why) {
  return {Reason::registry_protocol, cat(from.host_header(), " answered with a redirect ", why)};
}

}  // namespace

bool is_redirect(unsigned status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

Result<Redirect> follow_redirect(RequestKind kind, const std::vector<Url>& visited,
                                 const HttpReply& reply) {
  const Url& from = visited.back();
  if (kind == RequestKind::token) return refused_redirect(from, "where a token was due");
  if (visited.size() > hops_allowed(kind)) return refused_redirect(from, "too many");
  const auto locations = reply.headers_named("Location");
  if (locations.size() != 1) return refused_redirect(from, "without one Location");

  const std::string_view location = locations.front();
  auto next = from.resolve(location.substr(0, location.find('#')));
  if (!next) return refused_redirect(from, "whose Location is no valid URL");
  if (from.tls && !next->tls) return refused_redirect(from, "from https to http");
  if (!next->tls && !next->same_origin(from))
    return refused_redirect(from, "over http to another host");
  if (kind == RequestKind::manifest && !next->same_origin(from)) {
    return refused_redirect(from, "of a manifest to another host");
  }
  if (std::find(visited.begin(), visited.end(), *next) != visited.end()) {
    return refused_redirect(from, "that leads in a circle");
  }
  const bool at_home = next->same_origin(visited.front()) &&
                       std::all_of(visited.begin(), visited.end(), [&](const Url& url) {
                         return url.same_origin(visited.front());
                       });
  return Redirect{*std::move(next), at_home ? Authorization::keep : Authorization::strip};
}

}  // namespace signet
