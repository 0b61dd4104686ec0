#include "server/registry/tokens.hpp"

#include "core/base/bytes.hpp"
#include "core/base/text.hpp"
#include "core/oci/errors.hpp"
#include "server/net/redirects.hpp"

namespace signet {
namespace {

using std::chrono::steady_clock;

// A registry may name any realm and grant tokens of any length.
constexpr std::size_t kTokenCacheBytes = 8 * kMiB;
constexpr std::size_t kRefusalCacheBytes = 1 * kMiB;
constexpr std::chrono::seconds kRefusalLife{30};  // registry.md C.1

// What a token server answers where it knows no refresh tokens: GCR, Artifactory, ACR, others.
bool has_no_post(unsigned status) {
  return status == 400 || status == 401 || status == 404 || status == 405;
}

// The user that goes with an identity token in place of a password.
std::string user_of(const Credential& credential) {
  return credential.username.empty() ? "<token>" : credential.username;
}

Error refused(const TokenWanted& wanted, const HttpReply& reply) {
  const std::string registry = wanted.registry.host_header();
  const std::string what = cat("the token server ", wanted.scope.realm.host_header());
  if (reply.status == 404) {
    return {Reason::registry_protocol,
            cat(what, " of ", registry,
                " does not exist there (HTTP 404); the registry is set up "
                "wrongly")};
  }
  return refusal(reply.status, reply.body, cat(what, " for ", wanted.scope.scopes.front()),
                 registry);
}

void describe(HttpRequest& request, const TokenWanted& wanted) {
  request.tenant = wanted.tenant;
  request.tenants_login = wanted.tenants_login;
  request.credential = wanted.credential ? wanted.credential->id() : std::string();
  request.operation = RegistryOperation::token;
}

bool is_final(const Error& error) {
  return error.reason() == Reason::registry_auth || error.reason() == Reason::registry_forbidden;
}

}  // namespace

std::string TokenWanted::key() const {
  return cat(registry.origin(), "\n", scope.realm.str(), "\n", scope.service, "\n",
             join(scope.scopes, " "), "\n", credential ? credential->id() : std::string());
}

Tokens::Tokens(asio::any_io_executor executor, Transport& transport, Clock clock,
               std::chrono::milliseconds longest)
    : transport_(transport),
      clock_(std::move(clock)),
      longest_(longest),
      tokens_(kTokenCacheBytes),
      refusals_(kRefusalCacheBytes),
      flights_(std::move(executor)) {}

Task<Result<Token>> Tokens::get(TokenWanted wanted, Deadline deadline) {
  const std::string key = wanted.key();
  const Deadline now = steady_clock::now();
  if (const std::string* kept = tokens_.find(key, now)) co_return Token{*kept, false};
  if (const Error* refusal = refusals_.find(key, now)) co_return *refusal;

  SingleFlight<std::string, std::string>::Work work = [this, wanted] { return fetch(wanted); };
  auto fetched = co_await flights_.run(key, work, deadline);
  if (!fetched) co_return fetched.error();
  co_return Token{*std::move(fetched), true};
}

void Tokens::drop(const TokenWanted& wanted, std::string_view refused) {
  const std::string key = wanted.key();
  const std::string* const kept = tokens_.find(key, steady_clock::now());
  if (kept != nullptr && *kept == refused) tokens_.erase(key);
}

// The id ends every key.
void Tokens::forget(const std::string& credential_id) {
  const std::string end = cat("\n", credential_id);
  const auto is_its = [&end](const std::string& key) { return key.ends_with(end); };
  tokens_.erase_if(is_its);
  refusals_.erase_if(is_its);
}

void Tokens::clear() {
  tokens_.clear();
  refusals_.clear();
}

Task<Result<std::string>> Tokens::fetch(TokenWanted wanted) {
  const auto reply = co_await ask(wanted, deadline_in(longest_));
  if (!reply) co_return reply.error();
  const std::string key = wanted.key();
  if (reply->status != 200) {
    const Error error = refused(wanted, *reply);
    if (is_final(error))
      refusals_.put(key, error, steady_clock::now() + kRefusalLife,
                    key.size() + error.what().size());
    co_return error;
  }
  auto granted = parse_token_reply(reply->body, clock_());
  if (!granted) co_return granted.error().under(wanted.scope.realm.host_header());
  tokens_.put(key, granted->text, steady_clock::now() + granted->usable_for,
              key.size() + granted->text.size());
  co_return std::move(granted->text);
}

// An identity token goes by POST first, and as a password where there is no POST.
Task<Result<HttpReply>> Tokens::ask(TokenWanted wanted, Deadline deadline) {
  if (!wanted.credential || wanted.credential->identity_token.empty()) {
    co_return co_await exchange(std::move(wanted), deadline);
  }
  HttpRequest post("POST", wanted.scope.realm);
  post.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
  post.body = token_form(wanted.scope, wanted.credential->identity_token);
  post.body_limit = kTokenReplyBytes;
  describe(post, wanted);
  auto reply = co_await transport_.send(std::move(post), deadline);
  if (!reply || !has_no_post(reply->status)) co_return reply;
  wanted.credential =
      Credential{user_of(*wanted.credential), wanted.credential->identity_token, "", ""};
  co_return co_await exchange(std::move(wanted), deadline);
}

// The GET flow: anonymous, or with user and password.
Task<Result<HttpReply>> Tokens::exchange(TokenWanted wanted, Deadline deadline) {
  HttpRequest get("GET", token_url(wanted.scope));
  get.headers.emplace_back("Accept", "application/json");
  get.body_limit = kTokenReplyBytes;
  describe(get, wanted);
  if (wanted.credential && !wanted.credential->password.empty()) {
    get.headers.emplace_back("Authorization", wanted.credential->basic());
  }
  const std::vector<Url> visited = {get.url};
  auto reply = co_await transport_.send(std::move(get), deadline);
  if (!reply || !is_redirect(reply->status)) co_return reply;
  const auto redirect = follow_redirect(RequestKind::token, visited, *reply);
  if (!redirect) co_return redirect.error();
  co_return Error(Reason::registry_protocol, "a token server answered with a redirect");
}

}  // namespace signet
