#include "server/web/review_record.hpp"

#include "core/admission/json_text.hpp"
#include "core/base/text.hpp"

namespace signet {
namespace {

constexpr std::size_t kImagesLogged = 50;
constexpr std::size_t kTextLogged = 256;

LogLevel level_of(const Decision& decision) {
  return decision.word == DecisionWord::error ? LogLevel::warn : LogLevel::info;
}

void describe(LogLine& line, const Review& review, const std::string& id,
              Deadline::clock::time_point received) {
  const auto took = std::chrono::steady_clock::now() - received;
  line.with("request_id", id)
      .with("admission_uid", review.uid)
      .with("operation", word_of(review.operation))
      .with("gvk", review.kind.str())
      .with("resource", review.resource);
  if (!review.subresource.empty()) line.with("subresource", review.subresource);
  line.with("namespace", review.ns).with("name", review.name).with("user", review.user);
  line.with("dry_run", review.dry_run);
  line.with("duration_ms", std::chrono::duration_cast<std::chrono::milliseconds>(took).count());
}

std::string images_json(const std::vector<JudgedImage>& images) {
  std::string json;
  JsonWriter list(json, JsonWriter::Shape::array);
  for (std::size_t i = 0; i < std::min(images.size(), kImagesLogged); ++i) {
    const Verdict& verdict = images[i].verdict;
    list.begin();
    JsonWriter image(json, JsonWriter::Shape::object);
    image.text("path", printable(images[i].image.field, kTextLogged));
    image.text("ref", printable(images[i].image.reference, kTextLogged));
    if (verdict.digest) image.text("digest", verdict.digest->str());
    image.text("result", verdict.allowed() ? "pass" : "fail");
    image.text("code", name_of(verdict.reason));
    image.text("detail", printable(verdict.detail, kTextLogged)).close();
  }
  list.close();
  return json;
}

}  // namespace

Task<Verdict> verify_text(const Judge& judge, std::string text, Workload workload,
                          std::shared_ptr<const PolicySet> policies, Deadline deadline) {
  auto reference = Reference::parse(text);
  if (!reference) co_return failed_verdict(text, reference.error());
  if (!policies) {
    co_return failed_verdict(text, Error(Reason::config_not_ready, "no policies are loaded yet"));
  }
  co_return co_await judge.verify(std::move(*reference), std::move(workload), std::move(policies),
                                  deadline);
}

Task<Result<std::string>> pin_text(const Judge& judge, std::string text, Deadline deadline) {
  const auto reference = Reference::parse(text);
  if (!reference) co_return reference.error();
  const auto digest = co_await judge.resolve(*reference, deadline);
  if (!digest) co_return digest.error();
  co_return reference->pinned(*digest);
}

std::string_view word_of(Operation operation) {
  switch (operation) {
    case Operation::create:
      return "create";
    case Operation::update:
      return "update";
    case Operation::remove:
    case Operation::connect:
    case Operation::other:
      return "other";
  }
  return "other";
}

LogLine decision_line(const Review& review, const std::vector<JudgedImage>& images,
                      const Decision& decision, const std::string& id,
                      Deadline::clock::time_point received) {
  LogLine line(level_of(decision), "admission", "admission_decision", "a review was decided");
  line.with("phase", "validate").with("decision", name_of(decision.word));
  line.with("code", name_of(decision.reason));
  describe(line, review, id, received);
  if (review.problem) line.with("error", review.problem->what());
  if (!images.empty()) line.raw("images", images_json(images));
  if (images.size() > kImagesLogged) line.with("images_truncated", images.size());
  return line;
}

LogLine pinning_line(const Review& review, const std::vector<Pinning>& pinnings,
                     const std::string& id, Deadline::clock::time_point received) {
  LogLine line(LogLevel::info, "admission", "images_pinned", "a review was mutated");
  line.with("phase", "mutate");
  describe(line, review, id, received);
  std::size_t pinned = 0;
  for (const Pinning& pinning : pinnings) {
    if (!pinning.pinned.empty()) ++pinned;
  }
  return line.with("pinned", pinned).with("unresolved", pinnings.size() - pinned);
}

LogLine failure_line(const std::string& id, const std::string& thrown) {
  return LogLine(LogLevel::error, "admission", "review_failed", "answering a review threw")
      .with("request_id", id)
      .with("error", thrown);
}

}  // namespace signet
