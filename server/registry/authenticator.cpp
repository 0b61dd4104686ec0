#include "server/registry/authenticator.hpp"

#include <algorithm>

#include "core/base/text.hpp"

namespace signet {
namespace {

using std::chrono::steady_clock;

constexpr std::size_t kLoginCacheBytes = 2 * kMiB;
constexpr std::size_t kProvenCacheBytes = 1 * kMiB;
constexpr std::size_t kIdentityCacheBytes = 1 * kMiB;
constexpr std::chrono::hours kLoginLife{1};  // registry.md C.1
// The request, with the login learned, with a token renewed, after a ping.
constexpr int kSendsMost = 4;
constexpr std::size_t kPingBytes = 64 * kKiB;

std::string id_of(const std::optional<Credential>& credential) {
  return credential ? credential->id() : std::string("anonymous");
}

void set_authorization(HttpRequest& request, std::string value) {
  std::erase_if(request.headers, [](const auto& header) {
    return equals_ignoring_case(header.first, "Authorization");
  });
  if (!value.empty()) request.headers.emplace_back("Authorization", std::move(value));
}

AuthOffer offer_in(const HttpReply& reply) {
  return offer_of(parse_challenges(reply.headers_named("WWW-Authenticate")));
}

bool is_denied(const Error& error) {
  return error.reason() == Reason::registry_auth || error.reason() == Reason::registry_forbidden;
}

bool is_denied(const Result<HttpReply>& reply) {
  if (!reply) return is_denied(reply.error());
  return reply->status == 401 || reply->status == 403;
}

// A registry may hide what a login may not see; then another may see it.
bool may_be_hidden(const Result<HttpReply>& reply) {
  return reply && (reply->status == 404 || reply->status == 400);
}

// A login was there and not sent, since the realm may not have it.
std::optional<Error> withheld(const Login& login, const std::optional<Credential>& credential,
                              const Url& registry) {
  const auto* const bearer = std::get_if<BearerLogin>(&login);
  if (bearer == nullptr || bearer->is_trusted || !credential) return std::nullopt;
  const std::string realm = bearer->realm.host_header();
  return Error(Reason::registry_auth,
               cat("the token server ", realm, " that ", registry.host_header(),
                   " names does not belong to it, so it was asked without the login; list ", realm,
                   " under registry.authRealms if it may have it"));
}

std::size_t bytes_of(const Login& login) {
  const auto* const bearer = std::get_if<BearerLogin>(&login);
  if (bearer == nullptr) return sizeof(Login);
  return sizeof(Login) + bearer->realm.target.size() + bearer->service.size() +
         bearer->scope.size() + bearer->path.size();
}

bool is_success(const Result<HttpReply>& reply) {
  return reply && reply->status >= 200 && reply->status < 300;
}

}  // namespace

Authenticator::Authenticator(asio::any_io_executor executor, Transport& transport, Clock clock,
                             const RegistrySettings& settings, const HostRules& rules)
    : transport_(transport),
      settings_(settings),
      rules_(rules),
      tokens_(std::move(executor), transport, std::move(clock), settings.net.timers.operation),
      credentials_(std::make_shared<const Credentials>()),
      known_(kLoginCacheBytes),
      proven_(kProvenCacheBytes),
      identities_(kIdentityCacheBytes) {}

void Authenticator::use(std::shared_ptr<const Credentials> credentials) {
  credentials_ = std::move(credentials);
  tokens_.clear();
  known_.clear();
  proven_.clear();
}

void Authenticator::forget(const std::string& credential_id) {
  tokens_.forget(credential_id);
  const std::string end = cat("\n", credential_id);
  known_.erase_if([&end](const std::string& key) { return key.ends_with(end); });
}

std::string Authenticator::identity(const Repository& repository, const Access& access) const {
  std::string ids;
  if (access.pull_secrets) ids = ids_in(*access.pull_secrets, repository);
  if (access.with_logins) ids += ids_in(*credentials_, repository);
  return ids;
}

// Remembered, for every review asks for it.
const std::string& Authenticator::ids_in(const Credentials& logins,
                                         const Repository& repository) const {
  static const std::string none;
  if (logins.empty()) return none;
  const std::string key = cat(std::to_string(logins.serial()), " ", repository.str());
  if (const std::string* const known = identities_.find(key, steady_clock::now())) return *known;
  std::string ids;
  for (const Credential& credential : logins.candidates_for(repository))
    ids += cat(credential.id(), ",");
  const std::size_t bytes = key.size() + ids.size();
  identities_.put(key, std::move(ids), steady_clock::now() + kLoginLife, bytes);
  return *identities_.find(key, steady_clock::now());
}

// The tenant's before ours, and without a login only where there is none, as the kubelet does
// (registry.md C.9).
Authenticator::Candidates Authenticator::candidates_for(const RegistryRequest& request) {
  Candidates candidates;
  const auto take = [&](const Credentials& logins, bool tenants) {
    for (Credential& login : logins.candidates_for(request.repository)) {
      const bool is_new =
          std::none_of(candidates.begin(), candidates.end(),
                       [&](const Candidate& candidate) { return candidate.login == login; });
      if (!is_new || candidates.size() >= kCredentialsTried) continue;
      candidates.push_back(Candidate{std::move(login), tenants});
    }
  };
  if (request.access.pull_secrets) take(*request.access.pull_secrets, true);
  if (request.access.with_logins) take(*credentials_, false);
  if (candidates.empty()) candidates.push_back(Candidate{std::nullopt, false});
  const std::string* const proven =
      candidates.size() == 1 ? nullptr : proven_.find(proven_key(request), steady_clock::now());
  if (proven == nullptr) return candidates;
  std::stable_partition(candidates.begin(), candidates.end(), [&](const Candidate& candidate) {
    return id_of(candidate.login) == *proven;
  });
  return candidates;
}

// Who has other logins proves its own.
std::string Authenticator::proven_key(const RegistryRequest& request) const {
  return cat(request.repository.str(), "\n", identity(request.repository, request.access));
}

std::string Authenticator::key_of(const Errand& errand) const {
  return cat(errand.request.http.url.origin(), "\n", id_of(errand.credential));
}

Authenticator::Known Authenticator::known(const Errand& errand) {
  return known_.get(key_of(errand), steady_clock::now()).value_or(Known{NoLogin{}, false});
}

void Authenticator::remember(const Errand& errand, Known known) {
  const std::string key = key_of(errand);
  const std::size_t bytes = key.size() + bytes_of(known.login);
  known_.put(key, std::move(known), steady_clock::now() + kLoginLife, bytes);
}

void Authenticator::remember_proven(const std::string& key, std::string id) {
  const std::size_t bytes = key.size() + id.size();
  proven_.put(key, std::move(id), steady_clock::now() + kLoginLife, bytes);
}

Task<Result<HttpReply>> Authenticator::send(RegistryRequest request, Deadline deadline) {
  const auto allowed = rules_.check_registry(request.http.url);
  if (!allowed) co_return allowed.error();
  const Candidates candidates = candidates_for(request);
  const std::string key = candidates.size() > 1 ? proven_key(request) : std::string();
  Result<HttpReply> last = Error(Reason::internal, "no login was tried");
  std::size_t left = candidates.size();
  for (const Candidate& candidate : candidates) {
    --left;
    request.http.tenants_login = candidate.tenants;
    Result<HttpReply> reply = co_await try_one(request, candidate.login, deadline);
    if (is_success(reply) && candidates.size() > 1) remember_proven(key, id_of(candidate.login));
    const std::string* const good = proven_.find(key, steady_clock::now());
    const bool is_good = good != nullptr && *good == id_of(candidate.login);
    const bool goes_on = is_denied(reply) || (may_be_hidden(reply) && !is_good);
    if (left == 0 || !goes_on) co_return reply;
    last = std::move(reply);
  }
  co_return last;
}

Task<Result<HttpReply>> Authenticator::try_one(RegistryRequest request,
                                               std::optional<Credential> credential,
                                               Deadline deadline) {
  Errand errand(std::move(request), std::move(credential));
  if (errand.credential) errand.request.http.credential = errand.credential->id();
  errand.situation.has_credential = errand.credential.has_value();
  errand.situation.pinged = known(errand).pinged;
  for (int sends = 1;; ++sends) {
    const auto authorised = co_await authorise(&errand, deadline);
    const auto unsent = withheld(known(errand).login, errand.credential, errand.request.http.url);
    if (!authorised && unsent && is_denied(authorised.error())) co_return *unsent;
    if (!authorised) co_return authorised.error();
    auto reply = co_await exchange(errand.request.http, errand.request.kind,
                                   errand.request.redirect_is_answer, deadline);
    if (!reply || is_success(reply)) co_return reply;
    if (!reply->url.same_origin(errand.request.http.url)) {
      co_return co_await foreign(&errand, *std::move(reply), deadline);
    }
    const ChosenLogin chosen = offered(errand, *reply);
    const Step step = sends < kSendsMost ? next_step(errand.situation) : Step::done;
    switch (step) {
      case Step::done:
        if (reply->status == 401 && chosen.blocked) co_return *chosen.blocked;
        if (reply->status == 401 && unsent) co_return *unsent;
        co_return reply;
      case Step::learn:
        errand.situation.learned = true;
        remember(errand, Known{*chosen.login, errand.situation.pinged});
        break;
      case Step::refresh:
        errand.situation.refreshed = true;
        tokens_.drop(*errand.token_wanted, errand.token);
        break;
      case Step::ping:
        errand.situation.pinged = true;
        co_await ping(&errand, deadline);
        if (!errand.situation.learned) co_return reply;
        break;
    }
  }
}

ChosenLogin Authenticator::offered(Errand& errand, const HttpReply& reply) {
  const AuthOffer offer = offer_in(reply);
  const LoginQuestion question{errand.request.http.url, errand.request.repository.path,
                               errand.credential};
  ChosenLogin chosen = choose_login(offer, question, rules_, settings_);
  Situation& now = errand.situation;
  now.status = reply.status;
  now.offers_anything = offer.basic || !offer.bearer.empty();
  now.offers_other_login = chosen.login && (now.sent == Sent::nothing ||
                                            !same_login(*chosen.login, known(errand).login));
  return chosen;
}

// Puts the known login into the request; fetches a token where one is needed.
Task<Result<void>> Authenticator::authorise(Errand* errand, Deadline deadline) {
  const Login login = known(*errand).login;
  HttpRequest& http = errand->request.http;
  errand->situation.sent = Sent::nothing;
  set_authorization(http, "");
  if (errand->credential && !errand->credential->registry_token.empty()) {
    errand->situation.sent = Sent::fresh_token;
    set_authorization(http, cat("Bearer ", errand->credential->registry_token));
    co_return Result<void>();
  }
  if (std::holds_alternative<BasicLogin>(login) && errand->credential) {
    errand->situation.sent = Sent::basic;
    set_authorization(http, errand->credential->basic());
    co_return Result<void>();
  }
  const auto* const bearer = std::get_if<BearerLogin>(&login);
  if (bearer == nullptr) co_return Result<void>();

  TokenScope scope{bearer->realm, bearer->service,
                   scopes_for(*bearer, errand->request.repository.path)};
  errand->token_wanted =
      TokenWanted{http.url, std::move(scope),
                  bearer->is_trusted ? errand->credential : std::optional<Credential>(),
                  http.tenant, http.tenants_login};
  auto token = co_await tokens_.get(*errand->token_wanted, deadline);
  if (!token) co_return token.error();
  errand->token = std::move(token->text);
  errand->situation.sent = token->is_fresh ? Sent::fresh_token : Sent::kept_token;
  set_authorization(http, cat("Bearer ", errand->token));
  co_return Result<void>();
}

// Sends and follows redirects; credentials stay with the origin they were meant for.
Task<Result<HttpReply>> Authenticator::exchange(HttpRequest http, RequestKind kind,
                                                bool redirect_is_answer, Deadline deadline) {
  std::vector<Url> visited = {http.url};
  while (true) {
    auto reply = co_await transport_.send(http, deadline);
    if (!reply) co_return reply;
    reply->url = http.url;
    if (!is_redirect(reply->status)) co_return reply;
    auto next = follow_redirect(kind, visited, *reply);
    if (!next && redirect_is_answer) co_return reply;
    if (!next) co_return next.error();
    if (!next->url.same_origin(http.url)) {
      const auto allowed = rules_.check_other(next->url);
      if (!allowed) co_return allowed.error();
    }
    if (next->authorization == Authorization::strip) {
      set_authorization(http, "");
      http.credential.clear();
    }
    http.url = std::move(next->url);
    visited.push_back(http.url);
  }
}

// A redirected blob whose new host wants a token: an anonymous one of its own, never ours
// (registry.md C.6).
Task<Result<HttpReply>> Authenticator::foreign(Errand* errand, HttpReply reply, Deadline deadline) {
  if (reply.status != 401) co_return reply;
  const LoginQuestion question{reply.url, errand->request.repository.path, std::nullopt};
  const ChosenLogin chosen = choose_login(offer_in(reply), question, rules_, settings_);
  const auto* const bearer = chosen.login ? std::get_if<BearerLogin>(&*chosen.login) : nullptr;
  if (bearer == nullptr) co_return reply;
  std::vector<std::string> scopes = scopes_for(*bearer, errand->request.repository.path);
  if (scopes.size() > 1) scopes.erase(scopes.begin());
  TokenWanted wanted{reply.url, TokenScope{bearer->realm, bearer->service, std::move(scopes)},
                     std::nullopt, errand->request.http.tenant, false};
  const auto token = co_await tokens_.get(std::move(wanted), deadline);
  if (!token) co_return token.error();
  HttpRequest again = errand->request.http;
  again.url = reply.url;
  again.credential.clear();
  set_authorization(again, cat("Bearer ", token->text));
  co_return co_await exchange(std::move(again), errand->request.kind, false, deadline);
}

// Asks GET /v2/ for a challenge (registry.md C.3) and takes it up; an error leaves things as they
// are.
Task<void> Authenticator::ping(Errand* errand, Deadline deadline) {
  Known seen = known(*errand);
  seen.pinged = true;
  HttpRequest get("GET", errand->request.http.url);
  get.url.target = "/v2/";
  get.body_limit = kPingBytes;
  get.tenant = errand->request.http.tenant;
  get.credential = errand->request.http.credential;
  get.operation = RegistryOperation::token;
  const auto reply = co_await transport_.send(std::move(get), deadline);
  if (reply) {
    const LoginQuestion question{errand->request.http.url, errand->request.repository.path,
                                 errand->credential};
    const ChosenLogin chosen = choose_login(offer_in(*reply), question, rules_, settings_);
    if (chosen.login) {
      seen.login = *chosen.login;
      errand->situation.learned = true;
    }
  }
  remember(*errand, std::move(seen));
}

}  // namespace signet
