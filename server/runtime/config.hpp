#pragma once
// Every setting of `signet serve`, from one table: the YAML file and the flags read the same names
// through the same functions, so that they cannot differ. Plain values; server/app makes components
// of them.

#include <chrono>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/admission/image_path.hpp"
#include "core/admission/pinning.hpp"
#include "core/policy/model.hpp"
#include "server/runtime/log.hpp"

namespace signet {

// "ADDR:PORT"; port 0 takes a free one.
struct ListenAddress {
  std::string address;
  std::uint16_t port = 0;

  static Result<ListenAddress> parse(std::string_view text);
  std::string str() const;
  friend bool operator==(const ListenAddress&, const ListenAddress&) = default;
};

enum class TlsFloor { tls12, tls13 };
enum class RealmScope { registrable_domain, exact_host };

struct TlsConfig {
  std::string cert_file;  // both empty: a self-signed certificate is made
  std::string key_file;
  TlsFloor min_version = TlsFloor::tls13;
  std::string client_ca_file;             // empty: clients need no certificate
  std::vector<std::string> client_names;  // empty: any certificate of these authorities
  // A CA in a Secret of the cluster, in place of the files.
  bool self_managed = false;
  std::string service;             // SERVICE.NAMESPACE.svc is served; empty: kubernetes.name
  std::vector<std::string> names;  // and these, DNS names or addresses
  std::chrono::milliseconds ca_validity = std::chrono::hours(24 * 365);
  std::chrono::milliseconds leaf_validity = std::chrono::hours(24 * 7);
  std::chrono::milliseconds ca_propagation_delay = std::chrono::minutes(10);
};

// Which secrets of workloads may be read (webhook.md F.4): none; those of `names`; those of
// `namespaces`, and only of `names` where it is not empty; all.
enum class PullSecretMode { none, names, namespaces, all };

struct PullSecretsConfig {
  PullSecretMode mode = PullSecretMode::none;
  std::vector<std::string> names;
  std::vector<std::string> namespaces;
};

struct RegistryConfig {
  std::vector<std::string> credential_secrets;  // of the release namespace; behind the file
  PullSecretsConfig pull_secrets;
  std::string credentials_file;                   // a Docker config.json
  std::vector<std::string> allowed_hosts;         // empty: no list
  std::vector<std::string> plain_http;            // hosts, with port where it is not 80
  std::vector<std::string> ca_files;              // for every registry
  std::map<std::string, std::string> ca_by_host;  // host -> file
  std::map<std::string, std::vector<std::string>> allow_private;  // host -> CIDRs
  std::map<std::string, std::vector<std::string>> auth_realms;    // registry -> token servers
  RealmScope realm_scope = RealmScope::registrable_domain;
  std::size_t reply_bytes = 128 * 1024 * 1024;               // of all replies being read
  std::vector<std::pair<std::string, std::string>> layouts;  // prefix, directory
};

// What registries said is remembered so long, and so much of it.
struct CacheConfig {
  std::size_t content_bytes = 64 * 1024 * 1024;
  std::chrono::milliseconds tag_ttl{30'000};
  std::chrono::milliseconds discovery_ttl{600'000};
  std::chrono::milliseconds negative_ttl{15'000};
  // Behind that, where a registry cannot be reached; 0: never.
  std::chrono::milliseconds stale_discovery{3'600'000};
  std::chrono::milliseconds stale_tags{300'000};
};

struct ServerConfig {
  std::size_t connections = 4096;
  std::size_t connections_per_source = 1024;          // API servers may share one address
  std::size_t memory_limit = 0;                       // 0: that of the control group
  std::size_t reviews = 4096;                         // in flight, waiting for registries included
  std::size_t body_bytes = 64 * 1024 * 1024;          // of all requests being read or parsed
  std::chrono::milliseconds default_timeout{10'000};  // where the API server names none
  std::chrono::milliseconds max_work{8'000};
  std::chrono::milliseconds shutdown_delay{15'000};  // serving on after SIGTERM
  std::chrono::milliseconds drain_timeout{25'000};
};

// The cluster whose policies are followed.
struct KubernetesConfig {
  bool enabled = false;
  std::string kubeconfig;       // empty: the ServiceAccount of the Pod
  std::string ns;               // where Signet is; empty: that of the ServiceAccount
  std::string name = "signet";  // its Secret is NAME-webhook-ca, its Lease NAME-leader
  std::string identity;         // of this replica; empty: the host name
  std::vector<std::string> webhook_configurations;  // validating and mutating ones of these names
  std::string failure_policy = "Fail";  // that the hook for Pods is meant to have; empty: any
  bool events = true;
};

struct Config {
  std::vector<std::string> policies;  // files and directories
  NoMatch no_match = NoMatch::deny;
  bool dry_run = false;  // every enforce is a warn
  Unpinned unpinned = Unpinned::deny;
  Reverify reverify = Reverify::none;
  PinSettings pin;
  std::vector<ExtraResource> extra_resources;
  std::chrono::milliseconds warn_before = std::chrono::days(30);  // the end of a certificate
  std::map<std::string, Labels> namespace_labels;  // for namespaceSelector, outside a cluster
  ListenAddress listen{"0.0.0.0", 10250};
  ListenAddress health_listen{"0.0.0.0", 8081};
  ListenAddress metrics_listen{"0.0.0.0", 8080};
  TlsConfig tls;
  RegistryConfig registry;
  CacheConfig cache;
  ServerConfig server;
  KubernetesConfig kubernetes;
  LogLevel log_level = LogLevel::info;
  LogFormat log_format = LogFormat::json;
  // No setting: when the program was built. An earlier clock is wrong.
  TimePoint built{};
  // No setting: what ages is measured by it; empty: the steady clock.
  std::function<std::chrono::steady_clock::time_point()> ticks;
};

struct Setting {
  using Set = Result<void> (*)(Config&, std::string_view value);
  using Clear = void (*)(Config&);

  std::string_view name;   // in the file: "tls.cert"
  std::string_view flag;   // on the command line: "--tls-cert"
  std::string_view value;  // what stands behind the flag, for --help: "FILE"
  std::string_view help;
  Set set;
  Clear clear = nullptr;         // not null: a list, and the flag may be repeated
  std::string_view first_key{};  // of a list of maps in the file; as a flag FIRST=SECOND=...
  std::string_view second_key{};
  std::string_view third_key{};
  std::string_view fourth_key{};
};

std::span<const Setting> settings();
std::span<const Setting> cluster_settings();  // a part of them

struct ConfigFile {
  Config config;              // the defaults where there are issues
  std::vector<Issue> issues;  // each with line and column
};
ConfigFile parse_config(const std::string& path, std::string_view text);

// Settings given as flags, by their name in the file; they win, and a list replaces the file's.
// Fails with malformed_object and names the flag.
Result<void> apply_flags(Config& config,
                         std::span<const std::pair<std::string, std::string>> flags);

}  // namespace signet
