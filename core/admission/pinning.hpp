#pragma once
// What the mutating hook may touch and what it writes (webhook.md B.6, C.1). It gives no verdict,
// so that every error here ends in an object without patch.

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/admission/decision.hpp"
#include "core/oci/reference.hpp"
#include "core/policy/glob.hpp"

namespace signet {

enum class PinScope { pods, workloads };
enum class PinFormat { tag_and_digest, digest_only };

struct PinSettings {
  PinScope scope = PinScope::pods;
  PinFormat format = PinFormat::tag_and_digest;
  bool sticky_digest = true;
  std::vector<ImageGlob> exclude;
};

enum class PinFate { pin, already_pinned, excluded, not_safe, unreadable };

struct PinCandidate {
  PodImage image;
  std::optional<Reference> reference;  // absent: unreadable
  PinFate fate = PinFate::pin;
  // The digest that stood behind this very tag before the update; kept while it passes, so that an
  // apply of the same file rolls out nothing.
  std::optional<Digest> sticky;
};

// One for each new or changed image; none where nothing of the review is judged. The review must
// have been read with Reverify::none.
std::vector<PinCandidate> pin_candidates(const Review& review, const PinSettings& settings);

// What a patch writes for a tag that stands for `digest`.
std::string pinned_text(const Reference& reference, const Digest& digest, PinFormat format);

// What was learned about one image that may be pinned.
struct Pinning {
  PodImage image;
  std::string pinned;  // empty: could not be resolved
  std::string why;     // then: one sentence
};
// The answer of /mutate: never a denial.
Decision pin(std::span<const Pinning> pinnings);

}  // namespace signet
