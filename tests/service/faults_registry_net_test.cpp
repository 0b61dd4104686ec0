// Faults below HTTP that a whole service cannot be shown on one machine: certificates, names and
// proxies (security.md 4.4), against the registry client with a resolver that answers as scripted.

#include <openssl/ssl.h>

#include "core/base/text.hpp"
#include "server/registry/client.hpp"
#include "tests/server/net/transport_fixture.hpp"

namespace signet {
namespace {

using namespace testing;
using namespace std::chrono_literals;

const std::string kBody = R"({"schemaVersion":2})";

class RegistryNetFaults : public TransportFixture {
 protected:
  static Script honest() {
    return always(ok(kBody, "Content-Type: application/vnd.oci.image.manifest.v1+json\r\n"));
  }
  // What comes of asking for a manifest of that host; verified where there is one.
  Reason ask(const std::string& host, std::uint16_t port) {
    RegistrySettings all;
    all.net = settings;
    all.allowed_hosts = {cat(host, ":", std::to_string(port))};
    transport = *HttpsTransport::make(loop.get_executor(), resolver, settings);
    RegistryClient client(
        loop.get_executor(), *transport, [] { return TimePoint(); }, all);
    const Repository app = *Repository::parse(cat(host, ":", std::to_string(port), "/team/app"));
    const auto found = run_on(
        loop, client.manifest(app, Digest::of(kBody).str(), Access::own, deadline_in(kLong)));
    transport->close_idle();
    message = found ? "" : found.error().what();
    return found ? Reason::verified : found.error().reason();
  }
  Reason ask(const Loopback& server, const std::string& host = "reg.test") {
    return ask(host, server.port());
  }
  void expect_tls_error(TlsContext context, const std::string& what) {
    const Loopback faulty(loop, {honest()}, std::move(context));
    EXPECT_EQ(ask(faulty), Reason::registry_tls);
    EXPECT_NE(message.find(what), std::string::npos) << message;
    // Asked once, over TLS: no second try without it.
    EXPECT_EQ(faulty.accepted(), 1U);
    const Loopback sound(loop, {honest()}, pki.server("DNS:reg.test"));
    EXPECT_EQ(ask(sound), Reason::verified) << message;
  }

  std::string message;
};

TEST_F(RegistryNetFaults, FI11_AnExpiredCertificate) {
  expect_tls_error(pki.server("DNS:reg.test", today() - std::chrono::hours(1)), "expired");
}

TEST_F(RegistryNetFaults, FI11_ACertificateForAnotherHost) {
  expect_tls_error(pki.server("DNS:other.test"), "other names");
}

TEST_F(RegistryNetFaults, FI11_AnUnknownAuthority) {
  expect_tls_error(ServerPki().server("DNS:reg.test"), "unknown authority");
}

TEST_F(RegistryNetFaults, FI11_ASelfSignedCertificate) {
  ServerTls tls;
  tls.keys = *make_self_signed({"reg.test"}, today());
  expect_tls_error(*make_server_context(tls), "reg.test");
}

TEST_F(RegistryNetFaults, FI11_ATlsVersionOfTheLastCentury) {
  TlsContext old = pki.server("DNS:reg.test");
  SSL_CTX_set_min_proto_version(old->native_handle(), TLS1_VERSION);
  SSL_CTX_set_max_proto_version(old->native_handle(), TLS1_VERSION);
  SSL_CTX_set_cipher_list(old->native_handle(), "ALL:@SECLEVEL=0");
  expect_tls_error(old, "reg.test");
}

TEST_F(RegistryNetFaults, FI12_ANameThatDoesNotExistOrAServerThatFails) {
  const Loopback server(loop, {honest()}, pki.server("DNS:reg.test"));
  resolver.addresses.clear();
  EXPECT_EQ(ask(server), Reason::registry_dns);
  EXPECT_NE(message.find("reg.test"), std::string::npos) << message;
  EXPECT_EQ(server.accepted(), 0U);

  resolver.add("reg.test", "127.0.0.1");
  EXPECT_EQ(ask(server), Reason::verified) << message;
}

TEST_F(RegistryNetFaults, FI12_ANameServerThatDoesNotAnswer) {
  const Loopback server(loop, {honest()}, pki.server("DNS:reg.test"));
  resolver.silent = true;
  settings.timers.dns = kShort;
  EXPECT_EQ(ask(server), Reason::registry_dns);

  resolver.silent = false;
  EXPECT_EQ(ask(server), Reason::verified) << message;
}

TEST_F(RegistryNetFaults, FI12_AFirstAddressWhereNobodyListens) {
  const Loopback server(loop, {honest()}, pki.server("DNS:reg.test"));
  resolver.addresses["reg.test"] = {asio::ip::make_address("::1")};
  EXPECT_EQ(ask(server), Reason::registry_unreachable);

  resolver.add("reg.test", "127.0.0.1");
  EXPECT_EQ(ask(server), Reason::verified) << message;
}

// Another answer for every look-up, as a rebinding name server gives.
class RebindingResolver final : public Resolver {
 public:
  Task<Result<Addresses>> resolve(std::string, Deadline) override {
    const char* const address = asked++ == 0 ? "127.0.0.1" : "127.0.0.2";
    co_return Addresses(1, asio::ip::make_address(address));
  }
  int asked = 0;
};

TEST_F(RegistryNetFaults, FI12_ANameThatMovesBetweenTheCheckAndTheConnection) {
  const Loopback checked(loop, {honest()}, pki.server("DNS:reg.test"));
  RebindingResolver rebinding;
  settings.addresses.enabled = true;
  settings.addresses.allow_private = {
      AllowPrivate{cat("reg.test:", std::to_string(checked.port())), {*Cidr::parse("127.0.0.1")}}};
  transport = *HttpsTransport::make(loop.get_executor(), rebinding, settings);

  // One look-up, whose answer is the one that is checked and dialled.
  EXPECT_TRUE(run_on(loop, transport->send(get(https(checked)), deadline_in(kLong))));
  EXPECT_EQ(rebinding.asked, 1);
  EXPECT_EQ(checked.accepted(), 1U);

  transport->close_idle();
  const auto moved = run_on(loop, transport->send(get(https(checked)), deadline_in(kLong)));
  ASSERT_FALSE(moved);
  EXPECT_EQ(moved.error().reason(), Reason::registry_blocked);
  EXPECT_EQ(checked.accepted(), 1U);
}

TEST_F(RegistryNetFaults, FI43_ARegistryWithIPv6AloneIsReachedWhateverTheProxyVariablesSay) {
  const Loopback server(loop, {honest()}, pki.server("IP:::1"), "::1");
  ProxyVariables variables;
  variables.https_proxy = "http://127.0.0.1:1";  // nobody listens there
  settings.proxies = *Proxies::parse(variables);

  EXPECT_EQ(ask("[::1]", server.port()), Reason::verified) << message;
}

TEST_F(RegistryNetFaults, FI43_AProxyIsUsedForOtherHostsUnlessNoProxyNamesThem) {
  const Loopback server(loop, {honest()}, pki.server("DNS:reg.test"));
  const Loopback proxy(loop, {once("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")});
  ProxyVariables variables;
  variables.https_proxy = cat("127.0.0.1:", std::to_string(proxy.port()));
  settings.proxies = *Proxies::parse(variables);
  EXPECT_EQ(ask(server), Reason::registry_unreachable);
  EXPECT_EQ(proxy.accepted(), 1U);
  EXPECT_EQ(server.accepted(), 0U);

  variables.no_proxy = "reg.test";
  settings.proxies = *Proxies::parse(variables);
  EXPECT_EQ(ask(server), Reason::verified) << message;
  EXPECT_EQ(proxy.accepted(), 1U);
}

}  // namespace
}  // namespace signet
