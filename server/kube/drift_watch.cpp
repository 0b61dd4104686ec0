#include "server/kube/drift_watch.hpp"

#include <algorithm>

#include "core/base/text.hpp"
#include "core/crypto/serving.hpp"

namespace signet {
namespace {

constexpr std::chrono::seconds kLookEvery{60};
constexpr std::chrono::seconds kOneLook{30};

}  // namespace

DriftWatch::DriftWatch(KubeApi& api, WebhookIntent intent, Needs needs, Clock clock,
                       WriterMetrics& metrics, Log& log)
    : webhooks_(api, intent.names, metrics),
      intent_(std::move(intent)),
      needs_(std::move(needs)),
      clock_(std::move(clock)),
      metrics_(metrics),
      log_(log) {}

Task<Result<void>> DriftWatch::run() {
  const TimePoint now = clock_();
  if (intent_.names.empty()) co_return Result<void>();
  if (due_ && looked_ <= now && now < *due_) co_return Result<void>();
  looked_ = now;
  due_ = now + kLookEvery;
  auto done = co_await webhooks_.read(deadline_in(kOneLook));
  if (done) judge();
  co_return told_.once(std::move(done));
}

void DriftWatch::judge() {
  const std::string chain = needs_.chain();
  const auto trusted = [&](const std::string& pem) {
    // Without a certificate of our own there is nothing to trust yet.
    if (chain.empty()) return true;
    if (pem.empty()) return !needs_.needs_bundle;
    return check_trusted(pem, chain, needs_.host, clock_()).has_value();
  };
  found_ = drift_of(webhooks_.known(), intent_, trusted);
  for (const DriftProblem problem : {DriftProblem::missing, DriftProblem::rule,
                                     DriftProblem::failure_policy, DriftProblem::ca_bundle}) {
    const auto times = std::count_if(found_.begin(), found_.end(),
                                     [&](const auto& one) { return one.problem == problem; });
    metrics_.webhook_config_drift.set({name_of(problem)}, static_cast<double>(times));
  }
  const TimePoint now = clock_();
  if (stops_nothing()) faulty_since_.reset();
  if (!stops_nothing() && !faulty_since_) faulty_since_ = now;
  if (!faulty_since_) enforced_ = true;
  if (faulty_since_ && now >= *faulty_since_ + kLasting) enforced_ = false;
  const auto state = check();
  const std::string what = state ? std::string() : state.error().what();
  if (what != std::exchange(logged_, what) && !what.empty()) {
    log_.write(LogLine(LogLevel::warn, "cluster", "webhook_drift",
                       "a webhook configuration is not as it is meant to be")
                   .with("what", what));
  }
}

Result<void> DriftWatch::check() const {
  if (found_.empty()) return {};
  std::vector<std::string> all;
  for (const WebhookDrift& one : found_)
    all.push_back(one.what);
  return Error(Reason::config_not_ready, join(all, "; "));
}

bool DriftWatch::stops_nothing() const {
  // Another failure policy enforces too, while we are there.
  return std::all_of(found_.begin(), found_.end(), [](const WebhookDrift& one) {
    return one.problem == DriftProblem::failure_policy;
  });
}

}  // namespace signet
