// The referrers half of the client: the API and its pages, or the fallback tag (registry.md F).

#include <algorithm>

#include "core/base/limits.hpp"
#include "core/base/text.hpp"
#include "core/oci/errors.hpp"
#include "core/oci/links.hpp"
#include "core/oci/manifest.hpp"
#include "core/oci/media_types.hpp"
#include "server/registry/client.hpp"
#include "server/registry/endpoint.hpp"

namespace signet {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::hours kCapabilityLife{1};  // registry.md F.3

bool is_listing(const HttpReply& reply) {
  const std::string* const type = reply.header("Content-Type");
  return reply.status == 200 && type != nullptr && media_type_of(*type) == kOciIndex;
}

// What registries without the API answer: any page, a redirect to a website, or an error of the
// client's making.
bool says_no_api(const HttpReply& reply) {
  const unsigned status = reply.status;
  return status == 200 || is_redirect(status) || status == 400 || status == 404 || status == 405 ||
         status == 406 || status == 410 || status == 501;
}

bool is_denied(const HttpReply& reply) {
  return reply.status == 401 || reply.status == 403;
}

// An answer of the router, not of the registry behind it: no repository of this origin has the API.
bool holds_for_the_origin(const HttpReply& reply) {
  return (reply.status == 404 || reply.status == 405) && !reply.body.starts_with('{');
}

std::string scope_key(const Url& registry, const Repository& repository) {
  return cat(registry.origin(), "\n", repository.path);
}

Error pages_cut() {
  return too_large(cat("the list of referrers has more than ", std::to_string(kReferrerPages),
                       " pages; remove referrers that are not needed"));
}

// The target of the next page; nothing after the last. Another host or path could be an inside
// service (SR-48).
Result<std::optional<std::string>> next_target(const HttpReply& reply, const Url& first) {
  const auto link = next_link(reply.headers_named("Link"));
  if (!link) return link.error();
  if (!*link) return std::optional<std::string>();
  const auto next = first.resolve(**link);
  const std::string_view path =
      std::string_view(first.target).substr(0, first.target.rfind('/') + 1);
  if (!next || !next->same_origin(first) || !next->target.starts_with(path)) {
    return Error(Reason::registry_protocol, "the next page of referrers is at another place");
  }
  return std::optional<std::string>(next->target);
}

void take_page(Referrers& all, ReferrersPage page) {
  std::move(page.descriptors.begin(), page.descriptors.end(), std::back_inserter(all.descriptors));
  if (page.unreadable != 0 && !all.incomplete) {
    all.incomplete = Error(
        Reason::registry_protocol,
        cat(std::to_string(page.unreadable), " entries of the list of referrers are malformed"));
  }
}

}  // namespace

bool RegistryClient::lacks_referrers(const Question& question, const Url& registry) {
  // GHCR redirects to a website (registry.md F.3).
  if (registry.host == "ghcr.io") return true;
  const auto now = steady_clock::now();
  return no_referrers_.find(registry.origin(), now) != nullptr ||
         no_referrers_.find(scope_key(registry, question.repository), now) != nullptr;
}

void RegistryClient::remember_lack(const Question& question, const HttpReply& reply) {
  // A repository that does not exist says nothing about the API.
  if (error_code_of(reply.body) == "NAME_UNKNOWN" || is_denied(reply)) return;
  const auto registry = registry_url(question.repository, settings_.net);
  if (!registry) return;
  const std::string key =
      holds_for_the_origin(reply) ? registry->origin() : scope_key(*registry, question.repository);
  no_referrers_.put(key, true, steady_clock::now() + kCapabilityLife);
}

Task<Result<Referrers>> RegistryClient::referrers(Repository repository, Digest subject,
                                                  Access access, Deadline deadline) {
  Question question{std::move(repository), "referrers", subject.str(), access};
  const auto registry = registry_url(question.repository, settings_.net);
  if (!registry) co_return registry.error();
  const bool known_lack = lacks_referrers(question, *registry);
  if (known_lack) co_return co_await from_tag(question, subject, deadline);

  auto first = co_await referrers_page(question, "", deadline);
  if (!first) co_return first.error();
  if (is_listing(*first)) co_return co_await from_api(question, *std::move(first), deadline);
  const bool denied = is_denied(*first);
  const Error answer =
      refusal(first->status, first->body, question.text(), registry->host_header());
  if (!denied && !says_no_api(*first)) co_return answer;

  remember_lack(question, *first);
  auto found = co_await from_tag(question, subject, deadline);
  // Nothing found, but the API did not let us look: that is no "none".
  if (denied && found && found->descriptors.empty()) co_return answer;
  co_return found;
}

Task<Result<HttpReply>> RegistryClient::referrers_page(Question question, std::string target,
                                                       Deadline deadline) {
  auto request = request_for(question, "GET");
  if (!request) co_return request.error();
  if (!target.empty()) request->http.url.target = std::move(target);
  request->http.headers.front().second = kOciIndex;
  request->redirect_is_answer = true;
  auto reply = co_await authenticator_.send(*std::move(request), deadline);
  if (!reply) co_return reply.error().under(question.text());
  co_return reply;
}

Task<Result<Referrers>> RegistryClient::from_api(Question question, HttpReply first,
                                                 Deadline deadline) {
  Referrers all;
  HttpReply reply = std::move(first);
  std::vector<std::string> visited = {reply.url.target};
  while (true) {
    auto page = parse_referrers(reply.body);
    if (!page) co_return page.error().under(cat("referrers of ", question.text()));
    take_page(all, *std::move(page));

    const auto next = next_target(reply, reply.url);
    if (!next) co_return next.error().under(cat("referrers of ", question.text()));
    if (!*next) co_return all;
    if (std::find(visited.begin(), visited.end(), **next) != visited.end()) {
      all.incomplete = Error(Reason::registry_protocol, "the pages of referrers form a circle");
      co_return all;
    }
    if (visited.size() == kReferrerPages) {
      all.incomplete = pages_cut();
      co_return all;
    }
    visited.push_back(**next);
    auto more = co_await referrers_page(question, **next, deadline);
    if (!more) co_return more.error();
    if (!is_listing(*more)) {
      co_return refusal(more->status, more->body, cat("referrers of ", question.text()),
                        more->url.host_header());
    }
    reply = *std::move(more);
  }
}

Task<Result<Referrers>> RegistryClient::from_tag(Question question, Digest subject,
                                                 Deadline deadline) {
  Referrers none;
  none.from_fallback_tag = true;
  Question tag{question.repository, "manifests", referrers_tag(subject), question.access};
  const auto fetched = co_await fetch(tag, deadline);
  if (!fetched && fetched.error().reason() == Reason::image_not_found) co_return none;
  if (!fetched) co_return fetched.error();
  // GitLab takes the tag for the digest and answers with the image itself (registry.md F.4).
  if (fetched->digest == subject) co_return none;
  const auto parsed = parse_manifest(fetched->body, fetched->media_type);
  if (parsed && std::holds_alternative<ImageManifest>(*parsed)) {
    none.incomplete = Error(Reason::unsupported_format,
                            cat(tag.text(), ": an image where a list of referrers belongs"));
    co_return none;
  }
  auto page = parse_referrers(fetched->body);
  if (!page) co_return page.error().under(tag.text());
  take_page(none, *std::move(page));
  co_return none;
}

}  // namespace signet
