#include "server/kube/lease.hpp"

#include <nlohmann/json.hpp>

#include "core/base/json.hpp"

namespace signet {
namespace {

std::uint64_t number_or_zero(const Json& object, std::string_view name) {
  const auto number = number_member(object, name);
  return number ? *number : 0;
}

}  // namespace

Result<LeaseRecord> parse_lease(std::string_view json) {
  const auto lease = parse_json(json);
  if (!lease) return lease.error().under("the Lease");
  const auto metadata = object_member(*lease, "metadata");
  if (!metadata) return metadata.error().under("the Lease");
  LeaseRecord record;
  record.resource_version = text_or_empty(**metadata, "resourceVersion");
  if (record.resource_version.empty()) return malformed("the Lease has no resourceVersion");
  const Json* const spec = find_member(*lease, "spec");
  if (spec == nullptr) return record;
  record.holder = text_or_empty(*spec, "holderIdentity");
  record.acquired = text_or_empty(*spec, "acquireTime");
  record.renewed = text_or_empty(*spec, "renewTime");
  record.duration = number_or_zero(*spec, "leaseDurationSeconds");
  record.transitions = number_or_zero(*spec, "leaseTransitions");
  return record;
}

std::string lease_json(const std::string& ns, const std::string& name, const LeaseRecord& record) {
  Json metadata = {{"name", name}, {"namespace", ns}};
  if (!record.resource_version.empty()) metadata["resourceVersion"] = record.resource_version;
  Json spec = {{"holderIdentity", record.holder},
               {"leaseDurationSeconds", record.duration},
               {"acquireTime", record.acquired},
               {"renewTime", record.renewed},
               {"leaseTransitions", record.transitions}};
  const Json lease = {{"apiVersion", "coordination.k8s.io/v1"},
                      {"kind", "Lease"},
                      {"metadata", std::move(metadata)},
                      {"spec", std::move(spec)}};
  return lease.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void LeaseCandidate::saw(std::optional<LeaseRecord> record, Moment now) {
  if (!record_ || !record || !(*record_ == *record)) changed_ = now;
  known_ = true;
  record_ = std::move(record);
  if (!holds()) renewed_.reset();
}

void LeaseCandidate::wrote(LeaseRecord record, Moment sent, TimePoint wall_sent) {
  saw(std::move(record), sent);
  if (!holds()) return;
  renewed_ = sent;
  wall_renewed_ = wall_sent;
}

LeaseStep LeaseCandidate::next(Moment now) const {
  if (!known_) return LeaseStep::read;
  if (!record_ || holds() || record_->holder.empty()) return LeaseStep::write;
  // What another one wrote is believed for its own duration, at least for ours.
  const auto theirs = std::chrono::seconds(std::min<std::uint64_t>(record_->duration, 3600));
  const bool free = now >= changed_ + std::max<std::chrono::seconds>(theirs, times_.duration);
  return free ? LeaseStep::write : LeaseStep::wait;
}

LeaseRecord LeaseCandidate::claim(TimePoint wall) const {
  LeaseRecord claimed = record_.value_or(LeaseRecord());
  const bool ours = holds();
  claimed.renewed = format_micro_time(wall);
  claimed.duration = static_cast<std::uint64_t>(times_.duration.count());
  if (ours) return claimed;
  if (record_) ++claimed.transitions;
  claimed.holder = identity_;
  claimed.acquired = claimed.renewed;
  return claimed;
}

LeaseRecord LeaseCandidate::release(TimePoint wall) const {
  LeaseRecord released = claim(wall);
  released.holder.clear();
  released.duration = 1;
  return released;
}

bool LeaseCandidate::leads(Moment now, TimePoint wall) const {
  if (!holds() || !renewed_) return false;
  return now < *renewed_ + times_.renew_deadline && wall < wall_renewed_ + times_.renew_deadline;
}

}  // namespace signet
