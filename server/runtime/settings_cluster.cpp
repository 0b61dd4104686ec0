#include "server/runtime/config.hpp"
#include "server/runtime/setting_values.hpp"

namespace signet {
namespace {

using Text = std::string_view;
using std::chrono::hours;
using std::chrono::minutes;

const Word<std::string> kPolicies[] = {{"fail", "Fail"}, {"ignore", "Ignore"}, {"any", ""}};

const Word<PullSecretMode> kPullSecretModes[] = {{"none", PullSecretMode::none},
                                                 {"names", PullSecretMode::names},
                                                 {"namespaces", PullSecretMode::namespaces},
                                                 {"all", PullSecretMode::all}};

const Setting kClusterSettings[] = {
    {"dryRun", "--dry-run", "true|false",
     "every policy that enforces warns instead, for a roll-out",
     [](Config& c, Text v) { return assign_word(c.dry_run, v, kSwitch); }},
    {"kubernetes.enabled", "--kubernetes", "true|false", "follow the policies of the cluster",
     [](Config& c, Text v) { return assign_word(c.kubernetes.enabled, v, kSwitch); }},
    {"kubernetes.kubeconfig", "--kubeconfig", "FILE",
     "how to reach the API server; without it as a Pod does",
     [](Config& c, Text v) { return assign(c.kubernetes.kubeconfig, v); }},
    {"kubernetes.namespace", "--kubernetes-namespace", "NAMESPACE",
     "where Signet itself is; without it that of the ServiceAccount",
     [](Config& c, Text v) { return assign(c.kubernetes.ns, v); }},
    {"kubernetes.name", "--kubernetes-name", "NAME", "begins the names of its Secret and its Lease",
     [](Config& c, Text v) { return assign(c.kubernetes.name, v); }},
    {"kubernetes.identity", "--kubernetes-identity", "NAME",
     "of this replica; without it the host name",
     [](Config& c, Text v) { return assign(c.kubernetes.identity, v); }},
    {"kubernetes.webhookConfigurations", "--webhook-configuration", "NAME",
     "webhook configurations that are kept right",
     [](Config& c, Text v) { return add_to(c.kubernetes.webhook_configurations, v); },
     [](Config& c) { c.kubernetes.webhook_configurations.clear(); }},
    {"kubernetes.failurePolicy", "--webhook-failure-policy", "fail|ignore|any",
     "what the webhook for Pods is meant to have; another one is told",
     [](Config& c, Text v) { return assign_word(c.kubernetes.failure_policy, v, kPolicies); }},
    {"events", "--events", "true|false", "tell in Events what was denied or warned about",
     [](Config& c, Text v) { return assign_word(c.kubernetes.events, v, kSwitch); }},
    {"registry.credentialSecrets", "--registry-credential-secret", "NAME",
     "a secret with logins for registries, in the namespace of Signet",
     [](Config& c, Text v) { return add_to(c.registry.credential_secrets, v); },
     [](Config& c) { c.registry.credential_secrets.clear(); }},
    {"registry.pullSecrets.mode", "--pull-secrets", "none|names|namespaces|all",
     "which imagePullSecrets of workloads are read",
     [](Config& c, Text v) {
       return assign_word(c.registry.pull_secrets.mode, v, kPullSecretModes);
     }},
    {"registry.pullSecrets.names", "--pull-secret-name", "NAME", "those of this name",
     [](Config& c, Text v) { return add_to(c.registry.pull_secrets.names, v); },
     [](Config& c) { c.registry.pull_secrets.names.clear(); }},
    {"registry.pullSecrets.namespaces", "--pull-secret-namespace", "NAMESPACE",
     "those of this namespace",
     [](Config& c, Text v) { return add_to(c.registry.pull_secrets.namespaces, v); },
     [](Config& c) { c.registry.pull_secrets.namespaces.clear(); }},
    {"tls.selfManaged", "--tls-self-managed", "true|false",
     "make certificates from a CA in a Secret, and keep the caBundle of the webhooks right",
     [](Config& c, Text v) { return assign_word(c.tls.self_managed, v, kSwitch); }},
    {"tls.service", "--tls-service", "NAME",
     "the Service that clients call, and that a certificate in a file must name",
     [](Config& c, Text v) { return assign(c.tls.service, v); }},
    {"tls.names", "--tls-name", "NAME", "other names or addresses that clients call",
     [](Config& c, Text v) { return add_to(c.tls.names, v); },
     [](Config& c) { c.tls.names.clear(); }},
    {"tls.caValidity", "--tls-ca-validity", "SPAN", "the CA is replaced after two thirds of it",
     [](Config& c, Text v) { return assign(c.tls.ca_validity, v, minutes(1), hours(87600)); }},
    {"tls.leafValidity", "--tls-leaf-validity", "SPAN", "and so is the certificate it signs",
     [](Config& c, Text v) { return assign(c.tls.leaf_validity, v, minutes(1), hours(8760)); }},
    {"tls.caPropagationDelay", "--tls-ca-propagation-delay", "SPAN",
     "a new CA signs so long after it is in every caBundle",
     [](Config& c, Text v) {
       return assign(c.tls.ca_propagation_delay, v, minutes(0), hours(24));
     }},
};

}  // namespace

std::span<const Setting> cluster_settings() {
  return kClusterSettings;
}

}  // namespace signet
