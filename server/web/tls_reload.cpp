#include "server/web/tls_reload.hpp"

#include "core/base/limits.hpp"
#include "core/base/text.hpp"
#include "core/crypto/certificate.hpp"

namespace signet {
namespace {

constexpr std::size_t kCertificateFileBytes = 256 * kKiB;
constexpr std::size_t kKeyFileBytes = 64 * kKiB;

Error not_ready(std::string what) {
  return {Reason::config_not_ready, std::move(what)};
}

}  // namespace

TlsReload::TlsReload(TlsFiles files, Clock clock, Metrics& metrics, Log& log)
    : files_(std::move(files)), clock_(std::move(clock)), metrics_(metrics), log_(log) {}

TlsReload::Stamps TlsReload::stamps() const {
  return Stamps{stamp_of(files_.cert), stamp_of(files_.key)};
}

Result<void> TlsReload::load() {
  // Taken before reading: a change in between is seen the next time.
  seen_ = stamps();
  auto chain = read_file(files_.cert, kCertificateFileBytes);
  if (!chain) return chain.error();
  auto key = read_file(files_.key, kKeyFileBytes);
  if (!key) return key.error();
  KeyPair keys{std::move(*chain), std::move(*key)};
  const auto taken = take(std::move(keys));
  return taken ? taken : taken.error().under(files_.cert);
}

Result<void> TlsReload::make_own(std::vector<std::string> names) {
  auto keys = make_self_signed(std::move(names), clock_());
  if (!keys) return keys.error();
  return take(std::move(*keys));
}

Result<void> TlsReload::take(KeyPair keys) {
  const auto chain = parse_certificates(keys.chain_pem, kCertificates);
  if (!chain) return not_ready("the certificate cannot be read: " + chain.error().what());
  const TimePoint not_after = chain->front().not_after();
  if (not_after < clock_()) {
    return not_ready("the certificate ended at " + format_time(not_after) + "; renew it");
  }
  std::string chain_pem = keys.chain_pem;
  ServerTls settings;
  settings.keys = std::move(keys);
  settings.least = files_.least;
  auto context = make_server_context(std::move(settings));
  if (!context) return context.error();
  current_ = std::move(*context);
  chain_pem_ = std::move(chain_pem);
  not_after_ = not_after;
  metrics_.tls_not_after.set({"serving"},
                             static_cast<double>(not_after.time_since_epoch().count()));
  return {};
}

Task<Result<void>> TlsReload::refresh() {
  if (files_.cert.empty() || stamps() == seen_) co_return Result<void>();
  const auto loaded = load();
  metrics_.tls_reloads.add({"serving", loaded ? "ok" : "failed"});
  if (!loaded) {
    log_.write(LogLine(LogLevel::error, "tls", "certificate_kept",
                       "a changed key pair cannot serve; the old one stays")
                   .with("error", loaded.error().what()));
    co_return loaded;
  }
  log_.write(LogLine(LogLevel::info, "tls", "certificate_loaded", "a changed key pair serves now")
                 .with("not_after", format_time(not_after_)));
  co_return loaded;
}

Result<void> TlsReload::usable() const {
  if (!current_) return not_ready("no certificate is loaded");
  if (not_after_ < clock_()) {
    return not_ready("the certificate ended at " + format_time(not_after_));
  }
  return {};
}

}  // namespace signet
