#include "server/kube/kube_config.hpp"

#include <gtest/gtest.h>

#include "core/base/text.hpp"

namespace signet {
namespace {

std::string kubeconfig(const std::string& cluster, const std::string& user) {
  return cat("apiVersion: v1\nkind: Config\ncurrent-context: b\n",
             "contexts:\n- name: a\n  context: {cluster: none, user: none}\n",
             "- name: b\n  context: {cluster: c, user: u, namespace: signet}\n",
             "clusters: [{name: c, cluster: {", cluster, "}}]\n", "users: [{name: u, user: {", user,
             "}}]\n");
}
constexpr const char* kServer = "server: 'https://api.example:6443'";

TEST(KubeAccess, OfAPodIsItsEnvironmentAndItsServiceAccount) {
  const auto access = KubeAccess::in_cluster("10.0.0.1", "443");

  ASSERT_TRUE(access);
  EXPECT_EQ(access->server.str(), "https://10.0.0.1/");
  EXPECT_EQ(access->token.file, "/var/run/secrets/kubernetes.io/serviceaccount/token");
  EXPECT_EQ(access->ca.file, "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt");
  EXPECT_EQ(access->ns.file, "/var/run/secrets/kubernetes.io/serviceaccount/namespace");
}

TEST(KubeAccess, BracketsAnIpv6Address) {
  for (const std::string host : {"fd00::1", "[fd00::1]"}) {
    const auto access = KubeAccess::in_cluster(host, "443");
    ASSERT_TRUE(access) << host;
    EXPECT_EQ(access->server.host, "fd00::1");
  }
}

TEST(KubeAccess, OutsideAPodNamesTheSetting) {
  const auto access = KubeAccess::in_cluster("", "");
  ASSERT_FALSE(access);
  EXPECT_NE(access.error().what().find("--kubeconfig"), std::string::npos);
}

TEST(KubeAccess, OfAKubeconfigIsItsCurrentContext) {
  const auto access = KubeAccess::parse(
      "/etc/signet/kubeconfig",
      kubeconfig(cat(kServer, ", certificate-authority: pki/ca.pem"),
                 "client-certificate-data: Q0VSVA==, client-key-data: S0VZ, tokenFile: /t"));

  ASSERT_TRUE(access) << access.error().what();
  EXPECT_EQ(access->server.str(), "https://api.example:6443/");
  EXPECT_EQ(access->ca.file, "/etc/signet/pki/ca.pem") << "beside the kubeconfig";
  EXPECT_EQ(access->client_certificate.text, "CERT");
  EXPECT_EQ(access->client_key.text.reveal(), "KEY");
  EXPECT_EQ(access->token.file, "/t");
  EXPECT_EQ(access->ns.text, "signet");
}

TEST(KubeAccess, ReadsJsonToo) {
  const auto access = KubeAccess::parse("k", R"({"current-context": "x",
    "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
    "clusters": [{"name": "c", "cluster": {"server": "https://1.2.3.4"}}],
    "users": [{"name": "u", "user": {"token": "abc"}}]})");
  ASSERT_TRUE(access) << access.error().what();
  EXPECT_EQ(access->token.text.reveal(), "abc");
}

TEST(KubeAccess, RefusesWhatItCannotObeyAndSaysWhat) {
  struct Case {
    std::string cluster;
    std::string user;
    std::string says;
  };
  const Case cases[] = {
      {kServer, "exec: {command: aws}", "exec is not supported"},
      {kServer, "auth-provider: {name: gcp}", "auth-provider is not supported"},
      {kServer, "username: a, password: b", "username is not supported"},
      {kServer, "", "neither a token"},
      {kServer, "client-certificate: a.pem", "belong together"},
      {kServer, "client-certificate-data: '*', client-key-data: S0VZ", "no base64"},
      {cat(kServer, ", insecure-skip-tls-verify: true"), "token: t", "insecure-skip-tls-verify"},
      {cat(kServer, ", proxy-url: 'http://p'"), "token: t", "proxy-url"},
      {"server: 'http://api.example'", "token: t", "https"},
      {"certificate-authority: x", "token: t", "server"},
  };
  for (const Case& one : cases) {
    SCOPED_TRACE(one.says);
    const auto access = KubeAccess::parse("the-file", kubeconfig(one.cluster, one.user));
    ASSERT_FALSE(access);
    EXPECT_EQ(access.error().reason(), Reason::config_not_ready);
    EXPECT_NE(access.error().what().find(one.says), std::string::npos) << access.error().what();
    EXPECT_NE(access.error().what().find("the-file"), std::string::npos);
  }
  for (const std::string text : {"", "[", "a: 1", "current-context: x", "--- \na: 1\n---\nb: 2"})
    EXPECT_FALSE(KubeAccess::parse("k", text)) << text;
}

}  // namespace
}  // namespace signet
