#include "core/policy/known_keys.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "core/base/text.hpp"

namespace signet {
namespace {

// Words of other policy languages and of later versions, in lower case. A policy that asks for one
// of these is refused and never half-obeyed.
struct Absent {
  std::string_view word;
  std::string_view what;
};

constexpr std::string_view kTimestamps = "signed timestamps";
constexpr std::string_view kLogs = "transparency logs";
constexpr std::string_view kScts = "signed certificate timestamps";
constexpr std::string_view kAttestations = "attestations";

constexpr std::array kAbsent = {
    Absent{"timestamp", kTimestamps},
    Absent{"timestamps", kTimestamps},
    Absent{"timestampauthority", kTimestamps},
    Absent{"timestampauthorities", kTimestamps},
    Absent{"rfc3161timestamp", kTimestamps},
    Absent{"tsa", kTimestamps},
    Absent{"tsas", kTimestamps},
    Absent{"tlog", kLogs},
    Absent{"tlogs", kLogs},
    Absent{"rekor", kLogs},
    Absent{"transparencylog", kLogs},
    Absent{"transparencylogs", kLogs},
    Absent{"ctlog", kLogs},
    Absent{"ctlogs", kScts},
    Absent{"sct", kScts},
    Absent{"scts", kScts},
    Absent{"attestation", kAttestations},
    Absent{"attestations", kAttestations},
    Absent{"predicatetype", kAttestations},
    Absent{"predicatetypes", kAttestations},
};

// How many letters must change to make one word of the other (Levenshtein).
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j)
    row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

std::string_view nearest(std::string_view key, std::span<const std::string_view> known) {
  constexpr std::size_t kLongestKey = 40;
  std::string_view best;
  std::size_t least = std::max<std::size_t>(2, key.size() / 3) + 1;
  if (key.size() > kLongestKey) return best;
  const std::string lowered = to_lower(key);
  for (const std::string_view candidate : known) {
    const std::size_t far = distance(lowered, to_lower(candidate));
    if (far < least && far < candidate.size()) {
      least = far;
      best = candidate;
    }
  }
  return best;
}

}  // namespace

std::string about_unknown_key(std::string_view key, std::span<const std::string_view> known) {
  const std::string lowered = to_lower(key);
  if (lowered == "keyless") {
    return "this version does not do keyless signing; name your own CA under `certificate`";
  }
  for (const Absent& absent : kAbsent) {
    if (absent.word != lowered) continue;
    return cat("this version does not check ", absent.what,
               ", and a policy that asks for them is refused, never half-obeyed");
  }
  const std::string_view meant = nearest(key, known);
  if (!meant.empty()) return cat("is not a known key; did you mean ", meant, "?");
  return cat("is not a known key; known here: ",
             join(std::vector<std::string>(known.begin(), known.end()), ", "));
}

}  // namespace signet
