#include "server/net/tls.hpp"

#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/ssl.h>

#include <string>

#include "core/base/text.hpp"
#include "core/crypto/openssl.hpp"
#include "tests/server/net/pki.hpp"

namespace signet {
namespace {

using testing::ServerPki;
using testing::today;

using Session = std::unique_ptr<SSL, Freer<SSL_free>>;

// A client and a server that talk through memory.
class Pair {
 public:
  Pair(const TlsContext& client_context, const TlsContext& server_context)
      : client(SSL_new(client_context->native_handle())),
        server(SSL_new(server_context->native_handle())) {
    BIO* client_end = nullptr;
    BIO* server_end = nullptr;
    BIO_new_bio_pair(&client_end, 65536, &server_end, 65536);
    SSL_set_bio(client.get(), client_end, client_end);
    SSL_set_bio(server.get(), server_end, server_end);
    SSL_set_connect_state(client.get());
    SSL_set_accept_state(server.get());
  }

  // Whether both sides say that it succeeded.
  bool shake_hands() {
    const ErrorQueue errors;
    int client_done = 0;
    int server_done = 0;
    for (int round = 0; round < 10; ++round) {
      client_done = SSL_do_handshake(client.get());
      server_done = SSL_do_handshake(server.get());
    }
    return client_done == 1 && server_done == 1;
  }
  std::string protocol() const {
    const unsigned char* name = nullptr;
    unsigned int size = 0;
    SSL_get0_alpn_selected(client.get(), &name, &size);
    return std::string(reinterpret_cast<const char*>(name), size);
  }

  Session client;
  Session server;
};

struct TlsTest : ::testing::Test {
  TlsContext client(TlsVersion least = TlsVersion::tls12) const {
    ClientTls settings;
    settings.ca_pem = pki.ca_pem();
    settings.system_anchors = false;
    settings.least = least;
    return *make_client_context(settings);
  }
  ServerTls server_settings() const {
    ServerTls settings;
    settings.keys = pki.keys("DNS:reg.test");
    return settings;
  }
  std::string refusal(const ServerTls& settings) const {
    const auto context = make_server_context(settings);
    if (context) return "";
    EXPECT_EQ(context.error().reason(), Reason::config_not_ready);
    return context.error().what();
  }

  ServerPki pki;
};

TEST_F(TlsTest, AServerSpeaksTls13AndHttp11) {
  Pair pair(client(), *make_server_context(server_settings()));
  ASSERT_TRUE(pair.shake_hands());
  EXPECT_EQ(SSL_version(pair.client.get()), TLS1_3_VERSION);
  EXPECT_EQ(pair.protocol(), "http/1.1");
}

TEST_F(TlsTest, AServerRefusesTls12UnlessItIsSet) {
  const TlsContext old = client();
  SSL_CTX_set_max_proto_version(old->native_handle(), TLS1_2_VERSION);
  ServerTls settings = server_settings();
  EXPECT_FALSE(Pair(old, *make_server_context(settings)).shake_hands());
  settings.least = TlsVersion::tls12;
  EXPECT_TRUE(Pair(old, *make_server_context(settings)).shake_hands());
}

TEST_F(TlsTest, AServerChoosesHttp11FromAnOfferAndRefusesHttp2Alone) {
  const TlsContext server = *make_server_context(server_settings());
  const TlsContext both = client();
  const unsigned char h2_first[] = {2, 'h', '2', 8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  SSL_CTX_set_alpn_protos(both->native_handle(), h2_first, sizeof(h2_first));
  Pair pair(both, server);
  ASSERT_TRUE(pair.shake_hands());
  EXPECT_EQ(pair.protocol(), "http/1.1");

  const TlsContext h2 = client();
  SSL_CTX_set_alpn_protos(h2->native_handle(), h2_first, 3);
  EXPECT_FALSE(Pair(h2, server).shake_hands());
}

TEST_F(TlsTest, AServerKeepsNoSessions) {
  const TlsContext server = *make_server_context(server_settings());
  EXPECT_EQ(SSL_CTX_get_session_cache_mode(server->native_handle()), SSL_SESS_CACHE_OFF);
  EXPECT_EQ(SSL_CTX_get_num_tickets(server->native_handle()), 0U);
  const auto options = SSL_CTX_get_options(server->native_handle());
  EXPECT_NE(options & SSL_OP_NO_TICKET, 0U);
  EXPECT_NE(options & SSL_OP_NO_RENEGOTIATION, 0U);
  EXPECT_NE(options & SSL_OP_NO_COMPRESSION, 0U);
}

TEST_F(TlsTest, AServerWithAClientCaWantsACertificate) {
  const ServerPki clients;
  ServerTls settings = server_settings();
  settings.client_ca_pem = clients.ca_pem();
  const TlsContext server = *make_server_context(settings);

  const auto server_accepts = [&](const TlsContext& context) {
    Pair pair(context, server);
    pair.shake_hands();
    return SSL_is_init_finished(pair.server.get()) == 1;
  };
  EXPECT_FALSE(server_accepts(client()));

  const auto with_keys = [&](const KeyPair& keys) {
    TlsContext context = client();
    context->use_certificate_chain(asio::buffer(keys.chain_pem));
    context->use_private_key(asio::buffer(keys.key_pem), asio::ssl::context::pem);
    return context;
  };
  EXPECT_FALSE(server_accepts(with_keys(pki.keys("DNS:stranger.test"))));
  EXPECT_TRUE(server_accepts(with_keys(clients.keys("DNS:api.test"))));
}

TEST_F(TlsTest, RefusesKeysThatDoNotBelongTogether) {
  ServerTls settings = server_settings();
  settings.keys.key_pem = pki.keys("DNS:reg.test").key_pem;
  EXPECT_NE(refusal(settings).find("does not belong"), std::string::npos);
}

TEST_F(TlsTest, SaysWhatIsWrongWithAKeyOrACertificate) {
  ServerTls settings = server_settings();
  settings.keys.chain_pem = "rubbish";
  EXPECT_NE(refusal(settings).find("certificate"), std::string::npos);

  settings = server_settings();
  settings.keys.key_pem = settings.keys.chain_pem;
  EXPECT_NE(refusal(settings).find("private key"), std::string::npos);

  settings = server_settings();
  std::swap(settings.keys.key_pem, settings.keys.chain_pem);
  EXPECT_NE(refusal(settings).find("certificate"), std::string::npos);

  settings = server_settings();
  settings.keys.chain_pem += "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
  EXPECT_NE(refusal(settings).find("chain"), std::string::npos);

  settings = server_settings();
  settings.client_ca_pem = "rubbish";
  EXPECT_NE(refusal(settings).find("CA of clients"), std::string::npos);
}

TEST_F(TlsTest, NeverAsksTheTerminalForAPassword) {
  ServerTls settings = server_settings();
  const ErrorQueue errors;
  const BioOwner in(BIO_new_mem_buf(settings.keys.key_pem.data(), -1));
  const KeyOwner key(PEM_read_bio_PrivateKey(in.get(), nullptr, nullptr, nullptr));
  const BioOwner out(BIO_new(BIO_s_mem()));
  char password[] = "secret";
  ASSERT_EQ(PEM_write_bio_PKCS8PrivateKey(out.get(), key.get(), EVP_aes_256_cbc(), password, 6,
                                          nullptr, nullptr),
            1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(out.get(), &data);
  settings.keys.key_pem.assign(data, static_cast<std::size_t>(size));
  EXPECT_NE(refusal(settings).find("unencrypted"), std::string::npos);
}

TEST_F(TlsTest, AClientChecksTheNameThatItExpects) {
  const TlsContext server = *make_server_context(server_settings());
  Pair right(client(), server);
  ASSERT_TRUE(expect_host(right.client.get(), "reg.test"));
  EXPECT_TRUE(right.shake_hands());
  EXPECT_STREQ(SSL_get_servername(right.server.get(), TLSEXT_NAMETYPE_host_name), "reg.test");

  Pair wrong(client(), server);
  ASSERT_TRUE(expect_host(wrong.client.get(), "other.test"));
  EXPECT_FALSE(wrong.shake_hands());
  EXPECT_EQ(handshake_failure(wrong.client.get(), "other.test", {}),
            "TLS with other.test: its certificate is for other names than other.test: it is for "
            "reg.test");
}

TEST_F(TlsTest, ARefusedCertificateIsShownWithTenOfItsNames) {
  const auto shown = [this](const std::string& names) {
    ServerTls settings;
    settings.keys = pki.keys(names);
    Pair pair(client(), *make_server_context(settings));
    EXPECT_TRUE(expect_host(pair.client.get(), "other.test"));
    EXPECT_FALSE(pair.shake_hands());
    const std::string text = handshake_failure(pair.client.get(), "other.test", {});
    return text.substr(text.rfind("it is for "));
  };
  EXPECT_EQ(shown("IP:127.0.0.1,IP:::1,URI:https://a.test"), "it is for 127.0.0.1, ::1");
  EXPECT_EQ(shown("URI:https://a.test"), "it is for no host");
  std::string ten = "DNS:0.test";
  for (int i = 1; i < 10; ++i)
    ten += cat(",DNS:", std::to_string(i), ".test");
  EXPECT_TRUE(shown(ten).ends_with(", 9.test"));
  EXPECT_TRUE(shown(ten + ",DNS:10.test").ends_with(", 9.test, ..."));
}

TEST_F(TlsTest, AClientWithoutAnchorsTrustsNobody) {
  ClientTls settings;
  settings.system_anchors = false;
  Pair pair(*make_client_context(settings), *make_server_context(server_settings()));
  EXPECT_FALSE(pair.shake_hands());
  EXPECT_NE(handshake_failure(pair.client.get(), "reg.test", {}).find("unknown authority"),
            std::string::npos);
}

TEST_F(TlsTest, MakesASelfSignedCertificateForNamesAndAddresses) {
  ServerTls server;
  server.keys = *make_self_signed({"signet.test", "127.0.0.1", "::1"}, today());
  ClientTls trusting;
  trusting.ca_pem = server.keys.chain_pem;
  trusting.system_anchors = false;
  const TlsContext client_context = *make_client_context(trusting);
  const TlsContext server_context = *make_server_context(server);
  for (const char* host : {"signet.test", "127.0.0.1", "::1"}) {
    SCOPED_TRACE(host);
    Pair pair(client_context, server_context);
    ASSERT_TRUE(expect_host(pair.client.get(), host));
    EXPECT_TRUE(pair.shake_hands());
  }
  Pair other(client_context, server_context);
  ASSERT_TRUE(expect_host(other.client.get(), "other.test"));
  EXPECT_FALSE(other.shake_hands());
}

TEST_F(TlsTest, MakesNoCertificateWithoutAName) {
  EXPECT_FALSE(make_self_signed({}, today()));
}

}  // namespace
}  // namespace signet
