#pragma once
// Every metric of the program as a member, in the groups of webhook.md I.3. Label sets are closed
// and every series stands at 0 from the start; open ones (policies, roots, registries, the hash)
// come from the configuration, capped, and never from a request (I.5).

#include <memory>

#include "core/base/reason.hpp"
#include "core/base/time.hpp"
#include "server/runtime/access_metrics.hpp"
#include "server/runtime/crl_metrics.hpp"
#include "server/runtime/ends_seen.hpp"
#include "server/runtime/kube_metrics.hpp"
#include "server/runtime/metrics_format.hpp"
#include "server/runtime/series.hpp"
#include "server/runtime/writer_metrics.hpp"

namespace signet {

struct PolicySet;

// Of webhook.md I.3; hook: mutate_pods, mutate_workloads, validate_pods, validate_workloads.
struct AdmissionMetrics {
  explicit AdmissionMetrics(prometheus::Registry& registry);

  Counters requests;                      // hook, resource, operation, decision
  Histograms admission_request_duration;  // hook, cache: hit, partial, miss, none
  Gauges in_flight;                       // hook
  Histograms requested_timeout;           // hook
  Histograms request_body_bytes;          // hook
  Histograms images_per_request;
  Counters deadline_exceeded;   // hook
  Counters failed_open;         // hook, reason: registry, trust_root, deadline, internal
  Counters failed_closed;       // hook, reason
  Counters admission_warnings;  // hook
  Counters dry_runs;            // hook
  Counters malformed;  // reason: method, path, content_type, too_large, json, version, no_request,
                       // object
  Counters shed;       // reason: queue_full, bytes, memory
};

struct ImageMetrics {
  explicit ImageMetrics(prometheus::Registry& registry);

  Counters image_verifications;            // policy, mode, result: pass, fail, error; code: reasons
  Histograms image_verification_duration;  // cache: hit, miss
  Counters images_skipped;        // reason: unchanged, no_policy, excluded, owned, mirror, empty,
                                  // placeholder
  Counters mutations;             // result: pinned, already_pinned, sticky, excluded, unresolved,
                                  // not_safe
  Counters unpinned_images;       // action: deny, warn, allow, skip
  Gauges policies;                // kind: ClusterTrustPolicy, TrustPolicy; mode; ready: true, false
  Gauges policy_ready;            // kind, policy
  Gauges policy_generation_info;  // hash
  Gauges trust_root_ready;        // root
  Gauges trust_root_not_after;    // root, part: ca, crl
  Gauges admitted_certificate_not_after;  // policy
};

struct RegistryMetrics {
  explicit RegistryMetrics(prometheus::Registry& registry);

  // operation: head_manifest, get_manifest, get_blob, referrers, token
  Counters registry_requests;            // registry, operation, code (absent until the first): 2xx,
                                         // 3xx, 401, 403, 404, 429, 4xx, 5xx, timeout, network,
                                         // tls
  Histograms registry_request_duration;  // operation
  Counters registry_retries;             // operation
  Counters registry_received_bytes;      // operation
  Counters registry_blocked;         // reason: host_denied, private_address, plain_http, redirect,
                                     // too_large
  Gauges registry_circuit_open;      // registry
  Counters registry_circuit_opened;  // registry
  Counters registry_credentials;     // source: static, pull_secret, anonymous; result: ok,
                                     // forbidden, refused
  Gauges registry_waiting;           // requests that wait for a connection

  // cache: verification, plan, resolve, discovery, content, token
  Counters cache_requests;   // cache, result: hit, miss, negative_hit, coalesced, stale
  Gauges cache_entries;      // cache
  Gauges cache_size_bytes;   // cache
  Counters cache_evictions;  // cache, reason: size, ttl, invalidated, memory
};

// listener: admission, health, metrics.
struct ServerMetrics {
  explicit ServerMetrics(prometheus::Registry& registry);

  Counters http_responses;      // listener, path, code
  Gauges connections;           // listener
  Counters connections_opened;  // listener
  Counters connections_closed;  // listener, reason: client, idle, max_age, max_requests, drain,
                                // timeout, error, refused
  Counters tls_handshakes;      // version: TLSv1.2, TLSv1.3, none; result: ok, unknown_ca,
                                // bad_certificate, protocol, timeout, other
  Counters tls_reloads;         // usage: serving, client_ca; result: ok, failed
  Gauges tls_not_after;         // usage: serving, ca, client_ca; absent before it is set
  Gauges build_info;            // version, compiler, tls_library
  Gauges draining;
  Gauges config_last_reload_successful;  // what: policies, credentials, certificate, client_ca,
                                         // registry_ca
  Gauges config_last_reload_success_timestamp;  // what
  Counters log_messages;                        // level
  Counters log_dropped;
  Histograms event_loop_lag;
  Gauges memory_limit_bytes;  // absent where there is no limit
};

// What the kernel says of this process, under the names that every exporter uses.
struct ProcessMetrics {
  explicit ProcessMetrics(prometheus::Registry& registry);
  // Reads /proc.
  void measure();

  Counters process_cpu_seconds;
  Gauges process_open_fds;
  Gauges process_max_fds;
  Gauges process_virtual_memory_bytes;
  Gauges process_virtual_memory_max_bytes;
  Gauges process_resident_memory_bytes;
  Gauges process_start_time;
  Gauges process_threads;
};

// First among the bases, so that it outlives what refers to it.
struct MetricsRegistry {
  MetricsRegistry();
  ~MetricsRegistry();
  std::unique_ptr<prometheus::Registry> registry_;
};

class Metrics : protected MetricsRegistry,
                public AdmissionMetrics,
                public ImageMetrics,
                public RegistryMetrics,
                public ServerMetrics,
                public AccessMetrics,
                public CrlMetrics,
                public KubeMetrics,
                public WriterMetrics,
                public ProcessMetrics {
 public:
  explicit Metrics(TimePoint started);
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // What the program decides by from now on: the labels of policies, trust roots and of the
  // registries that the policies name, their states and ends, and the hash of the whole.
  void show_policies(const PolicySet& set);
  // Registries named by the settings; the first 20 of these and the policies' have series.
  void know_registries(std::vector<std::string> hosts);

  // One image under one policy, by its display name and mode; "none" and "none" where no policy
  // was asked.
  void count_verdict(std::string_view policy, std::string_view mode, Reason reason);
  // An image was admitted by certificates that end then; the earliest of 24 hours is shown.
  void saw_certificate_end(std::string_view policy, TimePoint end, TimePoint now);

  // Forgets ends that were seen last more than 24 hours ago; now and then.
  void forget(TimePoint now);

  // What a scraper reads, measured now.
  std::string text(MetricsFormat::Kind kind = MetricsFormat::Kind::text);

 private:
  using Rows = std::vector<std::vector<std::string>>;
  void show_registries();
  void show_ready(const PolicySet& set);
  void show_roots(const PolicySet& set);
  std::string_view label_of(std::string_view policy) const;

  std::unordered_map<std::string, std::string, TextHash, std::equal_to<>>
      policy_labels_;  // by display name
  EndsSeen ends_;
  std::vector<std::string> configured_registries_;
  std::vector<std::string> policy_registries_;
};

}  // namespace signet
