#include <algorithm>

#include "core/base/text.hpp"
#include "core/policy/import_kyverno.hpp"

namespace signet {
namespace {

constexpr std::string_view kNamespaceName = "kubernetes.io/metadata.name";
constexpr std::string_view kHoldsForAll =
    "workloads are chosen by their namespace alone here; the policy holds for all others too";

bool has_wildcard(const std::string& text) {
  return text.find_first_of("*?") != std::string::npos;
}

// Kinds that Signet judges whether they are named or not.
bool names_pods(const PeerField& kinds) {
  const std::vector<std::string> list = kinds.words();
  return list.empty() || std::any_of(list.begin(), list.end(), [](const std::string& kind) {
           return kind == "*" || kind == "Pod" || kind.ends_with("/Pod");
         });
}

std::vector<PeerField> entries_of(const PeerField& choice) {
  std::vector<PeerField> entries = choice["any"].items();
  for (const PeerField& item : choice["all"].items())
    entries.push_back(item);
  if (choice["resources"]) entries.push_back(choice);
  return entries;
}

// Whether every one of `kinds` is among `others`; without a list, all kinds are meant.
bool covers_kinds(const PeerField& others, const PeerField& kinds) {
  const std::vector<std::string> list = others.words();
  const std::vector<std::string> wanted = kinds.words();
  const auto has = [&](const std::string& kind) {
    return std::find(list.begin(), list.end(), kind) != list.end();
  };
  return list.empty() || has("*") ||
         (!wanted.empty() && std::all_of(wanted.begin(), wanted.end(), has));
}

// Whether an entry chooses by namespaces and by nothing else.
bool is_namespaces_alone(const PeerField& entry) {
  bool alone = true;
  for (const auto& [key, field] : entry.members())
    alone = alone && key == "resources";
  for (const auto& [key, field] : entry["resources"].members())
    alone = alone && (key == "kinds" || key == "namespaces" || key == "operations");
  return alone && names_pods(entry["resources"]["kinds"]) &&
         means_every_change(entry["resources"]["operations"]) &&
         !entry["resources"]["namespaces"].words().empty();
}

void use_namespaces(DraftPolicy& policy, const PeerField& field) {
  for (const std::string& ns : field.words())
    policy.namespaces.push_back(ns);
}

// The only entry of a match.
void import_choice(const PeerField& entry, DraftPolicy& policy) {
  const PeerField resources = entry["resources"];
  if (!names_pods(resources["kinds"])) {
    resources["kinds"].loss(policy.match_comments, "pods and every workload are judged here");
  }
  if (policy.namespaces.empty()) use_namespaces(policy, resources["namespaces"]);
  if (const PeerField selector = resources["namespaceSelector"]) {
    use_namespace_selector(policy, selector);
  }
  if (!means_every_change(resources["operations"])) {
    resources["operations"].loss(policy.match_comments, kEveryChange);
  }
  for (const std::string_view key : {"selector", "names", "name", "annotations"}) {
    if (resources[key]) resources[key].loss(policy.match_comments, kHoldsForAll);
  }
  for (const std::string_view key : {"subjects", "roles", "clusterRoles"}) {
    if (entry[key]) entry[key].loss(policy.match_comments, "it holds for every user here");
  }
}

void import_exclusion(const PeerField& exclude, const std::vector<PeerField>& matched,
                      DraftPolicy& policy) {
  const std::vector<PeerField> entries = entries_of(exclude);
  const bool all_of_several = exclude["all"].items().size() > 1;
  for (const PeerField& entry : entries) {
    const std::vector<std::string> names = entry["resources"]["namespaces"].words();
    const bool literal = std::none_of(names.begin(), names.end(), has_wildcard);
    const bool of_every_kind =
        !matched.empty() && std::all_of(matched.begin(), matched.end(), [&](const PeerField& one) {
          return covers_kinds(entry["resources"]["kinds"], one["resources"]["kinds"]);
        });
    if (all_of_several || !literal || !of_every_kind || !is_namespaces_alone(entry)) {
      entry.loss(policy.match_comments,
                 "only whole namespaces, written out, can be excluded here, with all that is "
                 "matched in them; nothing is");
    } else {
      policy.namespace_expressions.push_back({std::string(kNamespaceName), "NotIn", names});
    }
  }
}

}  // namespace

void import_match(const PeerField& rule, DraftPolicy& policy) {
  const PeerField match = rule["match"];
  const std::vector<PeerField> entries = entries_of(match);
  const bool any = match["all"].items().size() < 2;
  if (entries.size() == 1) {
    import_choice(entries[0], policy);
  } else if (any && policy.namespaces.empty() &&
             std::all_of(entries.begin(), entries.end(), is_namespaces_alone)) {
    for (const PeerField& entry : entries)
      use_namespaces(policy, entry["resources"]["namespaces"]);
  } else if (!entries.empty()) {
    match.loss(policy.match_comments, "several choices cannot be said here; it holds for all");
  }
  if (rule["exclude"]) import_exclusion(rule["exclude"], entries, policy);
}

bool means_every_change(const PeerField& operations) {
  const std::vector<std::string> list = operations.words();
  const auto has = [&](std::string_view operation) {
    return std::find(list.begin(), list.end(), operation) != list.end();
  };
  return list.empty() || has("*") || (has("CREATE") && has("UPDATE"));
}

void add_together(std::vector<DraftPolicy>& policies, ImportWork& work) {
  ++work.groups;
  for (DraftPolicy& policy : policies) {
    policy.group = work.groups;
    policy.name = free_name(work, policy.name);
    work.drafts.policies.push_back(std::move(policy));
  }
}

void import_service_settings(const PeerField& spec, DraftPolicy& policy) {
  const std::string on_failure = spec["failurePolicy"].text();
  if (on_failure == "Ignore") {
    spec["failurePolicy"].loss(policy.comments,
                               "what cannot be checked is denied here; see onError, and the "
                               "chart's failurePolicy for when the service itself is away");
  }
  for (const std::string_view key :
       {"webhookTimeoutSeconds", "webhookConfiguration", "background", "schemaValidation",
        "applyRules", "admission", "mutateExistingOnPolicyUpdate", "generateExisting",
        "generateExistingOnPolicyUpdate", "useServerSideApply", "autogen"}) {
    if (spec[key]) spec[key].note(policy.comments, "is a setting of Kyverno's own service");
  }
}

void demand_logs(const PeerField& field, bool certificate, DraftAuthority& authority,
                 ImportWork& work) {
  const PeerField log = field["rekor"];
  const PeerField sct = field["ctlog"];
  const bool without_log = log["ignoreTlog"].flag(false);
  const bool without_sct = sct["ignoreSCT"].flag(false) || !certificate;
  if (sct["tsaCertChain"]) {
    leave_out(authority, sct["tsaCertChain"], "signed timestamps are not checked here");
  }
  if (!without_log) drop_log(work, authority, log);
  if (!without_sct) drop_log(work, authority, sct);
  log.done();
  sct.done();
}

void use_any_of_chain(DraftAuthority& authority, const PeerField& field, const std::string& pem) {
  if (pem.empty()) return leave_out(authority, field, "there is no chain");
  use_chain(authority, field, pem);
  if (authority.left_out) return;
  field.note(authority.comments,
             "names nobody, so anybody whose certificate it leads to may sign; name them");
  DraftIdentity anybody;
  anybody.subject_regexp = ".*";
  anybody.issuer_dn_regexp = ".*";
  authority.identities.push_back(std::move(anybody));
}

void use_exclude(DraftPolicy& policy, const PeerField& field, const CarriedGlobs& carried) {
  if (carried.globs.empty() || !carried.exact) {
    field.loss(policy.match_comments,
               "no pattern here excludes just that, so nothing is excluded by it");
  } else {
    policy.exclude.insert(policy.exclude.end(), carried.globs.begin(), carried.globs.end());
  }
}

}  // namespace signet
