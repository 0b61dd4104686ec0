#include "server/kube/namespaces.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "server/kube/secrets.hpp"

namespace signet {
namespace {

constexpr std::chrono::minutes kCurrent{5};
constexpr std::chrono::seconds kFaultLife{5};
constexpr std::chrono::milliseconds kBudget{1000};
constexpr std::size_t kFaults = 1024;
constexpr std::size_t kFlights = 256;  // in the air at one time
constexpr std::size_t kNamespaceReplyBytes = 1 * kMiB;
constexpr std::string_view kNameLabel = "kubernetes.io/metadata.name";
constexpr char kEnd = '\0';

// The name is a label too, and not kept twice.
std::string packed(const Labels& labels) {
  std::string text;
  for (const auto& [key, value] : labels) {
    if (key == kNameLabel) continue;
    text.append(key).push_back(kEnd);
    text.append(value).push_back(kEnd);
  }
  text.shrink_to_fit();
  return text;
}

std::string_view take_word(std::string_view& text) {
  const std::size_t end = text.find(kEnd);
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(end + 1);
  return word;
}

Labels unpacked(std::string_view name, std::string_view text,
                const std::vector<std::string>& keys) {
  Labels labels;
  while (!text.empty()) {
    const std::string_view key = take_word(text);
    const std::string_view value = take_word(text);
    const bool is_wanted = std::find(keys.begin(), keys.end(), key) != keys.end();
    if (is_wanted) labels.emplace(key, value);
  }
  if (std::find(keys.begin(), keys.end(), kNameLabel) != keys.end()) {
    labels.emplace(kNameLabel, name);
  }
  return labels;
}

bool has_end(std::string_view text) {
  return text.find(kEnd) != std::string_view::npos;
}

Error unknown(std::string_view name, std::string_view why) {
  return {Reason::config_not_ready,
          cat("the labels of namespace ", printable(name, 80), " are not known: ", why)};
}

}  // namespace

Result<Labels> NamespaceLabels::labels_in(std::string_view object) {
  const auto json = parse_json(object);
  if (!json) return json.error();
  const auto metadata = object_member(*json, "metadata");
  if (!metadata) return metadata.error();
  Labels labels;
  const Json* const members = find_member(**metadata, "labels");
  if (members == nullptr) return labels;
  if (!members->is_object()) return malformed("metadata.labels must be an object");
  for (const auto& [key, value] : members->items()) {
    const bool is_text = value.is_string() && !has_end(key) && !has_end(value.get<std::string>());
    if (!is_text) return malformed("metadata.labels must hold texts");
    labels.emplace(key, value.get<std::string>());
  }
  return labels;
}

NamespaceLabels::NamespaceLabels(KubeApi& api, AccessMetrics* metrics, Ticks ticks)
    : api_(api),
      metrics_(metrics),
      ticks_(std::move(ticks)),
      faults_(kFaults),
      flights_({}, kFlights) {}

// ---- what the watch tells

std::vector<KubeKey> NamespaceLabels::replace(std::vector<KubeObject> all) {
  known_.clear();
  known_.reserve(all.size());
  for (const KubeObject& object : all)
    take(object.name, object.json);
  faults_.clear();
  alive();
  count();
  return {};
}

bool NamespaceLabels::put(KubeObject object) {
  // Nobody knows what an unreadable one has.
  if (!take(object.name, object.json)) drop(object.name);
  faults_.erase(object.name);
  count();
  return true;
}

void NamespaceLabels::remove(const KubeKey& key) {
  drop(key.name);
  count();
}

void NamespaceLabels::alive() {
  alive_ = ticks_();
}

bool NamespaceLabels::take(const std::string& name, std::string_view object) {
  const auto labels = labels_in(object);
  if (labels) known_.insert_or_assign(name, Known{packed(*labels), ticks_()});
  return labels.has_value();
}

void NamespaceLabels::drop(std::string_view name) {
  const auto at = known_.find(name);
  if (at != known_.end()) known_.erase(at);
}

void NamespaceLabels::count() {
  if (metrics_ != nullptr) metrics_->namespaces.set({}, static_cast<double>(known_.size()));
}

// ---- what reviews ask

const NamespaceLabels::Known* NamespaceLabels::seen(std::string_view name) const {
  const auto at = known_.find(name);
  return at == known_.end() ? nullptr : &at->second;
}

bool NamespaceLabels::is_current(const Known& known, Deadline now) const {
  return now < std::max(alive_, known.heard) + kCurrent;
}

std::optional<Labels> NamespaceLabels::find(std::string_view name,
                                            const std::vector<std::string>& keys) {
  const Known* const known = seen(name);
  if (known == nullptr) return std::nullopt;
  const Deadline now = ticks_();
  // Nobody answers, and the next question is due in a moment.
  const bool waits = !is_current(*known, now) && !faults_.find(std::string(name), now);
  if (waits) return std::nullopt;
  return unpacked(name, known->labels, keys);
}

Task<Result<Labels>> NamespaceLabels::get(std::string name, std::vector<std::string> keys,
                                          Deadline deadline) {
  if (auto labels = find(name, keys)) co_return *std::move(labels);
  std::optional<Error> fault = faults_.get(name, ticks_());
  if (!fault) {
    const SingleFlight<std::string, Nothing>::Work work = [this, name] { return ask(name); };
    const auto asked = co_await flights_.run(name, work, sooner(deadline, kBudget));
    if (!asked) fault = asked.error();
  }
  if (const Known* const known = seen(name)) co_return unpacked(name, known->labels, keys);
  const std::string why = fault ? fault->what() : "it is gone";
  co_return unknown(name, why);
}

// Bounded by a second of its own, whoever waits for it.
Task<Result<NamespaceLabels::Nothing>> NamespaceLabels::ask(std::string name) {
  if (!is_kube_name(name)) co_return malformed("it is not a name");
  const Deadline deadline = deadline_in(kBudget);
  KubeRequest get("GET", cat("/api/v1/namespaces/", name));
  get.body_limit = kNamespaceReplyBytes;
  const auto reply = co_await within(deadline, api_.send(std::move(get), deadline));
  std::string_view result = "unreachable";
  std::string why = reply ? printable(reply->message(), 200) : reply.error().what();
  if (reply && reply->ok()) {
    const auto object = parse_kube_object(reply->body);
    const bool is_it = object && object->name == name && take(name, object->json);
    if (is_it) result = "ok";
  } else if (reply && reply->status == 404) {
    result = "missing";
    why = "there is no such namespace";
    drop(name);
  } else if (reply && (reply->status == 401 || reply->status == 403)) {
    result = "forbidden";
  }
  count();
  if (metrics_ != nullptr) metrics_->namespace_reads.add({result});
  if (result == "ok") co_return Nothing(true);
  const Error fault(Reason::config_not_ready, why);
  faults_.put(name, fault, ticks_() + kFaultLife);
  co_return fault;
}

}  // namespace signet
