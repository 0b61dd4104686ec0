#pragma once
// The server's certificate, and the authorities of its clients where they must show one: read from
// files and read again when they change. What cannot serve (no match, expired, unreadable) is told
// and the old one stays. Live connections keep the context they began with.

#include <optional>
#include <string>
#include <vector>

#include "server/net/tls.hpp"
#include "server/runtime/reloader.hpp"

namespace signet {

struct TlsFiles {
  std::string cert;
  std::string key;
  TlsVersion least = TlsVersion::tls13;
  std::string client_ca{};                  // empty: clients need no certificate
  std::vector<std::string> client_names{};  // one of them must be in it, as CN or DNS name
  std::string host{};                       // that clients call; `cert` must name it; empty: any
};

class TlsReload {
 public:
  TlsReload(TlsFiles files, Clock clock, Metrics& metrics);
  TlsReload(const TlsReload&) = delete;
  TlsReload& operator=(const TlsReload&) = delete;

  // For a Reloader each; load the authorities of clients first. Fails with config_not_ready and
  // names the file.
  Watched pair();
  Watched client_ca();
  // Instead of files: a certificate made in memory for these names, or one that somebody else made.
  Result<void> make_own(std::vector<std::string> names);
  Result<void> use(KeyPair keys);

  // nullptr before the first load.
  const TlsContext& current() const { return current_; }
  // The certificate chain that is served (PEM), so that clients can be told whom to trust.
  const std::string& chain_pem() const { return parts_.keys.chain_pem; }
  // For /readyz: there is a certificate, and it has not ended.
  Result<void> usable() const;

 private:
  // What is served with, as a whole.
  struct Parts {
    KeyPair keys;
    std::string client_ca_pem;
    TimePoint not_after{};
  };
  Result<Built> build_pair();
  Result<Built> build_client_ca();
  Result<KeyPair> read_pair() const;
  Result<TimePoint> end_of(const std::string& chain_pem) const;
  Result<Built> built(Parts parts, std::string_view usage);
  Result<Built> counted(Result<Built> outcome, std::string_view usage);
  void serve(Parts parts, TlsContext context, std::string_view usage);

  TlsFiles files_;
  Clock clock_;
  Metrics& metrics_;
  TlsContext current_;
  Parts parts_;
};

}  // namespace signet
