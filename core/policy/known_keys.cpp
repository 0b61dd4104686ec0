#include "core/policy/known_keys.hpp"

#include <array>
#include <vector>

#include "core/base/nearest.hpp"
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
