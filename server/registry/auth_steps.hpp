#pragma once
// What to do after a registry's answer: the authentication state machine of registry.md C.1 and
// C.3 as pure decisions, each at most once for one request, so that no registry makes us loop.

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/oci/challenge.hpp"
#include "server/net/http_message.hpp"
#include "server/registry/credentials.hpp"
#include "server/registry/host_rules.hpp"

namespace signet {

// How a registry wants to be talked to, as far as is known.
struct NoLogin {};
struct BasicLogin {};
struct BearerLogin {
  Url realm;
  std::string service;
  std::string scope;  // as offered, for the repository `path`
  std::string path;
  bool is_trusted = false;  // may have credentials
};
using Login = std::variant<NoLogin, BasicLogin, BearerLogin>;

// Whether both ask the same thing of us, whatever repository it was offered for.
bool same_login(const Login& a, const Login& b);
// What to ask a token server for: an offered scope counts for its own repository only, a plain word
// ("aws") for all.
std::vector<std::string> scopes_for(const BearerLogin& login, const std::string& path);

// The login to use for an offer: bearer before basic, the first acceptable realm; nothing where
// none of it can be used. `blocked` is why a realm was refused, if one was.
struct ChosenLogin {
  std::optional<Login> login;
  std::optional<Error> blocked;
};
struct LoginQuestion {
  Url registry;
  std::string path;
  std::optional<Credential> credential;
};
ChosenLogin choose_login(const AuthOffer& offer, const LoginQuestion& question,
                         const HostRules& rules, const RegistrySettings& settings);

// What the request carried.
enum class Sent { nothing, basic, kept_token, fresh_token };
enum class Step {
  done,     // the answer stands
  learn,    // take up the offered login and repeat
  refresh,  // drop the token and repeat with a new one
  ping,     // ask GET /v2/ for the challenge that this endpoint does not show
};

struct Situation {
  unsigned status = 0;
  Sent sent = Sent::nothing;
  bool offers_other_login = false;  // a usable login other than the one that was sent
  bool offers_anything = false;     // some challenge came, usable or not
  bool has_credential = false;
  bool learned = false;  // what was already done for this request
  bool refreshed = false;
  bool pinged = false;
};

Step next_step(const Situation& situation);

}  // namespace signet
