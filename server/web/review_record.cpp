#include "server/web/review_record.hpp"

#include <algorithm>
#include <functional>

#include "core/admission/json_text.hpp"
#include "core/base/text.hpp"

namespace signet {
namespace {

constexpr std::string_view kLogger = "admission";
constexpr std::size_t kImagesLogged = 50;
constexpr std::size_t kTextLogged = 256;
constexpr std::size_t kFingerprintDigits = 16;

std::size_t key_of(std::string_view a, std::string_view b) {
  const std::hash<std::string_view> hash;
  return hash(a) * 31 + hash(b);
}

// The text up to its digest.
std::string_view without_digest(std::string_view reference) {
  return reference.substr(0, reference.find('@'));
}

// The text up to its tag or digest.
std::string_view repository_in(std::string_view reference) {
  const std::string_view text = without_digest(reference);
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos || text.find('/', colon) != std::string_view::npos) {
    return text;
  }
  return text.substr(0, colon);
}

std::string images_json(std::span<const JudgedImage> images) {
  std::string json;
  JsonWriter list(json, JsonWriter::Shape::array);
  for (const JudgedImage& judged : images.first(std::min(images.size(), kImagesLogged))) {
    const Verdict& verdict = *judged.verdict;
    list.begin();
    JsonWriter image(json, JsonWriter::Shape::object);
    image.text("path", printable(judged.image.field, kTextLogged));
    image.text("ref", printable(judged.image.reference, kTextLogged));
    if (verdict.digest) image.text("digest", verdict.digest->str());
    image.text("result", verdict.allowed() ? "pass" : "fail");
    image.text("code", name_of(verdict.reason));
    image.text("cache", judged.remembered ? "hit" : "miss");
    if (verdict.stale) image.text("stale", printable(*verdict.stale, kTextLogged));
    if (judged.ends_soon) image.text("certificates_end", format_time(*judged.ends_soon));
    image.text("detail", printable(verdict.detail, kTextLogged)).close();
  }
  list.close();
  return json;
}

LogLevel level_of(const Decision& decision) {
  return decision.word == DecisionWord::error ? LogLevel::warn : LogLevel::info;
}

bool says_little(const Decision& decision) {
  return decision.word == DecisionWord::allow || decision.word == DecisionWord::skip;
}

// What could not be checked, without what differs from review to review.
std::size_t error_key(const Decision& decision, std::span<const JudgedImage> images) {
  for (const JudgedImage& image : images) {
    if (image.verdict->reason != decision.reason) continue;
    return key_of(name_of(decision.reason), image.verdict->detail);
  }
  return key_of(name_of(decision.reason), "");
}

}  // namespace

std::string_view name_of(Phase phase) {
  return phase == Phase::mutate ? "mutate" : "validate";
}

std::string_view hook_of(Phase phase, const Review& review) {
  const bool of_pods = review.group.empty() && review.resource == "pods";
  if (phase == Phase::mutate) return of_pods ? "mutate_pods" : "mutate_workloads";
  return of_pods ? "validate_pods" : "validate_workloads";
}

std::string fingerprint_of(const Review& review, PinFormat format) {
  const PodObject& object = review.object;
  std::vector<std::string_view> images;
  const auto add = [&](const PodImage& image) {
    images.push_back(format == PinFormat::digest_only ? repository_in(image.reference)
                                                      : without_digest(image.reference));
  };
  std::for_each(object.images.begin(), object.images.end(), add);
  std::for_each(review.unchanged.begin(), review.unchanged.end(), add);
  std::sort(images.begin(), images.end());
  std::string text = review.kind.str();
  for (const std::string_view part : {std::string_view(review.user), std::string_view(review.ns),
                                      std::string_view(review.name), name_of(review.operation)}) {
    text.append(1, '\0').append(part);
  }
  for (const std::string_view image : images)
    text.append(1, '\0').append(image);
  return Digest::of(text).hex_part().substr(0, kFingerprintDigits);
}

void ReviewLog::describe(LogLine& line, const ReviewFile& file, Deadline now) const {
  const Review& review = file.review;
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(now - file.received);
  line.with("request_id", file.id)
      .with("admission_uid", review.uid)
      .with("fingerprint", fingerprint_of(review, format_))
      .with("webhook", file.hook)
      .with("phase", name_of(file.phase))
      .with("operation", name_of(review.operation))
      .with("gvk", review.kind.str());
  if (!review.requested_kind.empty()) line.with("requested_gvk", review.requested_kind);
  line.with("resource", review.resource);
  if (!review.subresource.empty()) line.with("subresource", review.subresource);
  line.with("namespace", review.ns).with("name", review.name);
  if (!review.object.controller.empty()) {
    line.with("owner", cat(review.object.controller, "/", review.object.controller_name));
  }
  line.with("user", review.user).with("user_groups_count", review.user_groups);
  line.with("dry_run", review.dry_run);
  line.with("duration_ms", took.count()).with("timeout_ms", file.granted.count());
}

void ReviewLog::write_repeated(LogLine line, std::size_t key, Deadline now) {
  const auto held = errors_.pass(key, now);
  if (!held) return;
  if (*held > 0) line.with("suppressed", *held);
  log_.write(line);
}

// The first of each policy and repository in a minute.
bool ReviewLog::is_sampled(std::span<const JudgedImage> images, Deadline now) {
  bool sampled = images.empty() && samples_.pass(key_of("no image", ""), now);
  for (const JudgedImage& image : images) {
    const auto& policies = image.verdict->policies;
    std::string_view policy = "none";
    if (!policies.empty()) policy = policies.front().name;
    if (samples_.pass(key_of(policy, repository_in(image.image.reference)), now)) sampled = true;
  }
  return sampled;
}

void ReviewLog::foresee(const ReviewFile& file, const JudgedImage& image, Deadline now) {
  const std::string_view repository = repository_in(image.image.reference);
  if (!samples_.pass(key_of("certificates end", repository), now)) return;
  log_.write(LogLine(LogLevel::warn, kLogger, "certificate_expiring",
                     "an admitted image's certificates end soon")
                 .with("request_id", file.id)
                 .with("namespace", file.review.ns)
                 .with("image", image.image.reference)
                 .with("certificates_end", format_time(*image.ends_soon)));
}

void ReviewLog::decided(const ReviewFile& file, std::span<const JudgedImage> images,
                        const Decision& decision) {
  if (listener_) listener_(file.review, images, decision);
  const Deadline now = std::chrono::steady_clock::now();
  for (const JudgedImage& image : images) {
    if (image.ends_soon && log_.wants(LogLevel::warn)) foresee(file, image, now);
  }
  const LogLevel level = level_of(decision);
  if (!log_.wants(level)) return;
  if (says_little(decision) && !is_sampled(images, now)) return;
  LogLine line(level, kLogger, "admission_decision", "a review was decided");
  line.with("decision", name_of(decision.word)).with("code", name_of(decision.reason));
  describe(line, file, now);
  if (file.review.problem) line.with("error", file.review.problem->what());
  if (!images.empty()) line.raw("images", images_json(images));
  if (images.size() > kImagesLogged) line.with("images_truncated", images.size());
  if (decision.word != DecisionWord::error) return log_.write(line);
  write_repeated(std::move(line), error_key(decision, images), now);
}

void ReviewLog::pinned(const ReviewFile& file, std::span<const Pinning> pinnings,
                       const Decision& decision) {
  if (!log_.wants(level_of(decision))) return;
  const Deadline now = std::chrono::steady_clock::now();
  std::size_t pinned = 0;
  std::string_view why;
  bool sampled = false;
  for (const Pinning& pinning : pinnings) {
    const std::string_view repository = repository_in(pinning.image.reference);
    if (samples_.pass(key_of("mutate", repository), now)) sampled = true;
    if (pinning.pinned.empty()) why = pinning.why;
    if (!pinning.pinned.empty()) ++pinned;
  }
  const bool failed = decision.word == DecisionWord::error;
  if (!failed && !sampled) return;
  LogLine line(level_of(decision), kLogger, "images_pinned", "a review was mutated");
  describe(line, file, now);
  line.with("pinned", pinned).with("unresolved", pinnings.size() - pinned);
  if (!failed) return log_.write(line);
  line.with("error", why);
  write_repeated(std::move(line), key_of("mutate", why), now);
}

void ReviewLog::threw(const std::string& id, const std::string& what) {
  LogLine line(LogLevel::error, kLogger, "review_failed", "answering a review threw");
  line.with("request_id", id).with("error", what);
  write_repeated(std::move(line), key_of("threw", what), std::chrono::steady_clock::now());
}

void ReviewLog::unreadable(Phase phase, const Error& error) {
  LogLine line(LogLevel::warn, kLogger, "review_malformed", "a review cannot be read");
  line.with("phase", name_of(phase)).with("error", error.what());
  write_repeated(std::move(line), key_of("unreadable", error.what()),
                 std::chrono::steady_clock::now());
}

}  // namespace signet
