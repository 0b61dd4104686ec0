#include "server/registry/token_request.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "server/net/percent_encoding.hpp"

namespace signet {
namespace {

using std::chrono::seconds;

constexpr std::string_view kClient = "signet";
constexpr seconds kLeast{60};  // the specification's promise, and its default
constexpr seconds kMost{3600};
constexpr seconds kLeastMargin{5};

Error broken(std::string_view what) {
  return {Reason::registry_protocol, cat("the token server's answer cannot be used: ", what)};
}

// A whole number of seconds; servers also write it as a text or with a fraction.
std::optional<double> number_of(const Json& member) {
  if (member.is_number()) return member.get<double>();
  if (!member.is_string()) return std::nullopt;
  const auto& text = member.get_ref<const std::string&>();
  double value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

seconds lifetime_of(const Json& json) {
  const Json* const member = find_member(json, "expires_in");
  const auto value = member == nullptr ? std::nullopt : number_of(*member);
  if (!value || !std::isfinite(*value) || *value < static_cast<double>(kLeast.count())) {
    return kLeast;
  }
  if (*value > static_cast<double>(kMost.count())) return kMost;
  return seconds(static_cast<seconds::rep>(*value));
}

// When the lifetime began: the server's word where it is plausible, else now (clock skew).
TimePoint start_of(const Json& json, seconds lifetime, TimePoint now) {
  const auto text = string_member(json, "issued_at");
  if (!text) return now;
  const auto issued = parse_time(*text);
  return issued && *issued <= now && *issued >= now - lifetime ? *issued : now;
}

std::string token_member(const Json& json) {
  for (const std::string_view name : {"access_token", "token"}) {
    const auto text = string_member(json, name);
    if (text && !text->empty()) return *text;
  }
  return {};
}

std::string query_of(const TokenScope& wanted) {
  std::string query;
  if (!wanted.service.empty()) query = cat("service=", percent_encoded(wanted.service), "&");
  for (const std::string& scope : wanted.scopes) {
    query += cat("scope=", percent_encoded(scope), "&");
  }
  return cat(query, "client_id=", kClient);
}

}  // namespace

bool is_token_text(std::string_view text) {
  return !text.empty() && text.size() <= kTokenBytes &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

Url token_url(const TokenScope& wanted) {
  Url url = wanted.realm;
  const std::size_t query = url.target.find('?');
  const bool joined = query != std::string::npos && query + 1 != url.target.size();
  const char* const separator = query == std::string::npos ? "?" : joined ? "&" : "";
  url.target += cat(separator, query_of(wanted));
  return url;
}

std::string token_form(const TokenScope& wanted, std::string_view refresh_token) {
  std::string form = cat("grant_type=refresh_token&refresh_token=", percent_encoded(refresh_token));
  if (!wanted.service.empty()) form += cat("&service=", percent_encoded(wanted.service));
  form += cat("&scope=", percent_encoded(join(wanted.scopes, " ")));
  return cat(form, "&client_id=", kClient);
}

Result<GrantedToken> parse_token_reply(std::string_view body, TimePoint now) {
  const auto json = parse_json(body, JsonLimits{kTokenReplyBytes, 16});
  if (!json) return broken("it is not JSON");
  std::string text = token_member(*json);
  if (text.empty()) return broken("it holds no token");
  if (!is_token_text(text)) return broken("the token is too long or no header could carry it");
  const seconds lifetime = lifetime_of(*json);
  const seconds margin = std::max(kLeastMargin, lifetime / 10);
  const TimePoint end = start_of(*json, lifetime, now) + lifetime - margin;
  return GrantedToken{std::move(text), std::max(end - now, seconds(0))};
}

}  // namespace signet
