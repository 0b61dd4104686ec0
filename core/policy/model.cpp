#include "core/policy/model.hpp"

#include "core/base/text.hpp"

namespace signet {

std::string Issue::str() const {
  std::string text = file;
  if (line > 0) text += cat(":", std::to_string(line), ":", std::to_string(column));
  if (!text.empty()) text += ": ";
  if (!field.empty()) text += cat(field, ": ");
  return text + what;
}

std::string_view name_of(Mode mode) {
  switch (mode) {
    case Mode::enforce:
      return "enforce";
    case Mode::warn:
      return "warn";
    case Mode::audit:
      return "audit";
  }
  return "enforce";
}

std::string_view name_of(PolicyKindName kind) {
  switch (kind) {
    case PolicyKindName::trust_root:
      return "TrustRoot";
    case PolicyKindName::cluster_policy:
      return "ClusterTrustPolicy";
    case PolicyKindName::policy:
      return "TrustPolicy";
  }
  return "ClusterTrustPolicy";
}

std::string ObjectName::str() const {
  if (kind != PolicyKindName::policy) return cat(name_of(kind), "/", name);
  return cat(name_of(kind), "/", ns, "/", name);
}

std::string Policy::display_name() const {
  if (kind == PolicyKind::cluster) return cat("ClusterTrustPolicy/", name);
  return cat("TrustPolicy/", ns, "/", name);
}

}  // namespace signet
