#include "server/verify/pull_logins.hpp"

#include <algorithm>

#include "core/base/text.hpp"

namespace signet {
namespace {

constexpr std::size_t kSetsKept = 2048;
constexpr std::size_t kFlights = 1024;  // in the air at one time
constexpr std::chrono::minutes kLife{5};
constexpr std::chrono::seconds kFaultLife{5};  // where something could not be read
constexpr std::chrono::hours kIdsLife{1};      // as long as what was learned with a login
constexpr std::chrono::milliseconds kBudget{1000};

// The length keeps lists of names apart, whatever a name holds.
std::string key_of(const Workload& workload) {
  std::string key = cat(workload.ns, "\n", workload.service_account);
  for (const std::string& name : workload.pull_secrets)
    key += cat("\n", std::to_string(name.size()), ":", name);
  return key;
}

Result<Credentials> parse(const DockerSecret& secret) {
  const std::string& text = secret.document.reveal();
  return secret.form == DockerSecretForm::config_json
             ? Credentials::parse(text, CredentialOwner::pull_secret)
             : Credentials::parse_dockercfg(text, CredentialOwner::pull_secret);
}

std::string secret_called(const std::string& name) {
  return cat("pull secret ", quoted(name, 80));
}

}  // namespace

// One flight: what it asks for and what it found so far.
struct PullLogins::Reading {
  Workload workload;
  Credentials credentials;
  std::vector<std::string> hints;
  bool has_fault = false;

  void fault(std::string why) {
    hints.push_back(std::move(why));
    has_fault = true;
  }
};

bool PullSecretRules::reads_namespace(std::string_view ns) const {
  if (mode == PullSecretMode::none) return false;
  return mode != PullSecretMode::namespaces || namespaces.contains(ns);
}

std::string PullSecretRules::objection(std::string_view ns, std::string_view name) const {
  if (mode == PullSecretMode::none) return "registry.pullSecrets.mode is none";
  if (!reads_namespace(ns)) {
    return cat("registry.pullSecrets.namespaces does not list ", printable(ns, 80));
  }
  const bool by_name =
      mode == PullSecretMode::names || (mode == PullSecretMode::namespaces && !names.empty());
  if (by_name && !names.contains(name)) return "registry.pullSecrets.names does not list it";
  return {};
}

PullLogins::PullLogins(SecretReader& reader, PullSecretRules rules, Gone gone, Ticks ticks)
    : reader_(reader),
      rules_(std::move(rules)),
      gone_(std::move(gone)),
      ticks_(std::move(ticks)),
      kept_(kSetsKept),
      last_ids_(kSetsKept),
      flights_({}, kFlights) {}

// Without a question to anybody.
bool PullLogins::brings_none(const Workload& workload) const {
  if (!workload.pull_secrets.empty()) return false;
  return workload.service_account.empty() || !rules_.reads_namespace(workload.ns);
}

PullLogins::Brought PullLogins::find(const Workload& workload) {
  if (brings_none(workload)) return none_;
  const Kept* const kept = kept_.find(key_of(workload), ticks_());
  return kept == nullptr ? nullptr : kept->logins;
}

Task<PullLogins::Brought> PullLogins::get(Workload workload, Deadline deadline) {
  if (auto held = find(workload)) co_return held;
  std::string key = key_of(workload);
  co_return co_await fly(std::move(key), std::move(workload), deadline);
}

Task<PullLogins::Brought> PullLogins::get_other(Workload workload, Brought before,
                                                Deadline deadline) {
  if (brings_none(workload)) co_return nullptr;
  std::string key = key_of(workload);
  const Deadline now = ticks_();
  const Kept* const kept = kept_.find(key, now);
  const bool was_read_now = kept != nullptr && now < kept->read + kFaultLife;
  Brought other = kept == nullptr ? nullptr : kept->logins;
  if (!was_read_now) other = co_await fly(std::move(key), std::move(workload), deadline);
  if (!other || other->ids == before->ids) co_return nullptr;
  co_return other;
}

Task<PullLogins::Brought> PullLogins::fly(std::string key, Workload workload, Deadline deadline) {
  const SingleFlight<std::string, Brought>::Work work = [this, key, workload] {
    return read(key, workload);
  };
  const auto landed = co_await flights_.run(key, work, sooner(deadline, kBudget));
  if (landed) co_return *landed;
  auto late = std::make_shared<BroughtLogins>();
  late->hints.push_back(cat("the pull secrets of namespace ", printable(workload.ns, 80),
                            " could not be read: ", landed.error().what(), "; try again"));
  co_return late;
}

// Bounded by a second of its own, whoever waits for it.
Task<Result<PullLogins::Brought>> PullLogins::read(std::string key, Workload workload) {
  const Deadline deadline = deadline_in(kBudget);
  Reading reading{std::move(workload), {}, {}, false};
  if (reading.workload.pull_secrets.empty()) co_await read_account(&reading, deadline);
  std::vector<std::string> names = reading.workload.pull_secrets;
  if (names.size() > kPullSecrets) {
    names.resize(kPullSecrets);
    reading.hints.push_back(
        cat("only the first ", std::to_string(kPullSecrets), " pull secrets are read"));
  }
  for (const std::string& name : names)
    co_await read_secret(&reading, name, deadline);
  auto brought = std::make_shared<BroughtLogins>();
  brought->ids = reading.credentials.ids();
  brought->hints = std::move(reading.hints);
  if (!reading.credentials.empty()) {
    brought->credentials = std::make_shared<const Credentials>(std::move(reading.credentials));
  }
  tell_gone(key, brought->ids);
  const Deadline now = ticks_();
  const Deadline until = reading.has_fault ? now + kFaultLife : now + kLife;
  kept_.put(key, Kept{brought, now}, until);
  co_return brought;
}

Task<void> PullLogins::read_account(Reading* reading, Deadline deadline) {
  const Workload& workload = reading->workload;
  AccountSecrets account =
      co_await reader_.of_account(workload.ns, workload.service_account, deadline);
  if (account.state != SecretState::ok) reading->fault(std::move(account.why));
  reading->workload.pull_secrets = std::move(account.names);
}

Task<void> PullLogins::read_secret(Reading* reading, std::string name, Deadline deadline) {
  const std::string& ns = reading->workload.ns;
  const std::string objection = rules_.objection(ns, name);
  if (!objection.empty()) {
    reading->hints.push_back(cat(secret_called(name), " is not read, for ", objection));
    co_return;
  }
  DockerSecret secret = co_await reader_.docker_secret(ns, name, deadline);
  if (secret.state != SecretState::ok) {
    reading->fault(std::move(secret.why));
    co_return;
  }
  const auto parsed = parse(secret);
  if (!parsed) {
    reading->fault(cat(secret_called(name), ": ", parsed.error().what()));
    co_return;
  }
  for (const std::string& warning : parsed->warnings())
    reading->hints.push_back(cat(secret_called(name), ": ", warning));
  reading->credentials.append(*parsed);
}

void PullLogins::tell_gone(const std::string& key, const std::vector<std::string>& ids) {
  const Deadline now = ticks_();
  const auto before = last_ids_.get(key, now).value_or(std::vector<std::string>());
  for (const std::string& id : before) {
    const bool is_there = std::binary_search(ids.begin(), ids.end(), id);
    if (!is_there && gone_) gone_(id);
  }
  last_ids_.put(key, ids, now + kIdsLife);
}

void PullLogins::forget_old() {
  const Deadline now = ticks_();
  kept_.drop_expired(now);
  last_ids_.drop_expired(now);
}

}  // namespace signet
