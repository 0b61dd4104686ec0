#include "server/kube/own_tls.hpp"

#include <algorithm>

#include "core/base/limits.hpp"
#include "core/base/text.hpp"

namespace signet {
namespace {

constexpr std::string_view kTlsLogger = "tls";
constexpr std::chrono::seconds kCaLookEvery{60};
constexpr std::chrono::seconds kRetry{2};
constexpr std::chrono::seconds kOneCaLook{30};
constexpr int kStepsOfOneLook = 4;

double seconds_of(TimePoint at) {
  return static_cast<double>(at.time_since_epoch().count());
}

std::string secrets_of(const std::string& ns) {
  return cat("/api/v1/namespaces/", ns, "/secrets");
}

Error refused_secret(const std::string& name, const KubeReply& reply) {
  return {Reason::config_not_ready, cat("the Secret ", name, ": ", reply.message())};
}

std::string_view word_for(CaStep step) {
  switch (step) {
    case CaStep::none:
      return "nothing is to be done";
    case CaStep::publish:
      return "the caBundle of the webhook configurations was put right";
    case CaStep::add_next:
      return "a CA was made that will sign, and is trusted from now on beside the one that does";
    case CaStep::mark_published:
      return "the CA that will sign is in every caBundle";
    case CaStep::promote:
      return "the new CA signs from now on, and the one before is still trusted";
    case CaStep::mark_promoted:
      return "more is trusted than the CA that signs; it counts as old from now on";
    case CaStep::drop_old:
      return "the old CA is trusted no longer";
  }
  return "";
}

}  // namespace

OwnTls::OwnTls(KubeApi& api, LiveWebhooks& webhooks, OwnTlsSettings settings, Needs needs,
               Clock clock, Metrics& metrics, Log& log)
    : api_(api),
      webhooks_(webhooks),
      settings_(std::move(settings)),
      needs_(std::move(needs)),
      clock_(std::move(clock)),
      metrics_(metrics),
      log_(log) {}

Task<Result<void>> OwnTls::run() {
  const TimePoint now = clock_();
  // A clock that was set back must not put the look off.
  if (due_ && looked_ <= now && now < *due_) co_return Result<void>();
  looked_ = now;
  // Often enough to sign and to promote in time.
  const CaTimes& times = settings_.times;
  const auto every = std::clamp(std::min(times.leaf_validity / 12, times.propagation_delay),
                                std::chrono::seconds(1), kCaLookEvery);
  due_ = now + every;
  auto looked = co_await look();
  // From what is in memory, if the API server is away.
  const auto is_signed = sign_if_due();
  show();
  if (looked) looked = is_signed;
  if (looked) {
    retry_ = kRetry;
  } else {
    due_ = now + retry_;
    retry_ = std::min(2 * retry_, kCaLookEvery / 2);
  }
  co_return told_.once(std::move(looked));
}

Task<Result<void>> OwnTls::look() {
  const Deadline deadline = deadline_in(kOneCaLook);
  // What clients trust is known before anything is made or signed.
  auto done = co_await webhooks_.read(deadline);
  if (!done) co_return done;
  done = co_await follow(deadline);
  if (done && secret_ && needs_.leads()) done = co_await lead(deadline);
  co_return done;
}

// ---- the Secret

Task<Result<void>> OwnTls::follow(Deadline deadline) {
  KubeRequest request("GET", cat(secrets_of(settings_.ns), "/", settings_.secret));
  auto reply = co_await api_.send(std::move(request), deadline);
  if (!reply) co_return reply.error();
  if (reply->status == 404) co_return co_await create(deadline);
  if (!reply->ok()) co_return refused_secret(settings_.secret, *reply);
  auto read = parse_ca_secret(reply->body);
  if (read) {
    secret_ = std::move(*read);
    refused_.clear();
    co_return Result<void>();
  }
  const std::string version = resource_version_in(reply->body);
  if (refused_ != version) metrics_.tls_errors.add({"secret_invalid"});
  refused_ = version;
  log_.write(LogLine(LogLevel::warn, kTlsLogger, "ca_secret_invalid",
                     "the Secret of the CA cannot be read; what is in memory serves on")
                 .with("error", read.error().what()));
  if (!needs_.leads()) co_return read.error().as(Reason::config_not_ready);
  co_return co_await repair(version, deadline);
}

// Of what clients trust already, all that may still be served by another replica is kept.
std::vector<Certificate> OwnTls::trusted_by_live() const {
  std::vector<Certificate> trusted;
  for (const WebhookConfiguration& one : webhooks_.known()) {
    for (const WebhookEntry& entry : one.entries) {
      const auto bundle = parse_certificates(entry.ca_bundle, kTrustRootCertificates);
      if (!bundle) continue;
      for (const Certificate& certificate : *bundle) {
        const bool known = std::find(trusted.begin(), trusted.end(), certificate) != trusted.end();
        if (!known && is_serving_authority(certificate) && certificate.not_after() > clock_()) {
          trusted.push_back(certificate);
        }
      }
    }
  }
  return trusted;
}

Result<CaSecret> OwnTls::fresh_secret() const {
  const TimePoint now = clock_();
  if (secret_ && is_usable(secret_->current, settings_.names, now)) {
    CaSecret from_memory = *secret_;
    from_memory.resource_version.clear();
    return trusting(std::move(from_memory), trusted_by_live(), now);
  }
  auto authority = make_serving_authority(settings_.names, now, settings_.times.ca_validity);
  if (!authority) return authority.error();
  return trusting(secret_of(std::move(*authority)), trusted_by_live(), now);
}

// Whichever replica is first; the others are told that it exists and read it.
Task<Result<void>> OwnTls::create(Deadline deadline) {
  auto made = fresh_secret();
  if (!made) co_return made.error();
  KubeRequest request("POST", secrets_of(settings_.ns));
  request.body = ca_secret_json(settings_.ns, settings_.secret, *made);
  auto reply = co_await api_.send(std::move(request), deadline);
  if (!reply) co_return reply.error();
  if (reply->status == 409) {
    metrics_.tls_errors.add({"write_conflict"});
    due_ = std::nullopt;
    co_return Result<void>();
  }
  if (!reply->ok()) {
    metrics_.tls_errors.add({"write_failed"});
    co_return refused_secret(settings_.secret, *reply);
  }
  made->resource_version = resource_version_in(reply->body);
  log_.write(
      LogLine(LogLevel::info, kTlsLogger, "ca_secret_created", "the Secret of the CA was made")
          .with("secret", settings_.secret)
          .with("from_memory", secret_.has_value()));
  secret_ = std::move(*made);
  co_return Result<void>();
}

Task<Result<void>> OwnTls::repair(std::string version, Deadline deadline) {
  auto made = fresh_secret();
  if (!made) co_return made.error();
  made->resource_version = std::move(version);
  co_return co_await write(std::move(*made), deadline);
}

Task<Result<void>> OwnTls::write(CaSecret secret, Deadline deadline) {
  KubeRequest request("PUT", cat(secrets_of(settings_.ns), "/", settings_.secret));
  request.body = ca_secret_json(settings_.ns, settings_.secret, secret);
  auto reply = co_await api_.send(std::move(request), deadline);
  if (!reply || (!reply->ok() && reply->status != 409)) metrics_.tls_errors.add({"write_failed"});
  if (!reply) co_return reply.error();
  if (reply->status == 409) metrics_.tls_errors.add({"write_conflict"});
  if (!reply->ok()) co_return refused_secret(settings_.secret, *reply);
  secret.resource_version = resource_version_in(reply->body);
  secret_ = std::move(secret);
  co_return Result<void>();
}

// ---- the leader

Task<Result<void>> OwnTls::lead(Deadline deadline) {
  for (int i = 0; i < kStepsOfOneLook; ++i) {
    const CaView view{*secret_, webhooks_.all_have(secret_->bundle_pem())};
    const CaStep step = next_step(view, settings_.names, settings_.times, clock_());
    if (step == CaStep::none || !needs_.leads()) break;
    const auto done = co_await obey(step, deadline);
    if (!done) co_return done;
    note(step);
  }
  co_return Result<void>();
}

Task<Result<void>> OwnTls::obey(CaStep step, Deadline deadline) {
  if (step == CaStep::publish) {
    co_return co_await webhooks_.publish(secret_->bundle_pem(), deadline);
  }
  std::optional<ServingAuthority> fresh;
  if (step == CaStep::add_next) {
    auto made = make_serving_authority(settings_.names, clock_(), settings_.times.ca_validity);
    if (!made) co_return made.error();
    fresh = std::move(*made);
  }
  CaSecret next = after_step(step, *secret_, std::move(fresh), clock_());
  co_return co_await write(std::move(next), deadline);
}

void OwnTls::note(CaStep step) {
  const std::string_view words = word_for(step);
  log_.write(LogLine(LogLevel::info, kTlsLogger, "ca_rotation", words));
  if (!needs_.tell) return;
  if (step == CaStep::publish) needs_.tell("CABundleRepaired", std::string(words));
  if (step == CaStep::promote) needs_.tell("CertificateRotated", std::string(words));
}

// ---- the leaf

bool OwnTls::is_signer() const {
  return secret_ && signer_ && *signer_ == secret_->current.certificate;
}

// A CA that clients may not know yet is left alone, even where there is no leaf: not ready is
// better than not trusted. Where a good one is in hand, API servers get the time to hear of it.
bool OwnTls::may_sign(TimePoint now) const {
  if (!secret_ || !is_usable(secret_->current, settings_.names, now)) return false;
  if (is_signer()) return true;
  const bool good = leaf_ && leaf_->not_before <= now && now < leaf_->not_after;
  const TimePoint known = secret_->promoted.value_or(TimePoint());
  if (good && now < known + settings_.times.propagation_delay) return false;
  return webhooks_.is_read() && webhooks_.all_hold(certificate_pem(secret_->current.certificate));
}

Result<void> OwnTls::sign_if_due() {
  const TimePoint now = clock_();
  const bool good = leaf_ && leaf_->not_before <= now && now < renew_;
  if ((is_signer() && good) || !may_sign(now)) return {};
  auto leaf = make_serving_certificate(&secret_->current, settings_.names, now,
                                       settings_.times.leaf_validity);
  if (leaf) {
    const auto served = needs_.serve(*leaf);
    if (!served) leaf = served.error();
  }
  if (!leaf) {
    metrics_.tls_errors.add({"sign"});
    return leaf.error();
  }
  // Replicas do not sign all at once: two thirds of its life, five per cent either way.
  const double part = std::uniform_real_distribution<double>(0.633, 0.7)(dice_);
  const auto life = std::chrono::duration<double>(leaf->not_after - now);
  renew_ = now + std::chrono::floor<std::chrono::seconds>(life * part);
  leaf_ = std::move(*leaf);
  signer_ = secret_->current.certificate;
  log_.write(
      LogLine(LogLevel::info, kTlsLogger, "certificate_signed", "a new certificate is served")
          .with("not_after", format_time(leaf_->not_after)));
  return {};
}

void OwnTls::show() const {
  if (!secret_) return;
  metrics_.tls_not_after.set({"ca"}, seconds_of(secret_->current.certificate.not_after()));
}

}  // namespace signet
