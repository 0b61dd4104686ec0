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

// A word, and what to say about it.
struct Elsewhere {
  std::string_view word;
  std::string_view cure;
};

// Words of other tools, in lower case.
constexpr std::array kForeign = {
    Elsewhere{"data", "write the PEM under `pem`"},
    Elsewhere{"publickeys", "make a `key` of each, in an authority of its own"},
    Elsewhere{"kms", "put the public key under `key: {pem: ...}`"},
    Elsewhere{"hashalgorithm", "take it out; the key says which hash it is"},
    Elsewhere{"source", "write `signatureRepository`"},
    Elsewhere{"policy", "say what must hold in `annotations`; CUE and Rego are not read"},
    Elsewhere{"attestors", "make an authority of each under `authorities`"},
    Elsewhere{"images", "write the patterns under spec.match.images"},
    Elsewhere{"imagereferences", "write the patterns under spec.match.images"},
    Elsewhere{"matchimagereferences", "write the patterns under spec.match.images"},
    Elsewhere{"matchresources", "write spec.match"},
    Elsewhere{"validationactions", "write `mode`: enforce, warn or audit"},
    Elsewhere{"validationfailureaction", "write `mode`: enforce, warn or audit"},
    Elsewhere{"failurepolicy", "write `onError`"},
};

// Our own words, by where they stand.
constexpr std::array kPlaces = {
    Elsewhere{"namespaces", "spec.match"},
    Elsewhere{"namespaceSelector", "spec.match"},
    Elsewhere{"objectSelector", "spec.match"},
    Elsewhere{"exclude", "spec.match"},
    Elsewhere{"identities", "`certificate`"},
    Elsewhere{"trustRootRef", "`certificate`"},
    Elsewhere{"requireCodeSigning", "`certificate`"},
    Elsewhere{"roots", "`certificate`, or in a TrustRoot"},
    Elsewhere{"subject", "an entry of `identities`"},
    Elsewhere{"issuer", "an entry of `identities`"},
    Elsewhere{"subjectRegExp", "an entry of `identities`"},
    Elsewhere{"issuerRegExp", "an entry of `identities`"},
    Elsewhere{"authorities", "spec"},
    Elsewhere{"mode", "spec"},
    Elsewhere{"threshold", "spec"},
    Elsewhere{"match", "spec"},
    Elsewhere{"expires", "`static`"},
};

std::string about_place(std::string_view key, std::string_view lowered) {
  for (const Elsewhere& foreign : kForeign) {
    if (foreign.word == lowered) return cat("is not a known key here; ", foreign.cure);
  }
  for (const Elsewhere& own : kPlaces) {
    if (own.word == key) return cat("is not a known key here; it stands in ", own.cure);
  }
  return "";
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
  std::string elsewhere = about_place(key, lowered);
  if (!elsewhere.empty()) return elsewhere;
  const std::string_view meant = nearest(key, known);
  if (!meant.empty()) return cat("is not a known key; did you mean ", meant, "?");
  return cat("is not a known key; known here: ",
             join(std::vector<std::string>(known.begin(), known.end()), ", "));
}

}  // namespace signet
