#include "server/net/breaker.hpp"

#include <algorithm>

#include "core/base/text.hpp"

namespace signet {
namespace {

using std::chrono::steady_clock;

constexpr std::size_t kOrigins = 1024;

// Others, such as 501, are an answer about the request.
bool is_illness(unsigned status) {
  return status == 500 || status == 502 || status == 503 || status == 504 || status == 522;
}

}  // namespace

bool Breaker::is_witness(const std::string& tenant) const {
  return std::find(witnesses_.begin(), witnesses_.end(), tenant) != witnesses_.end();
}

// The tenant of a failed probe waits, so that nobody who asks for something broken can take every
// probe.
Breaker::Pass Breaker::admit(const std::string& tenant, Deadline now) {
  if (!next_probe_) return Pass::free;
  if (now < *next_probe_ || (is_witness(tenant) && now < witness_again_)) return Pass::refused;
  next_probe_ = now + settings_.probe;
  return Pass::probe;
}

void Breaker::succeeded() {
  failures_ = 0;
  witnesses_.clear();
  next_probe_.reset();
}

bool Breaker::failed(Pass pass, const std::string& tenant, Deadline now) {
  // Asked before it opened: already known.
  if (next_probe_ && pass != Pass::probe) return false;
  ++failures_;
  if (!is_witness(tenant) && witnesses_.size() < settings_.witnesses) witnesses_.push_back(tenant);
  const bool opens = failures_ >= settings_.failures && witnesses_.size() >= settings_.witnesses;
  if (opens) {
    witnesses_.clear();
    next_probe_ = now + settings_.open;
  } else if (pass == Pass::probe) {
    next_probe_ = now;
    witness_again_ = now + settings_.open;
  }
  return opens;
}

Health health_in(const Result<HttpReply>& outcome) {
  if (outcome) return is_illness(outcome->status) ? Health::ill : Health::well;
  const Reason reason = outcome.error().reason();
  const bool ill = reason == Reason::registry_unreachable || reason == Reason::registry_timeout;
  return ill ? Health::ill : Health::unknown;
}

BreakingTransport::BreakingTransport(Transport& inner, Told told, BreakerSettings settings)
    : inner_(inner), told_(std::move(told)), settings_(settings), breakers_(kOrigins) {}

Task<Result<HttpReply>> BreakingTransport::send(HttpRequest request, Deadline deadline) {
  const Breaker::Pass pass = admit(request.url.origin(), request.tenant);
  if (pass == Breaker::Pass::refused) {
    co_return Error(Reason::registry_unreachable,
                    cat(request.url.host_header(),
                        " failed again and again; it is asked again within seconds"));
  }
  HttpRequest copy = request;
  auto outcome = co_await inner_.send(std::move(copy), deadline);
  learn(request, pass, outcome);
  co_return outcome;
}

Breaker::Pass BreakingTransport::admit(const std::string& origin, const std::string& tenant) {
  const Deadline now = steady_clock::now();
  auto breaker = breakers_.get(origin, now);
  if (!breaker) return Breaker::Pass::free;
  const Breaker::Pass pass = breaker->admit(tenant, now);
  breakers_.put(origin, *std::move(breaker), Deadline::max());
  return pass;
}

void BreakingTransport::learn(const HttpRequest& request, Breaker::Pass pass,
                              const Result<HttpReply>& outcome) {
  const Health health = health_in(outcome);
  if (health == Health::unknown) return;
  const Deadline now = steady_clock::now();
  const std::string origin = request.url.origin();
  auto breaker = breakers_.get(origin, now);
  if (health == Health::well) {
    if (!breaker) return;
    breakers_.erase(origin);
    if (told_ && !breaker->closed()) told_(request.url, false);
    return;
  }
  if (!breaker) breaker.emplace(settings_);
  const bool opened = breaker->failed(pass, request.tenant, now);
  breakers_.put(origin, *std::move(breaker), Deadline::max());
  if (told_ && opened) told_(request.url, true);
}

}  // namespace signet
