#pragma once
// Our webhook configurations as the API server has them: what is kept right in them (caBundle), and
// what else is not as it is meant to be (security.md SR-34), which is told and left alone.

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"

namespace signet {

enum class WebhookKind { validating, mutating };

constexpr std::string_view kCaBundleManager = "signet-cert";

struct WebhookRule {
  std::set<std::string> groups;
  std::set<std::string> operations;
  std::set<std::string> resources;
};

struct WebhookEntry {
  std::string name;
  std::string url;   // that the API server calls: "https://signet.signet-system.svc:443/validate"
  std::string path;  // of it: "/validate"
  std::string ca_bundle;  // PEM; empty where there is none, or it cannot be decoded
  std::string failure_policy;
  std::vector<WebhookRule> rules;
};

struct WebhookConfiguration {
  WebhookKind kind;
  std::string name;
  std::string resource_version;
  std::vector<WebhookEntry> entries;
  // A JSON patch that takes us from those who own fields of it; empty where we own none. A webhook
  // of which somebody owns a field stays when whoever applies the configuration leaves it out.
  std::string disowning;
};

// "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/signet"
std::string path_of(WebhookKind kind, const std::string& name);
Result<WebhookConfiguration> parse_webhook_configuration(WebhookKind kind, std::string_view json);

bool has_ca_bundle(const WebhookConfiguration& configuration, const std::string& pem);
// For server-side apply: every entry's caBundle and nothing else.
std::string ca_bundle_patch(const WebhookConfiguration& configuration, const std::string& pem);

// ---- drift

// What validation is meant to be asked for, beside Pods and their ephemeral containers.
struct MeantResource {
  std::string group;
  std::string resource;
};

struct WebhookIntent {
  std::vector<std::string> names;       // of the configurations
  std::string failure_policy = "Fail";  // of the hook that validates Pods; empty: any
  std::vector<MeantResource> extra;
};

enum class DriftProblem { missing, rule, failure_policy, ca_bundle };
std::string_view name_of(DriftProblem problem);

struct WebhookDrift {
  DriftProblem problem;
  std::string what;  // "the webhook pods.validate.signet.dev of signet has failurePolicy Ignore"
};

// `trusted` says of a caBundle whether it makes a client accept our certificate.
std::vector<WebhookDrift> drift_of(const std::vector<WebhookConfiguration>& live,
                                   const WebhookIntent& intent,
                                   const std::function<bool(const std::string& pem)>& trusted);

}  // namespace signet
