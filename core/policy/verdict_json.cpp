#include <nlohmann/json.hpp>

#include "core/base/text.hpp"
#include "core/policy/explain.hpp"

namespace signet {
namespace {

constexpr std::size_t kTextBytes = 2048;

// Names and reasons are API. Whatever came from outside is printable ASCII here.
std::string safe(std::string_view text) {
  return printable(text, kTextBytes);
}

Json instant(const std::optional<TimePoint>& at) {
  return at ? Json(format_time(*at)) : Json(nullptr);
}

Json json_of(const std::optional<AnchorFinding>& anchor) {
  if (!anchor) return nullptr;
  return {{"subject", safe(anchor->subject)}, {"fingerprint", anchor->fingerprint.str()}};
}

Json json_of(const SignatureFinding& finding) {
  return {{"origin", safe(finding.origin)},   {"format", name_of(finding.format)},
          {"subject", safe(finding.subject)}, {"issuer", safe(finding.issuer)},
          {"counted", finding.counted},       {"reason", name_of(finding.reason)},
          {"detail", safe(finding.detail)},   {"not_after", instant(finding.not_after)},
          {"anchor", json_of(finding.anchor)}};
}

Json json_of(const AuthorityFinding& finding) {
  Json signatures = Json::array();
  for (const SignatureFinding& signature : finding.signatures) {
    signatures.push_back(json_of(signature));
  }
  Json searched = Json::array();
  for (const std::string& where : finding.searched) {
    searched.push_back(safe(where));
  }
  return {{"name", safe(finding.name)},        {"outcome", name_of(finding.outcome)},
          {"reason", name_of(finding.reason)}, {"detail", safe(finding.detail)},
          {"wanted", safe(finding.wanted)},    {"signatures", std::move(signatures)},
          {"searched", std::move(searched)},   {"earliest_end", instant(finding.earliest_end)}};
}

Json json_of(const PolicyFinding& finding) {
  Json authorities = Json::array();
  for (const AuthorityFinding& authority : finding.authorities) {
    authorities.push_back(json_of(authority));
  }
  return {{"name", safe(finding.name)},
          {"mode", name_of(finding.mode)},
          {"outcome", name_of(finding.outcome)},
          {"effect", name_of(finding.effect)},
          {"reason", name_of(finding.reason)},
          {"detail", safe(finding.detail)},
          {"message", safe(finding.message)},
          {"authorities", std::move(authorities)},
          {"certificates_until", instant(finding.certificates_until)}};
}

}  // namespace

Json verdict_json(const Verdict& verdict) {
  Json policies = Json::array();
  for (const PolicyFinding& finding : verdict.policies) {
    policies.push_back(json_of(finding));
  }
  Json warnings = Json::array();
  for (const std::string& warning : verdict.warnings) {
    warnings.push_back(safe(warning));
  }
  return {{"image", safe(verdict.image)},
          {"digest", verdict.digest ? Json(verdict.digest->str()) : Json(nullptr)},
          {"allowed", verdict.allowed()},
          {"outcome", name_of(verdict.outcome)},
          {"reason", name_of(verdict.reason)},
          {"detail", safe(verdict.detail)},
          {"policies", std::move(policies)},
          {"warnings", std::move(warnings)},
          {"stable_until", instant(verdict.stable_until)},
          {"certificates_until", instant(verdict.certificates_until)},
          {"stale", verdict.stale ? Json(safe(*verdict.stale)) : Json(nullptr)}};
}

}  // namespace signet
