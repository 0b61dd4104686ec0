#pragma once
// The Secret of the self-managed CA (webhook.md D.3): the CA that signs, the one that will, and all
// that clients are to trust. It alone says how far a rotation is; whoever reads it can go on.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/crypto/serving.hpp"

namespace signet {

struct CaSecret {
  ServingAuthority current;
  std::optional<ServingAuthority> next;
  std::vector<Certificate> bundle;     // current first, then next; then what may still be in use
  std::optional<TimePoint> published;  // `next` was seen in every live caBundle
  std::optional<TimePoint> promoted;   // `current` took the place of another
  bool asked = false;                  // for a rotation, by annotation
  std::string resource_version;        // empty: it is not stored yet

  std::string bundle_pem() const;
};

// Of a CA that is used from now on.
CaSecret secret_of(ServingAuthority current);
// Beside it, what clients trust already.
CaSecret trusting(CaSecret secret, const std::vector<Certificate>& trusted, TimePoint now);

// Fails with malformed_object and names the key of the Secret.
Result<CaSecret> parse_ca_secret(std::string_view json);
std::string ca_secret_json(const std::string& ns, const std::string& name, const CaSecret& secret);
// Of a Secret whose content cannot be read; empty where even that is missing.
std::string resource_version_in(std::string_view json);

// ---- the rotation

struct CaTimes {
  std::chrono::seconds ca_validity = std::chrono::hours(24 * 365);
  std::chrono::seconds leaf_validity = std::chrono::hours(24 * 7);
  std::chrono::seconds propagation_delay = std::chrono::minutes(10);
};

enum class CaStep {
  none,
  publish,         // write the bundle into every caBundle that differs
  add_next,        // make the CA that will sign, and trust both
  mark_published,  // every caBundle holds it, from this moment on
  promote,         // it signs; the one before is still trusted
  mark_promoted,   // when that was is not known: it counts from now
  drop_old,        // nothing that the one before signed is served any more
};

struct CaView {
  const CaSecret& secret;
  bool in_sync;  // every live caBundle is the bundle, as read just now
};

// A CA never signs before its certificate is in every live caBundle, and none is taken out of it
// while something that it signed may be served.
CaStep next_step(const CaView& view, const ServiceNames& names, const CaTimes& times,
                 TimePoint now);
// The Secret after a step that writes it; `fresh` is used by add_next alone.
CaSecret after_step(CaStep step, CaSecret secret, std::optional<ServingAuthority> fresh,
                    TimePoint now);

// Whether a CA can sign for these names now.
bool is_usable(const ServingAuthority& authority, const ServiceNames& names, TimePoint now);

}  // namespace signet
