#pragma once
// What Kyverno's two kinds of policies share.

#include "core/policy/import_parts.hpp"

namespace signet {

inline constexpr std::string_view kKyvernoAdmits =
    "Kyverno admits images that no policy names; here `noMatch` decides, by default deny.";

// `rekor` and `ctlog` beside a key or a certificate: without a word against it, both are demanded.
void demand_logs(const PeerField& field, bool certificate, DraftAuthority& authority,
                 ImportWork& work);
// A chain without a name: any certificate under it.
void use_any_of_chain(DraftAuthority& authority, const PeerField& field, const std::string& pem);
// Images that need no signature: only what the peer skips for certain.
void use_exclude(DraftPolicy& policy, const PeerField& field, const CarriedGlobs& carried);
// `match` and `exclude` of a rule.
void import_match(const PeerField& rule, DraftPolicy& policy);
// Whether `operations` leave out no change that is judged here; none are all.
inline constexpr std::string_view kEveryChange =
    "what is created and what is updated is judged here";
bool means_every_change(const PeerField& operations);
// Adds policies that stand for one of the peer's, all of which must pass.
void add_together(std::vector<DraftPolicy>& policies, ImportWork& work);
// What is said to Kyverno's own webhook and controllers.
void import_service_settings(const PeerField& spec, DraftPolicy& policy);

}  // namespace signet
