#include "server/kube/leadership.hpp"

#include "core/base/text.hpp"

namespace signet {
namespace {

std::string collection(const LeadershipSettings& settings) {
  return cat("/apis/coordination.k8s.io/v1/namespaces/", settings.ns, "/leases");
}

Error refused_lease(const KubeReply& reply) {
  return {Reason::config_not_ready, cat("the Lease of the leader: ", reply.message())};
}

}  // namespace

Leadership::Leadership(KubeApi& api, LeadershipSettings settings, Clock clock, Ticks ticks,
                       WriterMetrics& metrics)
    : api_(api),
      settings_(std::move(settings)),
      clock_(std::move(clock)),
      ticks_(std::move(ticks)),
      metrics_(metrics),
      candidate_(settings_.identity, settings_.times) {}

Task<Result<void>> Leadership::run() {
  // A call that hangs must not outlast the lease.
  const Deadline deadline = deadline_in(settings_.times.renew_deadline / 2);
  Result<void> done;
  if (candidate_.next(ticks_()) != LeaseStep::write) done = co_await read(deadline);
  if (done && candidate_.next(ticks_()) == LeaseStep::write) {
    done = co_await write(candidate_.claim(clock_()), deadline);
  }
  show();
  co_return told_.once(std::move(done));
}

Task<Result<void>> Leadership::read(Deadline deadline) {
  KubeRequest request("GET", cat(collection(settings_), "/", settings_.lease));
  auto reply = co_await api_.send(std::move(request), deadline);
  if (!reply) co_return reply.error();
  if (reply->status == 404) {
    candidate_.saw(std::nullopt, ticks_());
    co_return Result<void>();
  }
  if (!reply->ok()) co_return refused_lease(*reply);
  auto record = parse_lease(reply->body);
  if (!record) co_return record.error();
  candidate_.saw(std::move(*record), ticks_());
  co_return Result<void>();
}

Task<Result<void>> Leadership::write(LeaseRecord record, Deadline deadline) {
  const bool is_new = record.resource_version.empty();
  std::string path = collection(settings_);
  if (!is_new) path += "/" + settings_.lease;
  KubeRequest request(is_new ? "POST" : "PUT", std::move(path));
  request.body = lease_json(settings_.ns, settings_.lease, record);
  const auto sent = ticks_();
  const TimePoint wall_sent = clock_();
  auto reply = co_await api_.send(std::move(request), deadline);
  if (!reply || !reply->ok()) candidate_.forget();
  if (!reply) co_return reply.error();
  if (reply->status == 409) co_return Result<void>();  // another one was first
  if (!reply->ok()) co_return refused_lease(*reply);
  auto taken = parse_lease(reply->body);
  if (!taken) {
    candidate_.forget();
    co_return taken.error();
  }
  candidate_.wrote(std::move(*taken), sent, wall_sent);
  co_return Result<void>();
}

// Twice, for a renewal may have been under way when the work was ended.
Task<void> Leadership::release(Deadline deadline) {
  for (int i = 0; i < 2 && candidate_.holds(); ++i) {
    Result<void> done;
    if (candidate_.next(ticks_()) == LeaseStep::read) done = co_await read(deadline);
    if (!done || !candidate_.holds()) break;
    done = co_await write(candidate_.release(clock_()), deadline);
    if (!done) break;
  }
  show();
}

void Leadership::show() {
  const bool now = leads();
  metrics_.leader.set({}, now ? 1 : 0);
  if (now != shown_) metrics_.leader_transitions.add({});
  shown_ = now;
}

}  // namespace signet
