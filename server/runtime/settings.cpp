#include <algorithm>
#include <array>
#include <boost/asio/ip/address.hpp>

#include "core/base/limits.hpp"
#include "core/base/text.hpp"
#include "server/runtime/config.hpp"
#include "server/runtime/setting_values.hpp"

namespace signet {
namespace {

using Done = Result<void>;
using Text = std::string_view;

Done assign_address(ListenAddress& field, Text value) {
  auto parsed = ListenAddress::parse(value);
  if (!parsed) return parsed.error();
  field = std::move(*parsed);
  return {};
}

// KEY=VALUE, neither of them empty.
Result<std::pair<std::string, std::string>> pair_of(Text value) {
  const auto at = value.find('=');
  if (at == Text::npos || at == 0 || at + 1 == value.size()) {
    return malformed(cat("must have the form KEY=VALUE, found ", quoted(value, 80)));
  }
  return std::make_pair(std::string(value.substr(0, at)), std::string(value.substr(at + 1)));
}

Done add_list(std::map<std::string, std::vector<std::string>>& lists, Text value) {
  const auto pair = pair_of(value);
  if (!pair) return pair.error();
  for (const Text item : split(pair->second, ',')) {
    if (trim(item).empty()) return malformed("has an empty entry");
    lists[pair->first].emplace_back(trim(item));
  }
  return {};
}

Done add_labels(std::map<std::string, Labels>& labels, Text value) {
  const auto pair = pair_of(value);
  if (!pair) return pair.error();
  for (const Text item : split(pair->second, ',')) {
    const auto at = item.find('=');
    if (at == Text::npos || at == 0) return malformed("labels must have the form NAME=VALUE");
    labels[pair->first][std::string(item.substr(0, at))] = std::string(item.substr(at + 1));
  }
  return {};
}

Done add_ca(RegistryConfig& registry, Text value) {
  if (value.find('=') == Text::npos) return add_to(registry.ca_files, value);
  auto pair = pair_of(value);
  if (!pair) return pair.error();
  if (!registry.ca_by_host.insert(*pair).second) return malformed("names the host twice");
  return {};
}

Done add_extra(std::vector<ExtraResource>& extra, Text value) {
  if (extra.size() == kExtraResources) {
    return malformed(cat("has more than ", std::to_string(kExtraResources), " entries"));
  }
  auto parsed = ExtraResource::parse(value);
  if (!parsed) return parsed.error();
  extra.push_back(std::move(*parsed));
  return {};
}

Done add_pattern(std::vector<ImageGlob>& patterns, Text value) {
  auto pattern = ImageGlob::parse(value);
  if (!pattern) return pattern.error();
  patterns.push_back(std::move(*pattern));
  return {};
}

Done add_layout(RegistryConfig& registry, Text value) {
  auto pair = pair_of(value);
  if (!pair) return pair.error();
  registry.layouts.push_back(std::move(*pair));
  return {};
}

constexpr Word<NoMatch> kNoMatch[] = {
    {"deny", NoMatch::deny}, {"warn", NoMatch::warn}, {"allow", NoMatch::allow}};
constexpr Word<Unpinned> kUnpinned[] = {
    {"deny", Unpinned::deny}, {"warn", Unpinned::warn}, {"allow", Unpinned::allow}};
constexpr Word<Reverify> kReverify[] = {
    {"false", Reverify::none}, {"workloads", Reverify::workloads}, {"all", Reverify::all}};
constexpr Word<PinScope> kPinScopes[] = {{"pods", PinScope::pods},
                                         {"workloads", PinScope::workloads}};
constexpr Word<PinFormat> kPinFormats[] = {{"tagAndDigest", PinFormat::tag_and_digest},
                                           {"digestOnly", PinFormat::digest_only}};
constexpr Word<TlsFloor> kVersions[] = {{"1.2", TlsFloor::tls12}, {"1.3", TlsFloor::tls13}};
constexpr Word<RealmScope> kScopes[] = {{"registrableDomain", RealmScope::registrable_domain},
                                        {"exactHost", RealmScope::exact_host}};
constexpr Word<LogFormat> kFormats[] = {{"json", LogFormat::json}, {"text", LogFormat::text}};
constexpr Word<LogLevel> kLevels[] = {{"debug", LogLevel::debug},
                                      {"info", LogLevel::info},
                                      {"warn", LogLevel::warn},
                                      {"error", LogLevel::error}};

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;

const std::array kSettings = {
    Setting{"policy", "--policy", "PATH", "file or directory of policies",
            [](Config& c, Text v) { return add_to(c.policies, v); },
            [](Config& c) { c.policies.clear(); }},
    Setting{"noMatch", "--no-match", "deny|warn|allow", "an image that no policy covers",
            [](Config& c, Text v) { return assign_word(c.no_match, v, kNoMatch); }},
    Setting{"unpinned", "--unpinned", "deny|warn|allow", "an image of a Pod without digest",
            [](Config& c, Text v) { return assign_word(c.unpinned, v, kUnpinned); }},
    Setting{"reverifyUnchanged", "--reverify-unchanged", "false|workloads|all",
            "judge unchanged images of an update again",
            [](Config& c, Text v) { return assign_word(c.reverify, v, kReverify); }},
    Setting{"mutation.scope", "--mutation-scope", "pods|workloads", "what /mutate may pin",
            [](Config& c, Text v) { return assign_word(c.pin.scope, v, kPinScopes); }},
    Setting{"mutation.format", "--mutation-format", "tagAndDigest|digestOnly", "what it writes",
            [](Config& c, Text v) { return assign_word(c.pin.format, v, kPinFormats); }},
    Setting{"mutation.stickyDigest", "--mutation-sticky-digest", "true|false",
            "keep the digest of a tag that an update names again",
            [](Config& c, Text v) { return assign_word(c.pin.sticky_digest, v, kSwitch); }},
    Setting{"mutation.excludeImages", "--mutation-exclude-image", "PATTERN",
            "images that /mutate leaves alone",
            [](Config& c, Text v) { return add_pattern(c.pin.exclude, v); },
            [](Config& c) { c.pin.exclude.clear(); }},
    Setting{"webhook.extraResources", "--extra-resource", "GROUP=RESOURCE=VERSION,...=PATH,...",
            "images of a custom kind, as in spec.steps[*].image",
            [](Config& c, Text v) { return add_extra(c.extra_resources, v); },
            [](Config& c) { c.extra_resources.clear(); }, "group", "resource", "versions", "paths"},
    Setting{"warnBefore", "--warn-before", "SPAN",
            "warn of certificates of admitted images that end within",
            [](Config& c, Text v) {
              return assign(c.warn_before, v, milliseconds(0), hours(24 * 400));
            }},
    Setting{"namespaceLabels", "--namespace-labels", "NAMESPACE=NAME=VALUE,...",
            "labels for namespaceSelector outside a cluster",
            [](Config& c, Text v) { return add_labels(c.namespace_labels, v); },
            [](Config& c) { c.namespace_labels.clear(); }, "namespace", "labels"},
    Setting{"listen", "--listen", "ADDR:PORT", "admission reviews over HTTPS",
            [](Config& c, Text v) { return assign_address(c.listen, v); }},
    Setting{"healthListen", "--health-listen", "ADDR:PORT", "/livez and /readyz over HTTP",
            [](Config& c, Text v) { return assign_address(c.health_listen, v); }},
    Setting{"metricsListen", "--metrics-listen", "ADDR:PORT", "/metrics over HTTP",
            [](Config& c, Text v) { return assign_address(c.metrics_listen, v); }},
    Setting{"tls.cert", "--tls-cert", "FILE", "certificate chain, the leaf first (PEM)",
            [](Config& c, Text v) { return assign(c.tls.cert_file, v); }},
    Setting{"tls.key", "--tls-key", "FILE", "private key (PEM)",
            [](Config& c, Text v) { return assign(c.tls.key_file, v); }},
    Setting{"tls.minVersion", "--tls-min-version", "1.2|1.3", "least TLS version",
            [](Config& c, Text v) { return assign_word(c.tls.min_version, v, kVersions); }},
    Setting{"tls.clientCa", "--tls-client-ca", "FILE",
            "clients must show a certificate of these authorities (PEM)",
            [](Config& c, Text v) { return assign(c.tls.client_ca_file, v); }},
    Setting{"tls.clientNames", "--tls-client-name", "NAME",
            "and one of these names in it, as CN or DNS name",
            [](Config& c, Text v) { return add_to(c.tls.client_names, v); },
            [](Config& c) { c.tls.client_names.clear(); }},
    Setting{"registry.config", "--registry-config", "FILE", "credentials (Docker config.json)",
            [](Config& c, Text v) { return assign(c.registry.credentials_file, v); }},
    Setting{"registry.allowedHosts", "--registry-allowed-host", "HOST", "the only registries asked",
            [](Config& c, Text v) { return add_to(c.registry.allowed_hosts, v); },
            [](Config& c) { c.registry.allowed_hosts.clear(); }},
    Setting{"registry.plainHttp", "--plain-http-host", "HOST[:PORT]", "a registry without TLS",
            [](Config& c, Text v) { return add_to(c.registry.plain_http, v); },
            [](Config& c) { c.registry.plain_http.clear(); }},
    Setting{"registry.ca", "--registry-ca", "[HOST=]FILE", "authorities of registries (PEM)",
            [](Config& c, Text v) { return add_ca(c.registry, v); },
            [](Config& c) {
              c.registry.ca_files.clear();
              c.registry.ca_by_host.clear();
            },
            "host", "file"},
    Setting{"registry.allowPrivate", "--registry-allow-private", "HOST=CIDR,...",
            "private addresses that one registry may have",
            [](Config& c, Text v) { return add_list(c.registry.allow_private, v); },
            [](Config& c) { c.registry.allow_private.clear(); }, "host", "cidrs"},
    Setting{"registry.authRealms", "--registry-auth-realm", "HOST=HOST,...",
            "token servers that may have a registry's credentials",
            [](Config& c, Text v) { return add_list(c.registry.auth_realms, v); },
            [](Config& c) { c.registry.auth_realms.clear(); }, "host", "realms"},
    Setting{"registry.realmScope", "--registry-realm-scope", "registrableDomain|exactHost",
            "which token servers are a registry's own",
            [](Config& c, Text v) { return assign_word(c.registry.realm_scope, v, kScopes); }},
    Setting{"registry.replyBytes", "--registry-reply-bytes", "N", "bytes of all replies being read",
            [](Config& c, Text v) {
              return assign(c.registry.reply_bytes, v, std::size_t{64} << 20, std::size_t{4} << 30);
            }},
    Setting{"registry.layouts", "--layout", "PREFIX=DIR", "an OCI layout in place of a registry",
            [](Config& c, Text v) { return add_layout(c.registry, v); },
            [](Config& c) { c.registry.layouts.clear(); }, "prefix", "dir"},
    Setting{"cache.contentBytes", "--cache-content-bytes", "N",
            "bytes of manifests and signatures that are kept by digest",
            [](Config& c, Text v) {
              return assign(c.cache.content_bytes, v, 0, std::size_t{4} << 30);
            }},
    Setting{"cache.tagTtl", "--cache-tag-ttl", "SPAN", "/mutate trusts what a tag stood for",
            [](Config& c, Text v) {
              return assign(c.cache.tag_ttl, v, milliseconds(0), minutes(10));
            }},
    Setting{"cache.discoveryTtl", "--cache-discovery-ttl", "SPAN",
            "signatures that were found are not searched for again",
            [](Config& c, Text v) {
              return assign(c.cache.discovery_ttl, v, milliseconds(0), hours(24));
            }},
    Setting{"cache.negativeTtl", "--cache-negative-ttl", "SPAN",
            "nor those that were not there",
            [](Config& c, Text v) {
              return assign(c.cache.negative_ttl, v, milliseconds(0), minutes(5));
            }},
    Setting{"cache.staleIfUnavailable.discovery", "--cache-stale-discovery", "SPAN",
            "signatures may be so much older while a registry is down; 0s: never",
            [](Config& c, Text v) {
              return assign(c.cache.stale_discovery, v, milliseconds(0), hours(24));
            }},
    Setting{"cache.staleIfUnavailable.tags", "--cache-stale-tags", "SPAN",
            "and tags; 0s: never",
            [](Config& c, Text v) {
              return assign(c.cache.stale_tags, v, milliseconds(0), hours(1));
            }},
    Setting{"server.connections", "--server-connections", "N", "connections at one time",
            [](Config& c, Text v) { return assign(c.server.connections, v, 1, 100000); }},
    Setting{"server.connectionsPerSource", "--server-connections-per-source", "N",
            "of them from one address",
            [](Config& c, Text v) {
              return assign(c.server.connections_per_source, v, 1, 100000);
            }},
    Setting{"server.memoryLimit", "--server-memory-limit", "BYTES",
            "memory to stay below; without it that of the control group",
            [](Config& c, Text v) {
              return assign(c.server.memory_limit, v, std::size_t{32} << 20, std::size_t{1} << 40);
            }},
    Setting{"server.reviews", "--server-reviews", "N", "reviews in flight",
            [](Config& c, Text v) { return assign(c.server.reviews, v, 1, 100000); }},
    Setting{"server.bodyBytes", "--server-body-bytes", "N", "bytes of all requests being read",
            [](Config& c, Text v) {
              return assign(c.server.body_bytes, v, std::size_t{8} << 20, std::size_t{4} << 30);
            }},
    Setting{"server.defaultTimeout", "--server-default-timeout", "SPAN",
            "time for a review whose timeout is unknown",
            [](Config& c, Text v) {
              return assign(c.server.default_timeout, v, milliseconds(1000), milliseconds(30000));
            }},
    Setting{"server.maxWork", "--server-max-work", "SPAN", "longest work for one review",
            [](Config& c, Text v) {
              return assign(c.server.max_work, v, milliseconds(200), milliseconds(28000));
            }},
    Setting{"server.shutdownDelay", "--server-shutdown-delay", "SPAN", "serving on after SIGTERM",
            [](Config& c, Text v) {
              return assign(c.server.shutdown_delay, v, milliseconds(0), minutes(10));
            }},
    Setting{"server.drainTimeout", "--server-drain-timeout", "SPAN", "for requests in progress",
            [](Config& c, Text v) {
              return assign(c.server.drain_timeout, v, milliseconds(0), minutes(10));
            }},
    Setting{"log.level", "--log-level", "debug|info|warn|error", "least level that is written",
            [](Config& c, Text v) { return assign_word(c.log_level, v, kLevels); }},
    Setting{"log.format", "--log-format", "json|text", "text is for people",
            [](Config& c, Text v) { return assign_word(c.log_format, v, kFormats); }},
};

}  // namespace

Result<ListenAddress> ListenAddress::parse(std::string_view text) {
  const auto colon = text.rfind(':');
  const Error wrong = malformed(
      cat("must have the form ADDR:PORT, as in \"0.0.0.0:8443\", found ", quoted(text, 80)));
  if (colon == Text::npos) return wrong;
  const auto port = parse_number(text.substr(colon + 1));
  if (!port || *port > 65535) return wrong;
  std::string address(text.substr(0, colon));
  if (address.empty()) address = "0.0.0.0";
  if (address == "localhost") address = "127.0.0.1";
  if (address.starts_with('[') && address.ends_with(']')) {
    address = address.substr(1, address.size() - 2);
  } else if (address.find(':') != std::string::npos) {
    return wrong;
  }
  boost::system::error_code failure;
  boost::asio::ip::make_address(address, failure);
  if (failure) return wrong;
  return ListenAddress{std::move(address), static_cast<std::uint16_t>(*port)};
}

std::string ListenAddress::str() const {
  const std::string at = std::to_string(port);
  return address.find(':') == std::string::npos ? cat(address, ":", at)
                                                : cat("[", address, "]:", at);
}

std::span<const Setting> settings() {
  static const std::vector<Setting> all = [] {
    std::vector<Setting> joined(kSettings.begin(), kSettings.end());
    const auto cluster = cluster_settings();
    joined.insert(joined.end(), cluster.begin(), cluster.end());
    return joined;
  }();
  return all;
}

}  // namespace signet
