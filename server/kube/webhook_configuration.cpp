#include "server/kube/webhook_configuration.hpp"

#include <nlohmann/json.hpp>

#include "core/base/bytes.hpp"
#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "server/net/url.hpp"

namespace signet {
namespace {

constexpr std::string_view kApi = "/apis/admissionregistration.k8s.io/v1/";

std::string_view plural_of(WebhookKind kind) {
  return kind == WebhookKind::validating ? "validatingwebhookconfigurations"
                                         : "mutatingwebhookconfigurations";
}

std::string_view kind_name(WebhookKind kind) {
  return kind == WebhookKind::validating ? "ValidatingWebhookConfiguration"
                                         : "MutatingWebhookConfiguration";
}

std::set<std::string> texts_in(const Json& object, std::string_view name) {
  std::set<std::string> texts;
  const Json* const list = find_member(object, name);
  if (list == nullptr || !list->is_array()) return texts;
  for (const Json& item : *list) {
    if (item.is_string()) texts.insert(item.get<std::string>());
  }
  return texts;
}

// "https://127.0.0.1:8443/validate?x" -> "/validate"
std::string path_in_url(const std::string& url) {
  const auto host = url.find("://");
  if (host == std::string::npos) return "";
  const auto path = url.find('/', host + 3);
  if (path == std::string::npos) return "";
  return url.substr(path, url.find_first_of("?#", path) - path);
}

// As the API server names it, which is what the certificate must be for.
std::string url_of(const Json& service) {
  const auto port = number_member(service, "port");
  return cat("https://", text_or_empty(service, "name"), ".", text_or_empty(service, "namespace"),
             ".svc:", std::to_string(port ? *port : kHttpsPort), text_or_empty(service, "path"));
}

std::string disowning_in(const Json& metadata, const std::string& resource_version) {
  const Json* const owners = find_member(metadata, "managedFields");
  if (owners == nullptr || !owners->is_array()) return "";
  for (std::size_t i = 0; i < owners->size(); ++i) {
    if (text_or_empty((*owners)[i], "manager") != kCaBundleManager) continue;
    const Json patch = {
        {{"op", "test"}, {"path", "/metadata/resourceVersion"}, {"value", resource_version}},
        {{"op", "remove"}, {"path", cat("/metadata/managedFields/", std::to_string(i))}}};
    return patch.dump(-1, ' ', false, Json::error_handler_t::replace);
  }
  return "";
}

WebhookEntry entry_in(const Json& webhook) {
  WebhookEntry entry;
  entry.name = text_or_empty(webhook, "name");
  entry.failure_policy = text_or_empty(webhook, "failurePolicy");
  if (const Json* const client = find_member(webhook, "clientConfig")) {
    const Json* const service = find_member(*client, "service");
    entry.url = service != nullptr ? url_of(*service) : text_or_empty(*client, "url");
    entry.path = path_in_url(entry.url);
    const auto pem = unbase64(text_or_empty(*client, "caBundle"), Base64::standard);
    if (pem) entry.ca_bundle = *pem;
  }
  const Json* const rules = find_member(webhook, "rules");
  if (rules == nullptr || !rules->is_array()) return entry;
  for (const Json& rule : *rules) {
    entry.rules.push_back(WebhookRule{texts_in(rule, "apiGroups"), texts_in(rule, "operations"),
                                      texts_in(rule, "resources")});
  }
  return entry;
}

}  // namespace

std::string path_of(WebhookKind kind, const std::string& name) {
  return cat(kApi, plural_of(kind), "/", name);
}

Result<WebhookConfiguration> parse_webhook_configuration(WebhookKind kind, std::string_view json) {
  const auto object = parse_json(json);
  if (!object) return object.error().under(kind_name(kind));
  const auto metadata = object_member(*object, "metadata");
  if (!metadata) return metadata.error().under(kind_name(kind));
  WebhookConfiguration configuration;
  configuration.kind = kind;
  configuration.name = text_or_empty(**metadata, "name");
  configuration.resource_version = text_or_empty(**metadata, "resourceVersion");
  configuration.disowning = disowning_in(**metadata, configuration.resource_version);
  const Json* const webhooks = find_member(*object, "webhooks");
  if (webhooks == nullptr || !webhooks->is_array()) return configuration;
  for (const Json& webhook : *webhooks)
    configuration.entries.push_back(entry_in(webhook));
  return configuration;
}

bool has_ca_bundle(const WebhookConfiguration& configuration, const std::string& pem) {
  for (const WebhookEntry& entry : configuration.entries) {
    if (entry.ca_bundle != pem) return false;
  }
  return true;
}

std::string ca_bundle_patch(const WebhookConfiguration& configuration, const std::string& pem) {
  const std::string encoded = base64(pem);
  Json webhooks = Json::array();
  for (const WebhookEntry& entry : configuration.entries) {
    webhooks.push_back({{"name", entry.name}, {"clientConfig", {{"caBundle", encoded}}}});
  }
  const Json patch = {
      {"apiVersion", "admissionregistration.k8s.io/v1"},
      {"kind", kind_name(configuration.kind)},
      {"metadata",
       {{"name", configuration.name}, {"resourceVersion", configuration.resource_version}}},
      {"webhooks", std::move(webhooks)}};
  return patch.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace signet
