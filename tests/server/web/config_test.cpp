#include "server/runtime/config.hpp"

#include <gtest/gtest.h>

namespace signet {
namespace {

TEST(ConfigTest, ReadsEverySettingOfAFile) {
  const ConfigFile file = parse_config("c.yaml", R"(
policy: [a.yaml, dir]
noMatch: warn
unpinned: allow
namespaceLabels:
  - {namespace: shop, labels: {tier: prod, team: a}}
listen: "127.0.0.1:0"
healthListen: "[::1]:8081"
metricsListen: ":9090"
tls: {cert: c.pem, key: k.pem, minVersion: "1.2"}
registry:
  config: auth.json
  allowedHosts: [quay.io]
  plainHttp: ["localhost:5000"]
  ca: [all.pem, {host: reg.local, file: reg.pem}]
  allowPrivate: [{host: reg.local, cidrs: [10.0.0.0/8, 192.168.0.0/16]}]
  authRealms: [{host: quay.io, realms: [auth.quay.io]}]
  realmScope: exactHost
  layouts: [{prefix: quay.io/x, dir: /srv/x}]
server:
  connections: 10
  reviews: 20
  bodyBytes: 10000000
  defaultTimeout: 5s
  maxWork: 500ms
  shutdownDelay: 0s
  drainTimeout: 1m
log: {level: debug}
)");
  ASSERT_TRUE(file.issues.empty()) << file.issues[0].str();
  const Config& config = file.config;
  EXPECT_EQ(config.policies, (std::vector<std::string>{"a.yaml", "dir"}));
  EXPECT_EQ(config.no_match, NoMatch::warn);
  EXPECT_EQ(config.unpinned, Unpinned::allow);
  EXPECT_EQ(config.namespace_labels.at("shop"), (Labels{{"tier", "prod"}, {"team", "a"}}));
  EXPECT_EQ(config.listen, (ListenAddress{"127.0.0.1", 0}));
  EXPECT_EQ(config.health_listen.str(), "[::1]:8081");
  EXPECT_EQ(config.metrics_listen.str(), "0.0.0.0:9090");
  EXPECT_EQ(config.tls.min_version, TlsFloor::tls12);
  EXPECT_EQ(config.tls.key_file, "k.pem");
  EXPECT_EQ(config.registry.ca_files, std::vector<std::string>{"all.pem"});
  EXPECT_EQ(config.registry.ca_by_host.at("reg.local"), "reg.pem");
  EXPECT_EQ(config.registry.allow_private.at("reg.local").size(), 2U);
  EXPECT_EQ(config.registry.auth_realms.at("quay.io")[0], "auth.quay.io");
  EXPECT_EQ(config.registry.realm_scope, RealmScope::exact_host);
  EXPECT_EQ(config.registry.layouts[0].second, "/srv/x");
  EXPECT_EQ(config.server.connections, 10U);
  EXPECT_EQ(config.server.max_work, std::chrono::milliseconds(500));
  EXPECT_EQ(config.server.drain_timeout, std::chrono::minutes(1));
  EXPECT_EQ(config.log_level, LogLevel::debug);
}

TEST(ConfigTest, ReadsWhoseLoginsAreUsed) {
  EXPECT_EQ(Config().registry.pull_secrets.mode, PullSecretMode::none);
  const ConfigFile file = parse_config("c.yaml", R"(registry:
  credentialSecrets: [robot, spare]
  pullSecrets: {mode: namespaces, names: [regcred], namespaces: [shop, dev]}
)");
  ASSERT_TRUE(file.issues.empty()) << file.issues[0].str();
  using Names = std::vector<std::string>;
  EXPECT_EQ(file.config.registry.credential_secrets, (Names{"robot", "spare"}));
  EXPECT_EQ(file.config.registry.pull_secrets.mode, PullSecretMode::namespaces);
  EXPECT_EQ(file.config.registry.pull_secrets.names, Names{"regcred"});
  EXPECT_EQ(file.config.registry.pull_secrets.namespaces, (Names{"shop", "dev"}));
  EXPECT_FALSE(parse_config("c.yaml", "registry: {pullSecrets: {mode: some}}").issues.empty());
}

TEST(ConfigTest, ReadsHowLongWhatIsRemembered) {
  const ConfigFile file = parse_config("c.yaml", R"(cache:
  contentBytes: 1048576
  tagTtl: 0s
  discoveryTtl: 24h
  negativeTtl: 5m
  staleIfUnavailable: {discovery: 0s, tags: 1h}
)");
  ASSERT_TRUE(file.issues.empty()) << file.issues[0].str();
  const Config& config = file.config;
  EXPECT_EQ(config.cache.content_bytes, 1048576U);
  EXPECT_EQ(config.cache.tag_ttl, std::chrono::seconds(0));
  EXPECT_EQ(config.cache.discovery_ttl, std::chrono::hours(24));
  EXPECT_EQ(config.cache.negative_ttl, std::chrono::minutes(5));
  EXPECT_EQ(config.cache.stale_discovery, std::chrono::seconds(0));
  EXPECT_EQ(config.cache.stale_tags, std::chrono::hours(1));
}

TEST(ConfigTest, RefusesALifeOfMemoryThatIsTooLong) {
  const std::string_view rows[] = {"tagTtl: 10m1s",
                                   "discoveryTtl: 24h1s",
                                   "negativeTtl: 5m1s",
                                   "staleIfUnavailable: {discovery: 24h1s}",
                                   "staleIfUnavailable: {tags: 1h1s}",
                                   "contentBytes: 4294967297"};
  for (const std::string_view row : rows) {
    const ConfigFile file = parse_config("c.yaml", "cache:\n  " + std::string(row) + "\n");
    ASSERT_EQ(file.issues.size(), 1U) << row;
    EXPECT_EQ(file.issues[0].line, 2) << row;
  }
}

TEST(ConfigTest, AnEmptyFileHasTheDefaults) {
  const ConfigFile file = parse_config("c.yaml", "# nothing\n");
  EXPECT_TRUE(file.issues.empty());
  EXPECT_EQ(file.config.no_match, NoMatch::deny);
  EXPECT_EQ(file.config.unpinned, Unpinned::deny);
  EXPECT_EQ(file.config.tls.min_version, TlsFloor::tls13);
}

TEST(ConfigTest, NamesThePlaceOfWhatIsWrong) {
  struct Row {
    std::string text, begins, holds;
  };
  const Row rows[] = {
      {"listen: 1\nlisten: 2\n", "c.yaml:2:1", "twice"},
      {"lissten: x\n", "c.yaml:1:1", "unknown setting; did you mean listen? known here"},
      {"wholly: x\n", "c.yaml:1:1", "unknown setting; known here are"},
      {"tls:\n  certt: x\n", "c.yaml:2:3", "cert, clientCa, clientNames, key, leafValidity"},
      {"apiVersion: v1\nkind: Pod\nspec: {}\n", "c.yaml:2:1", "a Pod is no file of settings"},
      {"tls: x\n", "c.yaml:1:6", "must be a map"},
      {"noMatch: never\n", "c.yaml:1:10", "deny, warn, allow"},
      {"noMatch: [deny]\n", "c.yaml:1:10", "single value"},
      {"listen: nowhere\n", "c.yaml:1:9", "ADDR:PORT"},
      {"listen: 1.2.3.4:99999\n", "c.yaml:1:9", "ADDR:PORT"},
      {"policy: a.yaml\n", "c.yaml:1:9", "must be a list"},
      {"policy: [\"\"]\n", "c.yaml:1:10", "must not be empty"},
      {"policy: [{a: b}]\n", "c.yaml:1:10", "single value"},
      {"server: {maxWork: 40s}\n", "c.yaml:1:19", "must be a duration"},
      {"server: {reviews: -1}\n", "c.yaml:1:19", "must be a number"},
      {"registry: {ca: [{host: a}]}\n", "c.yaml:1:17", "must have host and file"},
      {"registry: {ca: [{host: a, file: b, x: c}]}\n", "c.yaml:1:36", "unknown key"},
      {"registry: {allowPrivate: [{host: a, cidrs: []}]}\n", "c.yaml:1:37", "cannot be read"},
      {"[]\n", "c.yaml:1:1", "must be a map"},
      {"listen: 1.2.3.4:1\n---\nlisten: 1.2.3.4:2\n", "c.yaml:3:1", "one document"},
      {"a: &x b\n", "c.yaml:1", "anchor"},
      {"{", "c.yaml:", ""},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.text);
    const ConfigFile file = parse_config("c.yaml", row.text);
    ASSERT_FALSE(file.issues.empty());
    const std::string told = file.issues[0].str();
    EXPECT_TRUE(told.starts_with(row.begins)) << told;
    EXPECT_NE(told.find(row.holds), std::string::npos) << told;
  }
}

TEST(ConfigTest, AFlagWinsAndAListReplacesTheFiles) {
  Config config = parse_config("c.yaml", "policy: [a, b]\nnoMatch: warn\n").config;
  const std::pair<std::string, std::string> flags[] = {{"policy", "c"},
                                                       {"noMatch", "allow"},
                                                       {"policy", "d"},
                                                       {"registry.ca", "h=f"},
                                                       {"namespaceLabels", "shop=tier=prod,x=y"}};
  ASSERT_TRUE(apply_flags(config, flags));
  EXPECT_EQ(config.policies, (std::vector<std::string>{"c", "d"}));
  EXPECT_EQ(config.no_match, NoMatch::allow);
  EXPECT_EQ(config.registry.ca_by_host.at("h"), "f");
  EXPECT_EQ(config.namespace_labels.at("shop").at("tier"), "prod");
}

TEST(ConfigTest, NamesTheFlagThatIsWrong) {
  Config config;
  const std::pair<std::string, std::string> wrong[] = {{"tls.minVersion", "1.1"}};
  const auto done = apply_flags(config, wrong);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().what(), "--tls-min-version: must be one of 1.2, 1.3");
  const std::pair<std::string, std::string> unknown[] = {{"x", "y"}};
  EXPECT_FALSE(apply_flags(config, unknown));
}

TEST(ConfigTest, EverySettingHasOneNameAndOneFlag) {
  std::map<std::string_view, int> seen;
  for (const Setting& setting : settings()) {
    EXPECT_EQ(++seen[setting.name], 1) << setting.name;
    EXPECT_EQ(++seen[setting.flag], 1) << setting.flag;
    EXPECT_TRUE(setting.flag.starts_with("--"));
    EXPECT_FALSE(setting.help.empty());
    EXPECT_EQ(setting.first_key.empty(), setting.second_key.empty());
  }
}

}  // namespace
}  // namespace signet
