#pragma once
// What is told of a review: the log lines of webhook.md J.1, sampled where all is well and held
// back where the same error repeats, and the counts of I.3.

#include <functional>
#include <span>

#include "core/admission/pinning.hpp"
#include "server/runtime/log.hpp"
#include "server/runtime/metrics.hpp"
#include "server/web/throttle.hpp"

namespace signet {

enum class Phase { mutate, validate };
std::string_view name_of(Phase phase);
// The label `hook`.
std::string_view hook_of(Phase phase, const Review& review);

// One review, as its lines and counts need it. The referents outlive it.
struct ReviewFile {
  const Review& review;
  Phase phase;
  std::string_view hook;
  const std::string& id;
  Deadline received;
  std::chrono::milliseconds granted;
};

class ReviewLog {
 public:
  // Called with each review that was judged; must neither wait nor throw.
  using Listener =
      std::function<void(const Review&, std::span<const JudgedImage>, const Decision&)>;

  // `log` outlives it. With digests alone, tags are no part of a fingerprint.
  ReviewLog(Log& log, PinFormat format) : log_(log), format_(format) {}

  void tell(Listener listener) { listener_ = std::move(listener); }
  void decided(const ReviewFile& file, std::span<const JudgedImage> images,
               const Decision& decision);
  void pinned(const ReviewFile& file, std::span<const Pinning> pinnings, const Decision& decision);
  void threw(const std::string& id, const std::string& what);
  void unreadable(Phase phase, const Error& error);

 private:
  bool is_sampled(std::span<const JudgedImage> images, Deadline now);
  void foresee(const ReviewFile& file, const JudgedImage& image, Deadline now);
  void describe(LogLine& line, const ReviewFile& file, Deadline now) const;
  void write_repeated(LogLine line, std::size_t key, Deadline now);

  Log& log_;
  PinFormat format_;
  Listener listener_;
  Throttle samples_{std::chrono::seconds(60), 4096};
  Throttle errors_{std::chrono::seconds(10), 1024};
};

// The calls of one user request for both hooks have the same: 16 hex digits over who does what to
// which object with which images, digests left out.
std::string fingerprint_of(const Review& review, PinFormat format);

void count_review(Metrics& metrics, const ReviewFile& file, std::span<const JudgedImage> images,
                  const Decision& decision);
void count_images(Metrics& metrics, const Review& review, std::span<const JudgedImage> images);

}  // namespace signet
