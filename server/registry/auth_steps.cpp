#include "server/registry/auth_steps.hpp"

#include <utility>

#include "core/base/text.hpp"
#include "core/oci/realm.hpp"
#include "server/net/url.hpp"

namespace signet {
namespace {

Endpoint endpoint_of(const Url& url) {
  return Endpoint{url.tls, url.host, url.port};
}

// What an administrator lists for this registry, by host or by host and port.
std::vector<std::string> realms_of(const Url& registry, const RegistrySettings& settings) {
  const std::string with_port = cat(registry.host, ":", std::to_string(registry.port));
  for (const auto& [name, realms] : settings.auth_realms) {
    const bool bare = equals_ignoring_case(name, registry.host) && registry.port == kHttpsPort;
    if (bare || equals_ignoring_case(name, with_port)) return realms;
  }
  return {};
}

Error blocked_realm(const Url& registry, std::string_view why) {
  return {Reason::registry_blocked,
          cat(registry.host_header(), " names a token server that is not contacted: ", why,
              "; list it under registry.authRealms if it is the right one")};
}

Result<Login> login_with(const BearerChallenge& challenge, const LoginQuestion& question,
                         const HostRules& rules, const RegistrySettings& settings) {
  const Url& registry = question.registry;
  const auto realm = registry.resolve(challenge.realm);
  if (!realm) return blocked_realm(registry, "its realm is no valid URL");
  const RealmTrust trust = judge_realm(endpoint_of(registry), endpoint_of(*realm),
                                       realms_of(registry, settings), settings.realm_rule);
  if (trust == RealmTrust::refused) {
    return blocked_realm(registry, "its realm needs https and a usual port");
  }
  const auto allowed = realm->host == registry.host ? Result<void>() : rules.check_other(*realm);
  if (!allowed) return blocked_realm(registry, "its realm is an inside name");
  return Login(BearerLogin{*realm, challenge.service, challenge.scope, question.path,
                           trust == RealmTrust::credentials});
}

bool is_denied(unsigned status) {
  return status == 400 || status == 401 || status == 403;
}

}  // namespace

bool same_login(const Login& a, const Login& b) {
  if (a.index() != b.index()) return false;
  const auto* const left = std::get_if<BearerLogin>(&a);
  const auto* const right = std::get_if<BearerLogin>(&b);
  return left == nullptr || (left->realm == right->realm && left->service == right->service);
}

std::vector<std::string> scopes_for(const BearerLogin& login, const std::string& path) {
  const bool counts = login.path == path || login.scope.find(':') == std::string::npos;
  return pull_scopes(counts ? login.scope : std::string(), path);
}

ChosenLogin choose_login(const AuthOffer& offer, const LoginQuestion& question,
                         const HostRules& rules, const RegistrySettings& settings) {
  ChosenLogin chosen;
  for (const BearerChallenge& challenge : offer.bearer) {
    auto login = login_with(challenge, question, rules, settings);
    if (login) return {*std::move(login), std::nullopt};
    if (!chosen.blocked) chosen.blocked = login.error();
  }
  if (offer.basic && question.credential && !question.credential->password.empty()) {
    return {Login(BasicLogin{}), std::nullopt};
  }
  return chosen;
}

Step next_step(const Situation& now) {
  if (now.status == 401 && now.offers_other_login && !now.learned) return Step::learn;
  if (now.sent == Sent::kept_token && is_denied(now.status) && !now.refreshed) {
    return Step::refresh;
  }
  if (now.sent != Sent::nothing || now.offers_anything || now.pinged) return Step::done;
  // Some data endpoints hide the challenge: 401 without one, or 400, 403 and 404 to strangers.
  const bool hidden = is_denied(now.status) || now.status == 404;
  return now.status == 401 || (hidden && now.has_credential) ? Step::ping : Step::done;
}

}  // namespace signet
