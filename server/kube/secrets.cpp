#include "server/kube/secrets.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/base/bytes.hpp"
#include "core/base/json.hpp"
#include "core/base/text.hpp"

namespace signet {
namespace {

constexpr std::size_t kSecretReplyBytes = 2 * kMiB;  // a secret holds at most 1 MiB, here in base64

struct Form {
  std::string_view type;
  std::string_view key;
  DockerSecretForm form;
};
constexpr Form kForms[] = {
    {"kubernetes.io/dockerconfigjson", ".dockerconfigjson", DockerSecretForm::config_json},
    {"kubernetes.io/dockercfg", ".dockercfg", DockerSecretForm::dockercfg},
};

std::string path_of(const std::string& ns, std::string_view plural, const std::string& name) {
  return cat("/api/v1/namespaces/", ns, "/", plural, "/", name);
}

// What an exchange says before anybody reads its body.
SecretState state_of(const Result<KubeReply>& reply) {
  if (!reply) return SecretState::unreachable;
  if (reply->ok()) return SecretState::ok;
  if (reply->status == 404) return SecretState::missing;
  const bool is_refused = reply->status == 401 || reply->status == 403;
  return is_refused ? SecretState::forbidden : SecretState::unreachable;
}

// "pull secret "a" of namespace shop".
std::string named(std::string_view kind, const std::string& ns, const std::string& name) {
  return cat(kind, " ", quoted(name, 80), " of namespace ", printable(ns, 80));
}

std::string why_not(const std::string& what, SecretState state, const Result<KubeReply>& reply) {
  if (state == SecretState::missing) {
    return cat(what, " does not exist; create it, or name another one");
  }
  if (state == SecretState::forbidden) {
    return cat(what, " may not be read: ", printable(reply->message(), 200),
               "; allow Signet to get it (registry.pullSecrets)");
  }
  const std::string said = reply ? reply->message() : reply.error().what();
  return cat(what, " could not be read: ", printable(said, 200), "; try again");
}

DockerSecret unusable(const std::string& what, std::string_view why) {
  DockerSecret secret;
  secret.state = SecretState::unusable;
  secret.why = cat(what, " ", why, "; make it with kubectl create secret docker-registry");
  return secret;
}

std::string text_at(const Json& object, std::string_view name) {
  const Json* const member = find_member(object, name);
  return member != nullptr && member->is_string() ? member->get<std::string>() : std::string();
}

// Takes the value out of the object and clears it there.
std::string take_value(Json& object, std::string_view key) {
  const auto data = object.find("data");
  if (data == object.end() || !data->is_object()) return {};
  const auto value = data->find(key);
  if (value == data->end() || !value->is_string()) return {};
  auto& text = value->get_ref<std::string&>();
  std::string taken = text;
  wipe(text);
  return taken;
}

DockerSecret read_secret(const std::string& what, std::string_view body) {
  auto object = parse_json(body);
  if (!object || !object->is_object()) return unusable(what, "is not an object");
  const std::string type = text_at(*object, "type");
  const auto* const form = std::find_if(std::begin(kForms), std::end(kForms),
                                        [&](const Form& one) { return one.type == type; });
  if (form == std::end(kForms)) {
    return unusable(what, cat("has type ", quoted(type, 80), ", and logins are in those of type ",
                              kForms[0].type));
  }
  std::string encoded = take_value(*object, form->key);
  auto decoded = unbase64(encoded, Base64::any);
  wipe(encoded);
  if (!decoded || decoded->empty()) return unusable(what, cat("has no ", form->key));
  DockerSecret secret;
  secret.state = SecretState::ok;
  secret.form = form->form;
  secret.document = SecretString(*std::move(decoded));
  if (const Json* const metadata = find_member(*object, "metadata")) {
    secret.resource_version = text_at(*metadata, "resourceVersion");
  }
  return secret;
}

AccountSecrets read_account(const std::string& what, std::string_view body) {
  AccountSecrets account;
  const auto object = parse_json(body);
  if (!object || !object->is_object()) {
    account.state = SecretState::unusable;
    account.why = cat(what, " is not an object; look at it with kubectl get -o yaml");
    return account;
  }
  account.state = SecretState::ok;
  const Json* const list = find_member(*object, "imagePullSecrets");
  if (list == nullptr || !list->is_array()) return account;
  for (const Json& entry : *list) {
    std::string name = text_at(entry, "name");
    const bool is_new =
        std::find(account.names.begin(), account.names.end(), name) == account.names.end();
    if (!name.empty() && is_new && account.names.size() <= kPullSecrets) {
      account.names.push_back(std::move(name));
    }
  }
  return account;
}

}  // namespace

// RFC 1123, as Kubernetes bounds names.
bool is_kube_name(std::string_view text) {
  const auto may_stand = [](char c) { return is_lower(c) || is_digit(c) || c == '-' || c == '.'; };
  return !text.empty() && text.size() <= kNameBytes && text.front() != '.' && text.back() != '.' &&
         text.find("..") == std::string_view::npos &&
         std::all_of(text.begin(), text.end(), may_stand);
}

void SecretReader::count(SecretState state) {
  constexpr std::string_view kWords[] = {"ok", "missing", "forbidden", "unusable", "unreachable"};
  if (metrics_ != nullptr) metrics_->pull_secret_reads.add({kWords[static_cast<int>(state)]});
}

Task<DockerSecret> SecretReader::docker_secret(std::string ns, std::string name,
                                               Deadline deadline) {
  const std::string what = named("pull secret", ns, name);
  DockerSecret secret;
  secret.state = SecretState::missing;
  secret.why = cat(what, " cannot exist: it is not a name");
  if (!is_kube_name(ns) || !is_kube_name(name)) co_return secret;
  KubeRequest get("GET", path_of(ns, "secrets", name));
  get.body_limit = kSecretReplyBytes;
  auto reply = co_await within(deadline, api_.send(std::move(get), deadline));
  secret.state = state_of(reply);
  if (secret.state == SecretState::ok) {
    secret = read_secret(what, reply->body);
    wipe(reply->body);
  } else {
    secret.why = why_not(what, secret.state, reply);
  }
  count(secret.state);
  co_return secret;
}

Task<AccountSecrets> SecretReader::of_account(std::string ns, std::string account,
                                              Deadline deadline) {
  const std::string what = named("ServiceAccount", ns, account);
  AccountSecrets found;
  found.state = SecretState::missing;
  found.why = cat(what, " cannot exist: it is not a name");
  if (!is_kube_name(ns) || !is_kube_name(account)) co_return found;
  KubeRequest get("GET", path_of(ns, "serviceaccounts", account));
  get.body_limit = kSecretReplyBytes;
  const auto reply = co_await within(deadline, api_.send(std::move(get), deadline));
  found.state = state_of(reply);
  if (found.state == SecretState::ok) {
    found = read_account(what, reply->body);
  } else {
    found.why = why_not(what, found.state, reply);
  }
  count(found.state);
  co_return found;
}

}  // namespace signet
