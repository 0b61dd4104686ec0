#include <algorithm>
#include <array>

#include "core/base/limits.hpp"
#include "core/base/text.hpp"
#include "core/policy/load_parts.hpp"

namespace signet {
namespace {

constexpr std::string_view kApiVersion = "signet.dev/v1alpha1";
constexpr std::size_t kNamespaceBytes = 63;

bool is_dns_label(std::string_view label) {
  return !label.empty() && label.front() != '-' && label.back() != '-' &&
         std::all_of(label.begin(), label.end(),
                     [](char c) { return is_lower(c) || is_digit(c) || c == '-'; });
}

// What people bring that is no policy of ours.
std::string cure_of_kind(const YamlNode& document) {
  struct Foreign {
    std::string_view kind;
    std::string_view cure;
  };
  constexpr std::string_view kImport = "is of another tool; `signet policy import` converts it";
  constexpr std::string_view kWorkload = "is no policy; `signet review` judges workloads";
  constexpr std::string_view kHolder =
      "is no policy; write what its data holds as documents of their own";
  static constexpr std::array kForeignKinds = {
      Foreign{"ClusterImagePolicy", kImport},
      Foreign{"ImagePolicy", kImport},
      Foreign{"ImageValidatingPolicy", kImport},
      Foreign{"ClusterPolicy", kImport},
      Foreign{"List", "is a wrapper; write its items as documents of their own, with --- between"},
      Foreign{"Pod", kWorkload},
      Foreign{"Deployment", kWorkload},
      Foreign{"ConfigMap", kHolder},
      Foreign{"Secret", kHolder},
      Foreign{"PolicyCases", "holds cases; name the file *.cases.yaml"},
  };
  const YamlMember* const kind = document.find("kind");
  const auto* const found =
      std::find_if(kForeignKinds.begin(), kForeignKinds.end(), [&](const Foreign& one) {
        return kind && kind->value.kind == YamlNode::Kind::string && kind->value.text == one.kind;
      });
  return found == kForeignKinds.end() ? "" : cat(quoted(found->kind), " ", found->cure);
}

// The version of another tool's kind says nothing new.
std::optional<PolicyKindName> load_kind(const Field& root, const YamlNode& document) {
  if (const std::string cure = cure_of_kind(document); !cure.empty()) {
    root["kind"].issue(cure);
    return {};
  }
  const Field version = root["apiVersion"];
  if (version.required(cat("write apiVersion: ", kApiVersion))) {
    const auto text = version.text();
    if (text && *text != kApiVersion) {
      version.issue(cat(quoted(*text, 60), " is not known; write ", kApiVersion));
    }
  }
  if (!root["kind"].required("write TrustRoot, ClusterTrustPolicy or TrustPolicy")) return {};
  const auto word = root["kind"].one_of({"TrustRoot", "ClusterTrustPolicy", "TrustPolicy"});
  if (!word || root.document().is_unreadable("kind")) return {};
  return static_cast<PolicyKindName>(*word);
}

// Labels, annotations and what the API server writes say nothing here.
bool load_metadata(const Field& metadata) {
  return metadata.required("write metadata: {name: ...}") &&
         metadata.is_map_of({"name", "namespace", "labels", "annotations", "uid", "resourceVersion",
                             "generation", "creationTimestamp", "managedFields", "finalizers",
                             "ownerReferences", "selfLink"});
}

std::string load_object_name(const Field& name) {
  if (!name.required("every document has a name")) return "";
  auto text = name.text();
  if (!text) return "";
  if (is_object_name(*text)) return std::move(*text);
  name.issue(cat(quoted(*text, 80),
                 " is not a name: lower case letters, digits, `-` and `.`, at most ",
                 std::to_string(kNameBytes)));
  return "";
}

std::string load_namespace(const Field& field, PolicyKindName kind) {
  if (kind != PolicyKindName::policy) {
    if (field) field.issue("stands in a TrustPolicy only; this kind is for the whole cluster");
    return "";
  }
  if (!field.required("a TrustPolicy names the namespace it is for")) return "";
  auto text = field.text();
  if (!text) return "";
  if (is_dns_label(*text) && text->size() <= kNamespaceBytes) return std::move(*text);
  field.issue(cat(quoted(*text, 80), " is not the name of a namespace"));
  return "";
}

std::size_t load_threshold(const Field& field, const std::vector<Authority>& authorities) {
  const std::size_t threshold = field.number(1, kPatterns).value_or(1);
  if (threshold > authorities.size() && !field.document().is_unreadable("spec.authorities")) {
    field.issue(cat(std::to_string(threshold),
                    " authorities must be satisfied, but there are only ",
                    std::to_string(authorities.size()), "; lower it, or add an authority"));
  }
  return threshold;
}

// What holds between the authorities of one policy (policy.md 4, 7).
void check_authorities(const Field& spec, const Policy& policy) {
  for (std::size_t i = 0; i < policy.authorities.size(); ++i) {
    const auto& rule = policy.authorities[i].rule;
    const auto* const fixed = std::get_if<StaticRule>(&rule);
    const bool counts_alone = fixed || std::holds_alternative<DelegateRule>(rule);
    if (policy.threshold > 1 && counts_alone) {
      spec["threshold"].issue(cat("authority ", quoted(policy.authorities[i].name),
                                  " is static or delegate, which count at threshold 1 only"));
    }
    const bool denies = fixed && fixed->action == StaticRule::Action::deny;
    if (denies && policy.authorities.size() > 1) {
      spec["authorities"].issue(cat("authority ", quoted(policy.authorities[i].name),
                                    " denies, and a deny stands alone in its policy; give it one "
                                    "of its own"));
    }
  }
}

// `onError` is for registries that the policy names (policy.md 15; webhook.md J.4).
ErrorAction load_on_error(const Field& field, const Match& match) {
  const auto action = static_cast<ErrorAction>(field.one_of({"deny", "warn", "allow"}).value_or(0));
  if (action == ErrorAction::deny) return action;
  const auto wild = std::find_if(match.images.begin(), match.images.end(),
                                 [](const ImageGlob& glob) { return !glob.has_literal_host(); });
  if (wild != match.images.end()) {
    field.issue(cat("only deny can go with the pattern ", quoted(wild->text(), 120),
                    ": anybody can run a registry that it matches and let it fail; name the "
                    "registries in a policy of their own"));
  }
  return action;
}

void load_spec(const Field& spec, Policy& policy) {
  if (!spec.required("write spec: {match: ..., authorities: ...}")) return;
  if (!spec.is_map_of(
          {"mode", "match", "authorities", "threshold", "onError", "requireDigest", "message"})) {
    return;
  }
  policy.mode = static_cast<Mode>(spec["mode"].one_of({"enforce", "warn", "audit"}).value_or(0));
  policy.match = load_match(spec["match"], policy.kind);
  policy.authorities = load_authorities(spec["authorities"], policy.kind);
  policy.threshold = load_threshold(spec["threshold"], policy.authorities);
  policy.on_error = load_on_error(spec["onError"], policy.match);
  policy.require_digest = spec["requireDigest"].boolean().value_or(false);
  policy.message = load_message(spec["message"]);
  check_authorities(spec, policy);
}

// A policy with issues denies what it would match; what cannot be read there is taken at its
// widest (policy.md 11).
void close_policy(const Document& document, Policy& policy) {
  policy.issues = document.issues;
  if (document.is_kept()) return;
  policy.authorities.clear();
  policy.threshold = 1;
  policy.on_error = ErrorAction::deny;
  if (document.is_unreadable("spec.mode")) policy.mode = Mode::enforce;
  if (document.is_unreadable("spec.match")) policy.match = match_everything();
  if (document.is_unreadable("metadata.namespace")) policy.ns.clear();
}

std::string stand_in_name(const Document& document, YamlPlace at) {
  return cat(printable(document.file, 120), ":", std::to_string(at.line));
}

Issue place_of_name(const Document& document, const Field& name) {
  return {document.file, name.place().line, name.place().column, name.path(), ""};
}

}  // namespace

bool is_object_name(std::string_view name) {
  const auto labels = split(name, '.');
  return name.size() <= kNameBytes && std::all_of(labels.begin(), labels.end(), is_dns_label);
}

std::string load_message(const Field& field) {
  auto text = field.text();
  if (!text) return "";
  if (text->size() > kMessageBytes) {
    field.issue(cat("is longer than ", std::to_string(kMessageBytes), " characters"));
  }
  const bool plain =
      std::all_of(text->begin(), text->end(), [](char c) { return c >= ' ' && c <= '~'; });
  if (!plain) field.issue("is shown in one line of ASCII; write it without other characters");
  return std::move(*text);
}

Policy unreadable_policy(const Document& document, YamlPlace at) {
  Policy policy;
  policy.name = stand_in_name(document, at);
  policy.match = match_everything();
  policy.issues = document.issues;
  return policy;
}

LoadedDocument load_document(const YamlDocument& yaml, Document& document) {
  for (const YamlProblem& problem : yaml.problems) {
    document.add(problem.at, problem.field, problem.what);
  }
  LoadedDocument loaded;
  const Field root(document, yaml.root);
  const auto kind = root.is_map() ? load_kind(root, yaml.root) : std::nullopt;
  if (!kind) {
    loaded.policy = unreadable_policy(document, yaml.root.at);
    loaded.place = {document.file, yaml.root.at.line, yaml.root.at.column, "", ""};
    return loaded;
  }
  document.namespaced = *kind == PolicyKindName::policy;
  root.is_map_of({"apiVersion", "kind", "metadata", "spec", "status"});
  const Field metadata = root["metadata"];
  load_metadata(metadata);
  std::string name = load_object_name(metadata["name"]);
  if (name.empty()) name = stand_in_name(document, yaml.root.at);
  std::string ns = load_namespace(metadata["namespace"], *kind);
  loaded.place = place_of_name(document, metadata["name"]);
  if (*kind == PolicyKindName::trust_root) {
    TrustRoot trust_root{std::move(name), {}, "", {}};
    if (root["spec"].required("write spec: {certificateAuthorities: ...}")) {
      trust_root.trust = load_trust(root["spec"]);
    }
    trust_root.issues = document.issues;
    if (!document.is_kept()) trust_root.trust = {};
    loaded.trust_root = std::move(trust_root);
    return loaded;
  }
  Policy policy;
  policy.kind = *kind == PolicyKindName::policy ? PolicyKind::namespaced : PolicyKind::cluster;
  policy.name = std::move(name);
  policy.ns = std::move(ns);
  load_spec(root["spec"], policy);
  close_policy(document, policy);
  loaded.policy = std::move(policy);
  return loaded;
}

}  // namespace signet
