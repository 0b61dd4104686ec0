#include <algorithm>
#include <set>

#include "core/base/text.hpp"
#include "core/policy/fingerprint.hpp"
#include "core/policy/glob_relations.hpp"
#include "core/policy/lint_parts.hpp"
#include "core/policy/matcher.hpp"

namespace signet {
namespace {

constexpr std::string_view kName = "metadata.name";

// ---- where one policy applies, and the other

bool each_is_covered(const std::vector<ImageGlob>& inner, const std::vector<ImageGlob>& outer) {
  return std::all_of(inner.begin(), inner.end(), [&](const ImageGlob& glob) {
    return std::any_of(outer.begin(), outer.end(),
                       [&](const ImageGlob& wider) { return covers(wider, glob); });
  });
}

bool same_selector(const std::optional<Selector>& a, const std::optional<Selector>& b) {
  const auto same = [](const Selector::Expression& x, const Selector::Expression& y) {
    return x.key == y.key && x.op == y.op && x.values == y.values;
  };
  return a && b &&
         std::equal(a->expressions.begin(), a->expressions.end(), b->expressions.begin(),
                    b->expressions.end(), same);
}

bool covers_namespaces(const Policy& outer, const Policy& inner) {
  if (outer.kind == PolicyKind::namespaced) {
    return inner.kind == PolicyKind::namespaced && inner.ns == outer.ns;
  }
  const auto& patterns = outer.match.namespaces;
  if (patterns.empty()) return true;
  const auto is_covered = [&](const std::string& ns) {
    return std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
      return pattern == ns ||
             (ns.find_first_of("*?") == std::string::npos && matches_name(pattern, ns));
    });
  };
  if (inner.kind == PolicyKind::namespaced) return is_covered(inner.ns);
  const auto& names = inner.match.namespaces;
  return !names.empty() && std::all_of(names.begin(), names.end(), is_covered);
}

// Wherever `inner` applies, `outer` does. Never wrongly true.
bool applies_wherever(const Policy& outer, const Policy& inner) {
  const auto& [images, exclude, namespaces, of_namespace, of_object] = outer.match;
  return covers_namespaces(outer, inner) &&
         (!of_namespace || same_selector(of_namespace, inner.match.namespace_selector)) &&
         (!of_object || same_selector(of_object, inner.match.object_selector)) &&
         each_is_covered(inner.match.images, images) &&
         each_is_covered(exclude, inner.match.exclude);
}

// There may be an image of a namespace to which both apply. Never wrongly false.
bool may_meet(const Policy& cluster, const Policy& policy) {
  const auto& patterns = cluster.match.namespaces;
  const bool names = patterns.empty() ||
                     std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
                       return matches_name(pattern, policy.ns);
                     });
  if (!names) return false;
  return std::any_of(
      policy.match.images.begin(), policy.match.images.end(), [&](const ImageGlob& glob) {
        const auto& images = cluster.match.images;
        return std::any_of(images.begin(), images.end(),
                           [&](const ImageGlob& other) { return may_overlap(glob, other); });
      });
}

// ---- what they ask

const StaticRule* static_of(const Authority& authority) {
  return std::get_if<StaticRule>(&authority.rule);
}

bool is_deny(const Policy& policy) {
  return std::any_of(policy.authorities.begin(), policy.authorities.end(), is_static_deny);
}

bool denies_all(const Policy& policy) {
  return policy.mode == Mode::enforce && is_deny(policy) &&
         static_of(policy.authorities.front())->digests.empty();
}

bool allows_all(const Policy& policy) {
  return policy.threshold == 1 && std::any_of(policy.authorities.begin(), policy.authorities.end(),
                                              [](const Authority& authority) {
                                                const StaticRule* const rule = static_of(authority);
                                                return rule &&
                                                       rule->action == StaticRule::Action::allow &&
                                                       rule->digests.empty() && !rule->expires;
                                              });
}

// What a policy asks, without its name, its place and its words.
std::string asked_by(const Policy& policy) {
  Policy bare = policy;
  bare.kind = PolicyKind::cluster;
  bare.ns.clear();
  bare.name.clear();
  bare.match = {};
  bare.message.clear();
  bare.mode = Mode::enforce;
  for (Authority& authority : bare.authorities)
    authority.name.clear();
  return fingerprint_of(bare);
}

bool is_no_weaker(Mode mode, Mode than) {
  return static_cast<int>(mode) <= static_cast<int>(than);
}

// ---- the rules

class Together {
 public:
  Together(std::span<const LintedDocument> documents, LintNotes& notes) : notes_(notes) {
    for (const LintedDocument& document : documents) {
      if (document.policy) {
        // What is not seen of two policies may differ.
        policies_.push_back({&document, document.complete ? asked_by(*document.policy) : ""});
      } else {
        roots_.push_back(&document);
      }
    }
  }

  void check() {
    check_roots();
    for (const Asked& inner : policies_) {
      if (!check_shadow(inner)) check_use(inner);
    }
  }

 private:
  struct Asked {
    const LintedDocument* document;
    std::string asked;

    const Policy& policy() const { return *document->policy; }
  };

  void check_roots() {
    std::set<std::string> used;
    for (const Asked& asked : policies_) {
      for (const Authority& authority : asked.policy().authorities) {
        if (const auto* const rule = std::get_if<CertificateRule>(&authority.rule)) {
          used.insert(rule->trust_root);
        } else if (const auto* const delegate = std::get_if<DelegateRule>(&authority.rule)) {
          used.insert(delegate->trust_roots.begin(), delegate->trust_roots.end());
        }
      }
    }
    if (policies_.empty()) return;
    for (const LintedDocument* const root : roots_) {
      if (used.contains(root->trust_root->name)) continue;
      notes_.add(*root, "unused-trust-root", kName,
                 cat("no policy among the files refers to TrustRoot ",
                     quoted(root->trust_root->name, 80)));
    }
  }

  // Whether another policy makes this one moot.
  bool check_shadow(const Asked& inner) {
    for (const Asked& outer : policies_) {
      if (&outer == &inner) continue;
      if (check_contradiction(outer, inner)) return true;
      const std::string why = shadow_of(outer, inner);
      if (why.empty()) continue;
      notes_.add(*inner.document, "shadowed", kName, why);
      return true;
    }
    return false;
  }

  std::string shadow_of(const Asked& outer, const Asked& inner) const {
    const bool denies = denies_all(outer.policy()) && !is_deny(inner.policy());
    const bool repeats = !inner.asked.empty() && outer.asked == inner.asked &&
                         is_no_weaker(outer.policy().mode, inner.policy().mode);
    if (!denies && !repeats) return "";
    if (!applies_wherever(outer.policy(), inner.policy())) return "";
    // Of two that say the same, the second one is told.
    const bool equal = applies_wherever(inner.policy(), outer.policy()) &&
                       outer.policy().mode == inner.policy().mode;
    if (repeats && equal && &outer > &inner) return "";
    return cat(outer.policy().display_name(), denies ? " denies all that this one could allow"
                                                     : " asks the same, wherever this one applies");
  }

  bool check_contradiction(const Asked& outer, const Asked& inner) {
    if (!is_deny(outer.policy()) || is_deny(inner.policy())) return false;
    if (outer.policy().mode != Mode::enforce || !applies_wherever(outer.policy(), inner.policy())) {
      return false;
    }
    const auto& denied = static_of(outer.policy().authorities.front())->digests;
    const auto& authorities = inner.policy().authorities;
    for (std::size_t i = 0; i < authorities.size(); ++i) {
      const StaticRule* const rule = static_of(authorities[i]);
      if (rule == nullptr) continue;
      for (std::size_t j = 0; j < rule->digests.size(); ++j) {
        if (std::find(denied.begin(), denied.end(), rule->digests[j]) == denied.end()) continue;
        notes_.add(*inner.document, "contradiction",
                   cat("spec.authorities[", std::to_string(i), "].static.digests[",
                       std::to_string(j), "]"),
                   cat(outer.policy().display_name(), " denies the digest that is allowed here"));
        return true;
      }
    }
    return false;
  }

  // Whether a TrustPolicy decides anything.
  void check_use(const Asked& asked) {
    const Policy& policy = asked.policy();
    if (policy.kind != PolicyKind::namespaced) return;
    if (allows_all(policy)) {
      notes_.add(*asked.document, "without-effect", kName,
                 "a TrustPolicy can only tighten, and this one allows everything");
      return;
    }
    bool any_cluster = false;
    bool met = false;
    for (const Asked& other : policies_) {
      if (other.policy().kind != PolicyKind::cluster) continue;
      any_cluster = true;
      met = met || may_meet(other.policy(), policy);
      if (check_delegate(other.policy(), asked)) return;
    }
    if (!any_cluster || met) return;
    notes_.add(
        *asked.document, "without-effect", kName,
        "no ClusterTrustPolicy among the files covers its images, so they are denied whatever "
        "it says (`noMatch: deny`)",
        "widen a ClusterTrustPolicy to these images, or correct the patterns");
  }

  // Whether a policy that leaves all to teams gets nothing from this one.
  bool check_delegate(const Policy& cluster, const Asked& asked) {
    std::set<std::string> roots;
    for (const Authority& authority : cluster.authorities) {
      const auto* const rule = std::get_if<DelegateRule>(&authority.rule);
      if (rule == nullptr) return false;
      roots.insert(rule->trust_roots.begin(), rule->trust_roots.end());
    }
    if (!applies_wherever(cluster, asked.policy())) return false;
    const auto& authorities = asked.policy().authorities;
    const bool satisfies =
        std::any_of(authorities.begin(), authorities.end(), [&](const Authority& authority) {
          const auto* const rule = std::get_if<CertificateRule>(&authority.rule);
          return rule && roots.contains(rule->trust_root);
        });
    if (satisfies) return false;
    const std::vector<std::string> names(roots.begin(), roots.end());
    notes_.add(*asked.document, "no-delegate", "spec.authorities",
               cat(cluster.display_name(), " delegates to TrustRoot ",
                   printable(join(names, " or "), 120), ", and no authority here refers to one"));
    return true;
  }

  LintNotes& notes_;
  std::vector<Asked> policies_;
  std::vector<const LintedDocument*> roots_;
};

}  // namespace

void lint_together(std::span<const LintedDocument> documents, LintNotes& notes) {
  Together(documents, notes).check();
}

}  // namespace signet
