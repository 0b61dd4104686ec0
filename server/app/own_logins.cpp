#include "server/app/own_logins.hpp"

namespace signet {
namespace {

constexpr std::chrono::seconds kBudget{5};  // of one secret

Result<Credentials> parse(const DockerSecret& secret) {
  const std::string& text = secret.document.reveal();
  return secret.form == DockerSecretForm::config_json
             ? Credentials::parse(text, CredentialOwner::service)
             : Credentials::parse_dockercfg(text, CredentialOwner::service);
}

}  // namespace

OwnLogins::OwnLogins(KubeApi& api, std::string ns, std::vector<std::string> names, Use use,
                     Log& log)
    : reader_(api, nullptr),
      ns_(std::move(ns)),
      names_(std::move(names)),
      use_(std::move(use)),
      log_(log) {}

Task<Result<void>> OwnLogins::look() {
  bool changed = false;
  for (const std::string& name : names_) {
    DockerSecret secret = co_await reader_.docker_secret(ns_, name, deadline_in(kBudget));
    if (take(name, std::move(secret))) changed = true;
  }
  if (changed) use_all();
  co_return Result<void>();
}

// Whether our logins are others now.
bool OwnLogins::take(const std::string& name, DockerSecret secret) {
  Held& held = held_[name];
  if (secret.state == SecretState::missing) {
    say(name, secret.why);
    held.resource_version.clear();
    return keep(name, nullptr);
  }
  if (secret.state != SecretState::ok) {
    say(name, secret.why);
    return false;
  }
  const bool is_same =
      !secret.resource_version.empty() && secret.resource_version == held.resource_version;
  if (is_same) return false;
  auto parsed = parse(secret);
  if (!parsed) {
    say(name, parsed.error().what());
    return false;
  }
  say(name, parsed->warnings().empty() ? std::string() : parsed->warnings().front());
  held.resource_version = secret.resource_version;
  return keep(name, std::make_shared<const Credentials>(*std::move(parsed)));
}

bool OwnLogins::keep(const std::string& name, std::shared_ptr<const Credentials> logins) {
  Held& held = held_[name];
  const bool changed = held.logins || logins;
  held.logins = std::move(logins);
  return changed;
}

void OwnLogins::say(const std::string& name, const std::string& fault) {
  Held& held = held_[name];
  if (held.fault == fault) return;
  held.fault = fault;
  const LogLevel level = fault.empty() ? LogLevel::info : LogLevel::warn;
  log_.write(LogLine(level, "registry", "credentials",
                     fault.empty() ? "logins of a secret are used" : "a login cannot be used")
                 .with("secret", name)
                 .with("why", fault));
}

void OwnLogins::use_all() {
  auto all = std::make_shared<Credentials>();
  for (const std::string& name : names_) {
    const Held& held = held_[name];
    if (held.logins) all->append(*held.logins);
  }
  use_(std::move(all));
}

}  // namespace signet
