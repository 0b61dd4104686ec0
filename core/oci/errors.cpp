#include "core/oci/errors.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "core/base/json.hpp"
#include "core/base/limits.hpp"
#include "core/base/text.hpp"

namespace signet {
namespace {

constexpr JsonLimits kBodyLimits{64 * kKiB, 16};
constexpr std::size_t kMessageShown = 200;

// The codes of the distribution specification, and those of Harbor and Docker Hub.
constexpr std::array<std::string_view, 16> kCodes = {"BLOB_UNKNOWN",
                                                     "BLOB_UPLOAD_INVALID",
                                                     "BLOB_UPLOAD_UNKNOWN",
                                                     "DIGEST_INVALID",
                                                     "DENIED",
                                                     "MANIFEST_INVALID",
                                                     "MANIFEST_BLOB_UNKNOWN",
                                                     "MANIFEST_UNKNOWN",
                                                     "NAME_INVALID",
                                                     "NAME_UNKNOWN",
                                                     "NOT_FOUND",
                                                     "SIZE_INVALID",
                                                     "TOOMANYREQUESTS",
                                                     "UNAUTHORIZED",
                                                     "UNAVAILABLE",
                                                     "UNSUPPORTED"};

// A text member of errors[0]; empty where the body is anything else.
std::string first_error_member(std::string_view body, std::string_view name) {
  const auto json = parse_json(body, kBodyLimits);
  if (!json) return {};
  const auto errors = array_member(*json, "errors");
  if (!errors || (*errors)->empty()) return {};
  const auto member = string_member((*errors)->front(), name);
  return member ? *member : std::string();
}

bool says_unknown(std::string_view code) {
  return code == "MANIFEST_UNKNOWN" || code == "NAME_UNKNOWN" || code == "BLOB_UNKNOWN" ||
         code == "NOT_FOUND";
}

// registry.md C.11: a missing thing is a 404; a 400 counts where its code says so.
bool is_missing(unsigned status, std::string_view code) {
  return status == 404 || (status == 400 && says_unknown(code));
}

}  // namespace

std::string error_code_of(std::string_view body) {
  const std::string code = first_error_member(body, "code");
  return std::find(kCodes.begin(), kCodes.end(), code) == kCodes.end() ? std::string() : code;
}

std::string error_message_of(std::string_view body) {
  return printable(first_error_member(body, "message"), kMessageShown);
}

Error refusal(unsigned status, std::string_view body, std::string_view what,
              std::string_view host) {
  const std::string code = error_code_of(body);
  const std::string answer = cat("HTTP ", std::to_string(status), code.empty() ? "" : " ", code);
  const auto error = [&](Reason reason, std::string_view why, std::string_view cure) {
    return Error(reason, cat(what, ": ", why, " (", answer, "); ", cure));
  };
  if (is_missing(status, code)) {
    return error(Reason::image_not_found, "the registry has no such object",
                 "check the name, and whether these credentials may see it");
  }
  if (status == 401) {
    return error(Reason::registry_auth,
                 cat(host, " wants a valid login, or has no such repository"),
                 cat("give a pull secret or a Docker config.json with a login for ", host));
  }
  if (status == 403) {
    return error(Reason::registry_forbidden, cat(host, " does not let this login read it"),
                 "grant it the right to pull from this repository");
  }
  if (status == 429) {
    return error(Reason::registry_rate_limited, cat(host, " limits how often it may be asked"),
                 "log in to raise the limit, or try again later");
  }
  if (status >= 500) {
    return error(Reason::registry_unreachable, cat(host, " cannot answer at the moment"),
                 "try again when the registry works");
  }
  return error(Reason::registry_protocol, cat(host, " gave an answer that is none"),
               "check that it is a container registry");
}

}  // namespace signet
