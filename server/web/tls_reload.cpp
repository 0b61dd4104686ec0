#include "server/web/tls_reload.hpp"

#include <algorithm>

#include "core/base/limits.hpp"
#include "core/base/text.hpp"
#include "core/crypto/serving.hpp"

namespace signet {
namespace {

constexpr std::size_t kCertificateFileBytes = 256 * kKiB;
constexpr std::size_t kKeyFileBytes = 64 * kKiB;

Error not_ready(std::string what) {
  return {Reason::config_not_ready, std::move(what)};
}

double seconds_of(TimePoint at) {
  return static_cast<double>(at.time_since_epoch().count());
}

// The first end among authorities.
TimePoint end_of_any(const std::vector<Certificate>& authorities) {
  return std::min_element(authorities.begin(), authorities.end(),
                          [](const Certificate& a, const Certificate& b) {
                            return a.not_after() < b.not_after();
                          })
      ->not_after();
}

}  // namespace

TlsReload::TlsReload(TlsFiles files, Clock clock, Metrics& metrics)
    : files_(std::move(files)), clock_(std::move(clock)), metrics_(metrics) {}

Watched TlsReload::pair() {
  return Watched{"certificate",
                 [this] {
                   return stamps_of({files_.cert, files_.key});
                 },
                 [this] { return build_pair(); }};
}

Watched TlsReload::client_ca() {
  return Watched{"client_ca", [this] { return stamps_of({files_.client_ca}); },
                 [this] { return build_client_ca(); }};
}

Result<KeyPair> TlsReload::read_pair() const {
  auto chain = read_file(files_.cert, kCertificateFileBytes);
  if (!chain) return chain.error();
  const auto end = end_of(*chain);
  if (!end) return end.error().under(files_.cert);
  auto key = read_file(files_.key, kKeyFileBytes);
  if (!key) return key.error();
  return KeyPair{std::move(*chain), std::move(*key)};
}

// When the leaf ends, where it can serve at all (webhook.md D.2, D.4).
Result<TimePoint> TlsReload::end_of(const std::string& chain_pem) const {
  const auto chain = parse_certificates(chain_pem, kCertificates);
  if (!chain) return not_ready("the certificate cannot be read: " + chain.error().what());
  const Certificate& leaf = chain->front();
  if (leaf.not_after() < clock_()) {
    return not_ready("the certificate ended at " + format_time(leaf.not_after()) + "; renew it");
  }
  if (leaf.not_before() > clock_()) {
    return not_ready(cat("the certificate is not valid before ", format_time(leaf.not_before()),
                         "; check the clock, or give one that is valid"));
  }
  if (!files_.host.empty() && !names_host(leaf, files_.host)) {
    return not_ready(cat("the certificate does not name ", files_.host,
                         ", which the API server calls; issue one with the DNS name ", files_.host,
                         " in its subjectAltName"));
  }
  return leaf.not_after();
}

Result<Built> TlsReload::build_pair() {
  auto keys = read_pair();
  if (!keys) return counted(keys.error(), "serving");
  Parts parts{std::move(*keys), parts_.client_ca_pem, {}};
  auto outcome = built(std::move(parts), "serving");
  return counted(outcome ? std::move(outcome) : outcome.error().under(files_.key), "serving");
}

Result<Built> TlsReload::build_client_ca() {
  auto pem = read_file(files_.client_ca, kTrustPemBytes);
  if (!pem) return counted(pem.error(), "client_ca");
  const auto authorities = parse_certificates(*pem, kTrustRootCertificates);
  if (!authorities) {
    return counted(authorities.error().as(Reason::config_not_ready).under(files_.client_ca),
                   "client_ca");
  }
  metrics_.tls_not_after.set({"client_ca"}, seconds_of(end_of_any(*authorities)));
  if (!current_) {
    return Built{[this, text = std::move(*pem)] { parts_.client_ca_pem = text; }, std::nullopt};
  }
  return counted(built(Parts{parts_.keys, std::move(*pem), {}}, "client_ca"), "client_ca");
}

Result<void> TlsReload::make_own(std::vector<std::string> names) {
  auto keys = make_self_signed(std::move(names), clock_());
  if (!keys) return keys.error();
  return use(std::move(*keys));
}

Result<void> TlsReload::use(KeyPair keys) {
  auto outcome =
      counted(built(Parts{std::move(keys), parts_.client_ca_pem, {}}, "serving"), "serving");
  if (!outcome) return outcome.error();
  outcome->swap();
  return {};
}

Result<Built> TlsReload::built(Parts parts, std::string_view usage) {
  const auto end = end_of(parts.keys.chain_pem);
  if (!end) return end.error();
  parts.not_after = *end;
  ServerTls settings{parts.keys, files_.least, parts.client_ca_pem, files_.client_names};
  auto context = make_server_context(std::move(settings));
  if (!context) return context.error();
  return Built{[this, parts = std::move(parts), context = std::move(*context), usage] {
                 serve(parts, context, usage);
               },
               std::nullopt};
}

Result<Built> TlsReload::counted(Result<Built> outcome, std::string_view usage) {
  if (!outcome && current_) metrics_.tls_reloads.add({usage, "failed"});
  return outcome;
}

void TlsReload::serve(Parts parts, TlsContext context, std::string_view usage) {
  if (current_) metrics_.tls_reloads.add({usage, "ok"});
  current_ = std::move(context);
  parts_ = std::move(parts);
  metrics_.tls_not_after.set({"serving"}, seconds_of(parts_.not_after));
}

Result<void> TlsReload::usable() const {
  if (!current_) return not_ready("no certificate is loaded");
  if (parts_.not_after < clock_()) {
    return not_ready("the certificate ended at " + format_time(parts_.not_after));
  }
  return {};
}

}  // namespace signet
