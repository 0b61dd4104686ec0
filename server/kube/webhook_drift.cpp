// What of our webhook configurations is not as it is meant to be (security.md SR-34).

#include <algorithm>

#include "core/base/text.hpp"
#include "server/kube/webhook_configuration.hpp"

namespace signet {
namespace {

constexpr std::string_view kValidate = "/validate";

bool has_or_any(const std::set<std::string>& words, const std::string& word) {
  return words.contains(word) || words.contains("*");
}

// "pods/*" and "*/*" are as the API server reads them.
bool names_resource(const WebhookRule& rule, const std::string& resource) {
  const auto slash = resource.find('/');
  if (has_or_any(rule.resources, resource) && slash == std::string::npos) return true;
  if (rule.resources.contains(resource) || rule.resources.contains("*/*")) return true;
  return slash != std::string::npos && rule.resources.contains(resource.substr(0, slash) + "/*");
}

bool asks_for(const WebhookEntry& entry, const MeantResource& meant, const std::string& operation) {
  return std::any_of(entry.rules.begin(), entry.rules.end(), [&](const WebhookRule& rule) {
    return has_or_any(rule.groups, meant.group) && has_or_any(rule.operations, operation) &&
           names_resource(rule, meant.resource);
  });
}

class DriftSearch {
 public:
  DriftSearch(const std::vector<WebhookConfiguration>& live, const WebhookIntent& intent)
      : live_(live), intent_(intent) {}

  std::vector<WebhookDrift> found(const std::function<bool(const std::string& pem)>& trusted) {
    for (const std::string& name : intent_.names)
      look_for(name);
    if (!found_.empty()) return std::move(found_);
    expect({"", "pods"}, "CREATE");
    expect({"", "pods"}, "UPDATE");
    expect({"", "pods/ephemeralcontainers"}, "UPDATE");
    for (const MeantResource& extra : intent_.extra) {
      expect(extra, "CREATE");
      expect(extra, "UPDATE");
    }
    look_at_policies();
    look_at_bundles(trusted);
    return std::move(found_);
  }

 private:
  void look_for(const std::string& name) {
    const bool there =
        std::any_of(live_.begin(), live_.end(), [&](const auto& one) { return one.name == name; });
    if (!there) tell(DriftProblem::missing, cat("there is no webhook configuration ", name));
  }

  void expect(const MeantResource& meant, const std::string& operation) {
    for (const WebhookConfiguration& one : live_) {
      for (const WebhookEntry& entry : one.entries) {
        if (is_validation(one, entry) && asks_for(entry, meant, operation)) return;
      }
    }
    tell(DriftProblem::rule, cat("no rule asks for ", operation, " of ", meant.resource));
  }

  void look_at_policies() {
    if (intent_.failure_policy.empty()) return;
    for (const WebhookConfiguration& one : live_) {
      for (const WebhookEntry& entry : one.entries) {
        const bool of_pods =
            is_validation(one, entry) &&
            (asks_for(entry, {"", "pods"}, "CREATE") || asks_for(entry, {"", "pods"}, "UPDATE"));
        if (!of_pods || entry.failure_policy == intent_.failure_policy) continue;
        tell(DriftProblem::failure_policy,
             cat("the webhook ", entry.name, " of ", one.name, " has failurePolicy ",
                 entry.failure_policy, " and is meant to have ", intent_.failure_policy));
      }
    }
  }

  void look_at_bundles(const std::function<bool(const std::string& pem)>& trusted) {
    for (const WebhookConfiguration& one : live_) {
      for (const WebhookEntry& entry : one.entries) {
        if (trusted(entry.ca_bundle)) continue;
        tell(DriftProblem::ca_bundle, cat("the caBundle of the webhook ", entry.name, " of ",
                                          one.name, " does not trust the certificate served here"));
      }
    }
  }

  static bool is_validation(const WebhookConfiguration& one, const WebhookEntry& entry) {
    return one.kind == WebhookKind::validating && entry.path == kValidate;
  }

  void tell(DriftProblem problem, std::string what) {
    found_.push_back(WebhookDrift{problem, printable(what)});
  }

  const std::vector<WebhookConfiguration>& live_;
  const WebhookIntent& intent_;
  std::vector<WebhookDrift> found_;
};

}  // namespace

std::string_view name_of(DriftProblem problem) {
  switch (problem) {
    case DriftProblem::missing:
      return "missing";
    case DriftProblem::rule:
      return "rule";
    case DriftProblem::failure_policy:
      return "failure_policy";
    case DriftProblem::ca_bundle:
      return "ca_bundle";
  }
  return "missing";
}

std::vector<WebhookDrift> drift_of(const std::vector<WebhookConfiguration>& live,
                                   const WebhookIntent& intent,
                                   const std::function<bool(const std::string& pem)>& trusted) {
  return DriftSearch(live, intent).found(trusted);
}

}  // namespace signet
