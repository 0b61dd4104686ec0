#include "server/kube/status_writer.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/base/json.hpp"
#include "core/base/text.hpp"

namespace signet {
namespace {

constexpr std::string_view kGroup = "signet.dev/v1alpha1";
constexpr std::string_view kApply = "/status?fieldManager=signet&force=true";
constexpr std::chrono::seconds kOneRun{30};
constexpr std::chrono::seconds kAfterFailure{10};

const StatusCondition* find(const ObjectStatus& status, std::string_view type) {
  const auto found = std::find_if(status.conditions.begin(), status.conditions.end(),
                                  [type](const StatusCondition& one) { return one.type == type; });
  return found == status.conditions.end() ? nullptr : &*found;
}

ObjectStatus status_in(const Json& object) {
  ObjectStatus status;
  const Json* const from = find_member(object, "status");
  if (from == nullptr) return status;
  const auto generation = number_member(*from, "observedGeneration");
  if (generation) status.generation = static_cast<std::int64_t>(*generation);
  const Json* const conditions = find_member(*from, "conditions");
  if (conditions == nullptr || !conditions->is_array()) return status;
  for (const Json& one : *conditions) {
    status.conditions.push_back(StatusCondition{
        text_or_empty(one, "type"), text_or_empty(one, "status"), text_or_empty(one, "reason"),
        text_or_empty(one, "message"), text_or_empty(one, "lastTransitionTime")});
  }
  return status;
}

}  // namespace

Result<LiveStatus> parse_live_status(std::string_view json) {
  const auto object = parse_json(json);
  if (!object) return object.error();
  const auto metadata = object_member(*object, "metadata");
  if (!metadata) return metadata.error();
  return LiveStatus{text_or_empty(**metadata, "uid"), status_in(*object)};
}

ObjectStatus with_times(const ObjectStatus& wanted, const ObjectStatus& live, TimePoint now) {
  ObjectStatus status = wanted;
  for (StatusCondition& condition : status.conditions) {
    const StatusCondition* const before = find(live, condition.type);
    const bool same = before != nullptr && before->status == condition.status;
    condition.since = same && !before->since.empty() ? before->since : format_time(now);
  }
  return status;
}

std::string status_patch(const StatusTarget& target, const ObjectStatus& status) {
  Json conditions = Json::array();
  for (const StatusCondition& one : status.conditions) {
    conditions.push_back({{"type", one.type},
                          {"status", one.status},
                          {"observedGeneration", status.generation},
                          {"lastTransitionTime", one.since},
                          {"reason", one.reason},
                          {"message", one.message}});
  }
  Json metadata = {{"name", target.name}, {"uid", target.uid}};
  if (!target.ns.empty()) metadata["namespace"] = target.ns;
  const Json patch = {
      {"apiVersion", kGroup},
      {"kind", target.kind},
      {"metadata", std::move(metadata)},
      {"status",
       {{"observedGeneration", status.generation}, {"conditions", std::move(conditions)}}}};
  return patch.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string path_of(const StatusTarget& target) {
  const std::string ns = target.ns.empty() ? "" : cat("namespaces/", target.ns, "/");
  return cat("/apis/", kGroup, "/", ns, target.plural, "/", target.name);
}

void StatusWriter::want(WantedStatuses all) {
  for (const auto& [target, status] : all) {
    const auto before = wanted_.find(target);
    if (before == wanted_.end() || !(before->second == status)) due_.insert(target);
  }
  std::erase_if(due_, [&](const StatusTarget& target) { return !all.contains(target); });
  wanted_ = std::move(all);
}

Task<Result<void>> StatusWriter::run() {
  const bool leads = needs_.leads();
  // What others wrote while they led is not known here.
  if (leads && !led_) {
    for (const auto& [target, status] : wanted_)
      due_.insert(target);
  }
  led_ = leads;
  const TimePoint now = clock_();
  if (!leads || due_.empty()) co_return Result<void>();
  if (not_before_ && now < *not_before_ && now + kAfterFailure >= *not_before_) {
    co_return Result<void>();
  }
  not_before_.reset();
  const Deadline deadline = deadline_in(kOneRun);
  for (std::size_t i = 0; i < kWritesOfOneRun && !due_.empty() && needs_.leads(); ++i) {
    const StatusTarget target = *due_.begin();
    due_.erase(due_.begin());
    auto done = co_await write(target, deadline);
    if (done) continue;
    if (wanted_.contains(target)) due_.insert(target);
    not_before_ = clock_() + kAfterFailure;
    co_return told_.once(done.error().under(cat(target.kind, " ", target.name)));
  }
  co_return told_.once({});
}

Task<Result<void>> StatusWriter::write(StatusTarget target, Deadline deadline) {
  KubeRequest request("GET", path_of(target));
  auto reply = co_await api_.send(std::move(request), deadline);
  if (!reply) co_return reply.error();
  if (reply->status == 404) co_return Result<void>();
  if (!reply->ok()) co_return Error(Reason::config_not_ready, reply->message());
  const auto live = parse_live_status(reply->body);
  if (!live) co_return live.error();
  const auto wanted = wanted_.find(target);
  if (wanted == wanted_.end() || live->uid != target.uid) co_return Result<void>();
  ObjectStatus status = with_times(wanted->second, live->status, clock_());
  if (status == live->status) co_return Result<void>();
  auto written = co_await apply(target, status, deadline);
  metrics_.status_writes.add({written ? "ok" : "failed"});
  if (written) tell(target, live->status, status);
  co_return written;
}

Task<Result<void>> StatusWriter::apply(StatusTarget target, ObjectStatus status,
                                       Deadline deadline) {
  KubeRequest request("PATCH", path_of(target) + std::string(kApply));
  request.content_type = "application/apply-patch+yaml";
  request.body = status_patch(target, status);
  auto reply = co_await api_.send(std::move(request), deadline);
  if (!reply) co_return reply.error();
  // It is gone, or another one has its name: its own status is wanted then.
  if (reply->ok() || reply->status == 404 || reply->status == 409) co_return Result<void>();
  co_return Error(Reason::config_not_ready, reply->message());
}

void StatusWriter::tell(const StatusTarget& target, const ObjectStatus& before,
                        const ObjectStatus& now) const {
  const StatusCondition* const ready = find(now, "Ready");
  if (!needs_.changed || ready == nullptr) return;
  const StatusCondition* const was = find(before, "Ready");
  const std::string status = was == nullptr ? "" : was->status;
  if (status != ready->status) needs_.changed(target, *ready, status);
}

}  // namespace signet
