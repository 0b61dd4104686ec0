#pragma once
// The server's certificate: read from files and read again when they change. A pair that cannot
// serve (no match, expired, unreadable) is told and the old one stays. Live connections keep the
// context they began with.

#include <optional>
#include <string>
#include <vector>

#include "server/net/tls.hpp"
#include "server/runtime/files.hpp"
#include "server/runtime/log.hpp"
#include "server/runtime/metrics.hpp"
#include "server/runtime/task.hpp"

namespace signet {

struct TlsFiles {
  std::string cert;
  std::string key;
  TlsVersion least = TlsVersion::tls13;
};

class TlsReload {
 public:
  TlsReload(TlsFiles files, Clock clock, Metrics& metrics, Log& log);
  TlsReload(const TlsReload&) = delete;
  TlsReload& operator=(const TlsReload&) = delete;

  // The first load; fails with config_not_ready and names the file.
  Result<void> load();
  // Instead of files: a certificate made in memory for these names.
  Result<void> make_own(std::vector<std::string> names);
  // For Background: looks whether the files changed, and loads them if so.
  Task<Result<void>> refresh();

  // nullptr before the first load.
  const TlsContext& current() const { return current_; }
  // The certificate chain that is served (PEM), so that clients can be told whom to trust.
  const std::string& chain_pem() const { return chain_pem_; }
  // For /readyz: there is a certificate, and it has not ended.
  Result<void> usable() const;

 private:
  struct Stamps {
    std::optional<FileStamp> cert;
    std::optional<FileStamp> key;
    friend bool operator==(const Stamps&, const Stamps&) = default;
  };
  Stamps stamps() const;
  Result<void> take(KeyPair keys);

  TlsFiles files_;
  Clock clock_;
  Metrics& metrics_;
  Log& log_;
  Stamps seen_;
  TlsContext current_;
  std::string chain_pem_;
  TimePoint not_after_{};
};

}  // namespace signet
