#pragma once
// TLS contexts. A client checks three things or nothing: the chain to an anchor, the host name, and
// it says whom it wants (SNI). A server offers HTTP/1.1 only and keeps no sessions (security.md
// SR-38). Every connection keeps a shared_ptr to its context.

#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/time.hpp"

namespace signet {

namespace asio = boost::asio;
using TlsContext = std::shared_ptr<asio::ssl::context>;

enum class TlsVersion { tls12, tls13 };

struct KeyPair {
  std::string chain_pem;  // the leaf first
  std::string key_pem;
};

struct ServerTls {
  KeyPair keys;
  TlsVersion least = TlsVersion::tls13;
  std::string client_ca_pem;  // not empty: a client must show a certificate of one of these
  // Not empty: and it must hold one of these names, as CN or DNS name, letter by letter.
  std::vector<std::string> client_names;
};

struct ClientTls {
  std::string ca_pem;  // trusted beside the system's authorities
  bool system_anchors = true;
  TlsVersion least = TlsVersion::tls12;
  KeyPair keys{};  // shown to the server where it asks; empty: none
};

// Fails with config_not_ready: no key, no certificate, or they do not belong together.
Result<TlsContext> make_server_context(ServerTls settings);
Result<TlsContext> make_client_context(ClientTls settings);

// A P-256 key and a certificate for these names (DNS names or addresses), made in memory, valid
// from an hour before `now` for `valid_for`.
Result<KeyPair> make_self_signed(std::vector<std::string> names, TimePoint now,
                                 std::chrono::seconds valid_for = std::chrono::hours(24 * 365));

// For one connection of a client: SNI and the name or address that the certificate must be for.
Result<void> expect_host(SSL* connection, const std::string& host);
// "TLSv1.3", after the handshake.
std::string_view version_of(const SSL* connection);
// Why a handshake failed, in words with a cure; drains OpenSSL's queue.
std::string handshake_failure(const SSL* connection, std::string_view host,
                              const boost::system::error_code& failure);

}  // namespace signet
