#pragma once
// A CA for the certificates of loopback servers, valid at the time of the test run.

#include <chrono>
#include <string>

#include "server/net/tls.hpp"
#include "tests/support/certificates.hpp"

namespace signet::testing {

inline TimePoint today() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

class ServerPki {
 public:
  ServerPki() : ca_(make_ca()) {}

  std::string ca_pem() const { return ca_.pem(); }
  // `names` as OpenSSL writes them: "DNS:reg.test,IP:127.0.0.1".
  KeyPair keys(const std::string& names, TimePoint until = today() + std::chrono::hours(1)) const {
    CertificateSpec spec = leaf_spec("server@test.example");
    spec.common_name = "server";
    spec.alternative_names = names;
    spec.not_before = today() - std::chrono::hours(48);
    spec.not_after = until;
    const TestCa server = issue(ca_, spec);
    return KeyPair{server.pem(), server.key.private_pem()};
  }
  TlsContext server(const std::string& names,
                    TimePoint until = today() + std::chrono::hours(1)) const {
    ServerTls settings;
    settings.keys = keys(names, until);
    auto context = make_server_context(std::move(settings));
    return *std::move(context);
  }

 private:
  static TestCa make_ca() {
    CertificateSpec spec = root_spec("Test servers");
    spec.not_before = today() - std::chrono::hours(72);
    spec.not_after = today() + std::chrono::hours(72);
    return self_signed(spec);
  }

  TestCa ca_;
};

}  // namespace signet::testing
