#include "server/net/tls.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/verify_context.hpp>
#include <ctime>
#include <memory>
#include <stdexcept>
#include <utility>

#include "core/base/text.hpp"
#include "core/crypto/openssl.hpp"
#include "core/crypto/serving.hpp"

namespace signet {
namespace {

constexpr std::size_t kNameShown = 100;
constexpr unsigned char kHttp11[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

Error not_usable(std::string_view what) {
  return {Reason::config_not_ready, std::string(what)};
}

BioOwner reader_of(const std::string& text) {
  return BioOwner(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

// Without it OpenSSL would ask the terminal.
int no_password(char*, int, int, void*) {
  return -1;
}

// An empty context, or why OpenSSL has none.
Result<TlsContext> empty_context(asio::ssl::context::method method) {
  try {
    return std::make_shared<asio::ssl::context>(method);
  } catch (const std::exception& failure) {
    return Error(Reason::internal, cat("making a TLS context: ", failure.what()));
  }
}

// What both sides do: no sessions to resume (a changed trust would not see them), nothing to
// renegotiate, no compression (security.md SR-38).
void harden(SSL_CTX* context, TlsVersion least) {
  SSL_CTX_set_min_proto_version(context,
                                least == TlsVersion::tls13 ? TLS1_3_VERSION : TLS1_2_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context, 0);
}

int choose_http11(SSL*, const unsigned char** chosen, unsigned char* length,
                  const unsigned char* offered, unsigned int size, void*) {
  unsigned char* found = nullptr;
  const int outcome =
      SSL_select_next_proto(&found, length, kHttp11, sizeof(kHttp11), offered, size);
  *chosen = found;
  return outcome == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

// Every certificate of the PEM becomes an anchor, also an intermediate one.
Result<void> add_anchors(SSL_CTX* context, const std::string& pem) {
  ErrorQueue errors;
  X509_STORE* const store = SSL_CTX_get_cert_store(context);
  const BioOwner text = reader_of(pem);
  std::size_t added = 0;
  while (true) {
    const CertificateOwner anchor(PEM_read_bio_X509(text.get(), nullptr, no_password, nullptr));
    if (!anchor) break;
    if (X509_STORE_add_cert(store, anchor.get()) != 1) {
      return not_usable(cat("a CA certificate cannot be used: ", errors.drain()));
    }
    ++added;
  }
  if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE) {
    return not_usable(cat("a CA certificate cannot be read: ", errors.drain()));
  }
  if (added == 0) return not_usable("no PEM certificate (BEGIN CERTIFICATE) was found");
  X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
  return {};
}

Result<void> use_chain(SSL_CTX* context, const std::string& pem) {
  ErrorQueue errors;
  const BioOwner text = reader_of(pem);
  const CertificateOwner leaf(PEM_read_bio_X509(text.get(), nullptr, no_password, nullptr));
  if (!leaf) return not_usable("the TLS certificate is no PEM certificate (BEGIN CERTIFICATE)");
  if (SSL_CTX_use_certificate(context, leaf.get()) != 1) {
    return not_usable(cat("the TLS certificate cannot be used: ", errors.drain()));
  }
  while (true) {
    const CertificateOwner next(PEM_read_bio_X509(text.get(), nullptr, no_password, nullptr));
    if (!next) break;
    if (SSL_CTX_add1_chain_cert(context, next.get()) != 1) {
      return not_usable(cat("a certificate of the TLS chain cannot be used: ", errors.drain()));
    }
  }
  if (ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE) return {};
  return not_usable(cat("a certificate of the TLS chain cannot be read: ", errors.drain()));
}

// Why there is no key in it, and the cure.
std::string_view no_key_in(std::string_view pem) {
  const auto holds = [pem](std::string_view mark) { return pem.find(mark) != pem.npos; };
  if (holds("BEGIN ENCRYPTED PRIVATE KEY") || holds("Proc-Type: 4,ENCRYPTED")) {
    return "the TLS key is encrypted; write it unencrypted: openssl pkey -in KEY -out FILE";
  }
  if (holds("BEGIN CERTIFICATE"))
    return "a certificate is where the TLS key should be; give its private key";
  return "the TLS key is no unencrypted PEM private key (BEGIN PRIVATE KEY)";
}

Result<void> use_key(SSL_CTX* context, const std::string& pem) {
  ErrorQueue errors;
  const BioOwner text = reader_of(pem);
  const KeyOwner key(PEM_read_bio_PrivateKey(text.get(), nullptr, no_password, nullptr));
  if (!key) return not_usable(no_key_in(pem));
  // OpenSSL compares it with the certificate here, and once more when asked.
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1 || SSL_CTX_check_private_key(context) != 1) {
    return not_usable("the TLS key does not belong to the TLS certificate; give the two of a pair");
  }
  return {};
}

std::string_view text_of(const ASN1_STRING* text) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
          static_cast<std::size_t>(ASN1_STRING_length(text))};
}

using GeneralNames = std::unique_ptr<GENERAL_NAMES, Freer<GENERAL_NAMES_free>>;

GeneralNames alternative_names(const X509* certificate) {
  return GeneralNames(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
}

std::string address_in(std::string_view octets) {
  asio::ip::address_v4::bytes_type four;
  asio::ip::address_v6::bytes_type six;
  if (octets.size() == four.size()) {
    std::copy(octets.begin(), octets.end(), four.begin());
    return asio::ip::address_v4(four).to_string();
  }
  if (octets.size() != six.size()) return "an address that is none";
  std::copy(octets.begin(), octets.end(), six.begin());
  return asio::ip::address_v6(six).to_string();
}

// Whether a certificate holds one of these names: CN or DNS name (webhook.md A.11).
bool is_named(const X509* certificate, const std::vector<std::string>& names) {
  const auto is_one = [&names](std::string_view found) {
    return std::find(names.begin(), names.end(), found) != names.end();
  };
  const X509_NAME* const subject = X509_get_subject_name(certificate);
  for (int at = -1; (at = X509_NAME_get_index_by_NID(subject, NID_commonName, at)) >= 0;) {
    if (is_one(text_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at))))) return true;
  }
  const GeneralNames others = alternative_names(certificate);
  for (int at = 0; at < sk_GENERAL_NAME_num(others.get()); ++at) {
    const GENERAL_NAME* const name = sk_GENERAL_NAME_value(others.get(), at);
    if (name->type == GEN_DNS && is_one(text_of(name->d.dNSName))) return true;
  }
  return false;
}

// The DNS names and addresses that a certificate is for, to be shown.
std::string names_in(const X509* certificate) {
  constexpr std::size_t kShown = 10;
  std::vector<std::string> found;
  const GeneralNames names = alternative_names(certificate);
  for (int at = 0; at < sk_GENERAL_NAME_num(names.get()); ++at) {
    const GENERAL_NAME* const name = sk_GENERAL_NAME_value(names.get(), at);
    if (name->type == GEN_DNS) found.push_back(printable(text_of(name->d.dNSName), kNameShown));
    if (name->type == GEN_IPADD) found.push_back(address_in(text_of(name->d.iPAddress)));
  }
  if (found.empty()) return "no host";
  if (found.size() > kShown) {
    found.resize(kShown);
    found.emplace_back("...");
  }
  return join(found, ", ");
}

// Where a connection keeps the certificate that it refused.
int refused_index() {
  static const int index = SSL_get_ex_new_index(
      0, nullptr, nullptr, nullptr, [](void*, void* kept, CRYPTO_EX_DATA*, int, long, void*) {
        X509_free(static_cast<X509*>(kept));
      });
  return index;
}

int keep_refused(int good, X509_STORE_CTX* path) {
  X509* const certificate = X509_STORE_CTX_get_current_cert(path);
  auto* const connection =
      static_cast<SSL*>(X509_STORE_CTX_get_ex_data(path, SSL_get_ex_data_X509_STORE_CTX_idx()));
  if (good == 1 || certificate == nullptr || connection == nullptr) return good;
  CertificateOwner before(static_cast<X509*>(SSL_get_ex_data(connection, refused_index())));
  X509_up_ref(certificate);
  if (SSL_set_ex_data(connection, refused_index(), certificate) != 1) {
    X509_free(certificate);
    before.release();
  }
  return good;
}

std::string end_of(const X509* certificate) {
  std::tm end{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &end) != 1) return "a time of its own";
  return format_time(TimePoint(std::chrono::seconds(::timegm(&end))));
}

std::string verify_failure(long verdict, std::string_view host, const X509* refused) {
  switch (verdict) {
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return cat("its certificate is for other names than ", host,
                 refused == nullptr ? "" : cat(": it is for ", names_in(refused)));
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return cat("its certificate, or one of its chain, has expired",
                 refused == nullptr ? "" : cat(": it was valid until ", end_of(refused)));
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return "its certificate is not valid yet; check the clock";
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
      return "its certificate is from an unknown authority; give that authority's certificate with "
             "registry.ca (--registry-ca)";
    default:
      return cat("its certificate is refused: ", X509_verify_cert_error_string(verdict));
  }
}

}  // namespace

Result<TlsContext> make_server_context(ServerTls settings) {
  auto context = empty_context(asio::ssl::context::tls_server);
  if (!context) return context;
  SSL_CTX* const handle = (*context)->native_handle();
  harden(handle, settings.least);
  SSL_CTX_set_options(handle, SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_alpn_select_cb(handle, choose_http11, nullptr);
  const auto chain = use_chain(handle, settings.keys.chain_pem);
  if (!chain) return chain.error();
  const auto key = use_key(handle, settings.keys.key_pem);
  if (!key) return key.error();
  if (settings.client_ca_pem.empty()) return context;
  const auto anchors = add_anchors(handle, settings.client_ca_pem);
  if (!anchors) return anchors.error().under("the CA of clients");
  SSL_CTX_set_verify(handle, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  if (settings.client_names.empty()) return context;
  (*context)->set_verify_callback(
      [names = std::move(settings.client_names)](bool good, asio::ssl::verify_context& path) {
        X509_STORE_CTX* const at = path.native_handle();
        // Depth 0 is the client itself; above it stand its authorities.
        if (!good || X509_STORE_CTX_get_error_depth(at) != 0) return good;
        return is_named(X509_STORE_CTX_get_current_cert(at), names);
      });
  return context;
}

Result<TlsContext> make_client_context(ClientTls settings) {
  auto context = empty_context(asio::ssl::context::tls_client);
  if (!context) return context;
  SSL_CTX* const handle = (*context)->native_handle();
  harden(handle, settings.least);
  SSL_CTX_set_verify(handle, SSL_VERIFY_PEER, keep_refused);
  SSL_CTX_set_alpn_protos(handle, kHttp11, sizeof(kHttp11));
  if (settings.system_anchors) {
    ErrorQueue errors;
    SSL_CTX_set_default_verify_paths(handle);
  }
  if (!settings.keys.chain_pem.empty()) {
    const auto chain = use_chain(handle, settings.keys.chain_pem);
    if (!chain) return chain.error();
    const auto key = use_key(handle, settings.keys.key_pem);
    if (!key) return key.error();
  }
  if (trim(settings.ca_pem).empty()) return context;
  const auto anchors = add_anchors(handle, settings.ca_pem);
  if (!anchors) return anchors.error();
  return context;
}

Result<KeyPair> make_self_signed(std::vector<std::string> names, TimePoint now,
                                 std::chrono::seconds valid_for) {
  if (names.empty()) return not_usable("a certificate needs a name");
  auto made = make_serving_certificate(nullptr, names, now, valid_for);
  if (!made) return made.error();
  return KeyPair{std::move(made->chain_pem), std::move(made->key_pem)};
}

Result<void> expect_host(SSL* connection, const std::string& host) {
  ErrorQueue errors;
  X509_VERIFY_PARAM* const wanted = SSL_get0_param(connection);
  boost::system::error_code failure;
  asio::ip::make_address(host, failure);
  bool set = false;
  if (!failure) {
    set = X509_VERIFY_PARAM_set1_ip_asc(wanted, host.c_str()) == 1;  // no SNI: RFC 6066 3
  } else {
    X509_VERIFY_PARAM_set_hostflags(wanted, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    set = X509_VERIFY_PARAM_set1_host(wanted, host.data(), host.size()) == 1 &&
          SSL_set_tlsext_host_name(connection, host.c_str()) == 1;
  }
  if (set) return {};
  return Error(Reason::registry_tls, cat("cannot ask for the certificate of ", printable(host)));
}

std::string_view version_of(const SSL* connection) {
  return SSL_get_version(connection);
}

std::string handshake_failure(const SSL* connection, std::string_view host,
                              const boost::system::error_code& failure) {
  ErrorQueue errors;
  const std::string start = cat("TLS with ", host, ": ");
  const long verdict = SSL_get_verify_result(connection);
  if (verdict != X509_V_OK) {
    const auto* const refused =
        static_cast<const X509*>(SSL_get_ex_data(connection, refused_index()));
    return start + verify_failure(verdict, host, refused);
  }
  const bool by_tls = failure.category() == asio::error::get_ssl_category();
  const int reason = by_tls ? ERR_GET_REASON(static_cast<unsigned long>(failure.value())) : 0;
  if (reason == SSL_R_WRONG_VERSION_NUMBER || reason == SSL_R_HTTP_REQUEST) {
    return start +
           "it does not speak TLS; a registry that only has HTTP must be listed in "
           "registry.plainHttp (--plain-http)";
  }
  if (reason == SSL_R_UNSUPPORTED_PROTOCOL || reason == SSL_R_TLSV1_ALERT_PROTOCOL_VERSION) {
    return start + "it offers only versions older than TLS 1.2";
  }
  if (!by_tls || failure == asio::ssl::error::stream_truncated) {
    return start + "it closed the connection during the handshake";
  }
  return start + failure.message();
}

}  // namespace signet
