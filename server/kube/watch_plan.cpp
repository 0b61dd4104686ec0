#include "server/kube/watch_plan.hpp"

#include <algorithm>

namespace signet {
namespace {

using std::chrono::milliseconds;

double roll(std::minstd_rand& dice) {
  return std::uniform_real_distribution<>(0, 1)(dice);
}

milliseconds times(milliseconds span, double factor) {
  return milliseconds(static_cast<long>(static_cast<double>(span.count()) * factor));
}

}  // namespace

milliseconds KubeBackoff::after_failure(Deadline now, milliseconds longest) {
  if (failed_ && now - *failed_ >= kHealthy) base_ = kFirst;
  failed_ = now;
  const milliseconds wait = times(std::min(base_, longest), 1 + roll(dice_));
  base_ = std::min(base_ * 2, kLongest);
  return wait;
}

KubeFault KubeFault::of(const KubeReply& reply) {
  KubeFault fault{KubeFaultKind::broken, reply.message(), reply.retry_after};
  const bool ahead =
      reply.status == 504 && reply.body.find("Too large resource version") != std::string::npos;
  if (reply.status == 410 || ahead) fault.kind = KubeFaultKind::gone;
  if (reply.status == 404) fault.kind = KubeFaultKind::missing;
  return fault;
}

KubeFault KubeFault::of(const Error& error) {
  return KubeFault{KubeFaultKind::broken, error.what(), std::nullopt};
}

Deadline WatchPlan::after(const KubeFault& fault, Deadline now, milliseconds longest) {
  const milliseconds wait = backoff_.after_failure(now, longest);
  return now + std::max(wait, fault.retry_after.value_or(milliseconds(0)));
}

void WatchPlan::list_again(Deadline not_before) {
  step_ = WatchStep();
  step_.not_before = not_before;
}

void WatchPlan::watch_from(Deadline not_before) {
  step_ = WatchStep();
  step_.kind = WatchStep::Kind::watch;
  step_.version = version_;
  step_.not_before = not_before;
  moved_ = false;
}

void WatchPlan::on_page(std::string token) {
  step_.token = std::move(token);
}

void WatchPlan::on_listed(std::string version, Deadline now) {
  version_ = std::move(version);
  failing_since_.reset();
  ever_moved_ = false;
  list_at_ = now + times(kListEvery, 0.9 + 0.2 * roll(dice_));
  watch_from(now);
}

void WatchPlan::on_list_failed(const KubeFault& fault, Deadline now) {
  // A token that is too old is followed by a list without pages, which cannot age.
  const bool aged = fault.kind == KubeFaultKind::gone && !step_.token.empty();
  Deadline not_before = aged ? now : after(fault, now);
  if (fault.kind == KubeFaultKind::missing) not_before = now + kMissing;
  const bool paged = step_.paged && !aged;
  list_again(not_before);
  step_.paged = paged;
}

void WatchPlan::on_event(std::string version) {
  version_ = std::move(version);
  moved_ = true;
  ever_moved_ = true;
  backoff_.on_success();
  failing_since_.reset();
}

WatchRestart WatchPlan::on_watch_closed(milliseconds lasted, Deadline now) {
  if (!moved_ && lasted < kShort) {
    const KubeFault fault{KubeFaultKind::broken, "the watch ended at once", std::nullopt};
    on_watch_failed(fault, now);
    return WatchRestart::short_lived;
  }
  failing_since_.reset();
  if (now >= list_at_) {
    list_again(now);
  } else {
    watch_from(now);
  }
  return WatchRestart::closed;
}

WatchRestart WatchPlan::on_watch_failed(const KubeFault& fault, Deadline now) {
  if (fault.kind != KubeFaultKind::broken) {
    // A version that was too old when it came from a list would be so again.
    const bool at_once = ever_moved_ && fault.kind == KubeFaultKind::gone;
    list_again(at_once ? now : after(fault, now));
    return fault.kind == KubeFaultKind::gone ? WatchRestart::gone : WatchRestart::error;
  }
  if (!failing_since_) failing_since_ = now;
  const Deadline not_before = after(fault, now, kLongestPause);
  if (now - *failing_since_ >= kPatience) {
    list_again(not_before);
  } else {
    watch_from(not_before);
  }
  return WatchRestart::error;
}

}  // namespace signet
