// Whom the transport talks to: TLS identities, and addresses that must never see a packet.

#include <openssl/ssl.h>

#include "tests/server/net/transport_fixture.hpp"

namespace signet {
namespace {

using namespace testing;

using HttpsTrustTest = TransportFixture;

TEST_F(HttpsTrustTest, RefusesACertificateForAnotherName) {
  const Loopback server(loop, {always(ok("x"))}, pki.server("DNS:other.test,DNS:*.reg.test"));
  const auto reply = send(get(https(server)));
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().reason(), Reason::registry_tls);
  EXPECT_NE(reply.error().what().find("other names"), std::string::npos);
}

TEST_F(HttpsTrustTest, RefusesAnUnknownAuthorityAndNamesTheCure) {
  const Loopback server(loop, {always(ok("x"))}, ServerPki().server("DNS:reg.test"));
  const auto reply = send(get(https(server)));
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().reason(), Reason::registry_tls);
  EXPECT_NE(reply.error().what().find("unknown authority"), std::string::npos);
  EXPECT_NE(reply.error().what().find("registry.ca"), std::string::npos);
}

TEST_F(HttpsTrustTest, RefusesASelfSignedCertificate) {
  ServerTls tls;
  tls.keys = *make_self_signed({"reg.test"}, today());
  const Loopback server(loop, {always(ok("x"))}, *make_server_context(tls));
  EXPECT_EQ(reason_of(get(https(server))), Reason::registry_tls);
}

TEST_F(HttpsTrustTest, RefusesAnExpiredCertificate) {
  const Loopback server(loop, {always(ok("x"))},
                        pki.server("DNS:reg.test", today() - std::chrono::hours(1)));
  const auto reply = send(get(https(server)));
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().reason(), Reason::registry_tls);
  EXPECT_NE(reply.error().what().find("expired"), std::string::npos);
}

TEST_F(HttpsTrustTest, RefusesVersionsBelowTls12) {
  TlsContext old = pki.server("DNS:reg.test");
  SSL_CTX_set_min_proto_version(old->native_handle(), TLS1_VERSION);
  SSL_CTX_set_max_proto_version(old->native_handle(), TLS1_1_VERSION);
  SSL_CTX_set_cipher_list(old->native_handle(), "ALL:@SECLEVEL=0");
  const Loopback server(loop, {always(ok("x"))}, old);
  EXPECT_EQ(reason_of(get(https(server))), Reason::registry_tls);
}

TEST_F(HttpsTrustTest, TakesAnAddressThatTheCertificateNames) {
  const Loopback named(loop, {always(ok("x"))}, pki.server("IP:127.0.0.1"));
  EXPECT_TRUE(send(get(https(named, "127.0.0.1"))));
  const Loopback unnamed(loop, {always(ok("x"))}, pki.server("DNS:127.0.0.1"));
  EXPECT_EQ(reason_of(get(https(unnamed, "127.0.0.1"))), Reason::registry_tls);
}

TEST_F(HttpsTrustTest, TrustsTheCaOfAHostForThatHostAlone) {
  const ServerPki own;
  const Loopback server(loop, {always(ok("x"))}, own.server("DNS:reg.test,DNS:other.test"));
  resolver.add("other.test", "127.0.0.1");
  settings.ca_pem_by_host["reg.test"] = own.ca_pem();
  EXPECT_TRUE(send(get(https(server))));
  EXPECT_EQ(reason_of(get(https(server, "other.test"))), Reason::registry_tls);
}

TEST_F(HttpsTrustTest, SendsNoPacketToABlockedAddress) {
  const Loopback server(loop, {always(ok("x"))}, pki.server("DNS:reg.test,IP:127.0.0.1"));
  settings.addresses.enabled = true;
  for (const char* host : {"reg.test", "127.0.0.1", "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]"}) {
    SCOPED_TRACE(host);
    const auto reply = send(get(https(server, host)));
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().reason(), Reason::registry_blocked);
  }
  loop.poll();
  EXPECT_EQ(server.accepted(), 0U);
}

TEST_F(HttpsTrustTest, AsksNoNameForAPortThatIsNeverDialled) {
  settings.addresses.enabled = true;
  EXPECT_EQ(reason_of(get("https://reg.test:6379/")), Reason::registry_blocked);
  EXPECT_EQ(resolver.asked, 0);
}

TEST_F(HttpsTrustTest, DialsAPrivateAddressThatIsAllowedForThatHost) {
  const Loopback server(loop, {always(ok("x"))}, pki.server("DNS:reg.test,DNS:other.test"));
  resolver.add("other.test", "127.0.0.1");
  settings.addresses.enabled = true;
  settings.addresses.allow_private.push_back(
      AllowPrivate{"reg.test", {*Cidr::parse("127.0.0.1/32")}});
  EXPECT_TRUE(send(get(https(server))));
  EXPECT_EQ(reason_of(get(https(server, "other.test"))), Reason::registry_blocked);
  EXPECT_EQ(server.accepted(), 1U);
}

TEST_F(HttpsTrustTest, DialsTheAddressThatWasCheckedAndNoOther) {
  const Loopback checked(loop, {always(ok("checked"))}, pki.server("DNS:rebind.test"));
  const Loopback inside(loop, {always(ok("inside"))}, pki.server("DNS:rebind.test"), "127.0.0.2",
                        checked.port());
  resolver.add("rebind.test", "127.0.0.2");
  resolver.add("rebind.test", "127.0.0.1");
  settings.addresses.enabled = true;
  settings.addresses.allow_private.push_back(
      AllowPrivate{"rebind.test", {*Cidr::parse("127.0.0.1/32")}});

  const auto reply = send(get(https(checked, "rebind.test")));
  ASSERT_TRUE(reply) << reply.error().what();
  EXPECT_EQ(reply->body, "checked");
  EXPECT_EQ(resolver.asked, 1);

  // The name now leads inside alone: the next dial resolves once more and refuses.
  resolver.addresses["rebind.test"] = {asio::ip::make_address("127.0.0.2")};
  transport->close_idle();
  EXPECT_EQ(reason_of(get(https(checked, "rebind.test"))), Reason::registry_blocked);
  EXPECT_EQ(inside.accepted(), 0U);
}

}  // namespace
}  // namespace signet
