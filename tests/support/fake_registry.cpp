#include "tests/support/fake_registry.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/base/bytes.hpp"
#include "core/base/text.hpp"
#include "core/oci/media_types.hpp"

namespace signet::testing {
namespace {

constexpr std::string_view kToken = "fake.token";

std::string field_of(const HttpRequest& request, std::string_view name) {
  for (const auto& [field, value] : request.headers) {
    if (equals_ignoring_case(field, name)) return value;
  }
  return "";
}

FakeReply plain(unsigned status, std::string code) {
  return {status,
          {{"Content-Type", "application/json"}},
          R"({"errors":[{"code":")" + std::move(code) + R"(","message":"fake"}]})"};
}

// The number behind "&n=" or "?n="; 0 where there is none.
std::size_t page_in(const std::string& target) {
  const std::size_t at = target.find("n=");
  return at == std::string::npos ? 0 : std::stoul(target.substr(at + 2));
}

Json listing_of(const std::vector<std::string>& descriptors, std::size_t first, std::size_t last) {
  Json list = {{"schemaVersion", 2}, {"mediaType", kOciIndex}, {"manifests", Json::array()}};
  for (std::size_t i = first; i < last; ++i) {
    list["manifests"].push_back(Json::parse(descriptors[i]));
  }
  return list;
}

// A manifest's descriptor as the referrers API lists it, and whom it refers to.
std::optional<std::pair<std::string, std::string>> referrer_in(const std::string& body,
                                                               const std::string& type) {
  const Json json = Json::parse(body, nullptr, false);
  if (!json.is_object() || !json.contains("subject")) return std::nullopt;
  Json listed = {{"mediaType", type}, {"digest", Digest::of(body).str()}, {"size", body.size()}};
  if (json.contains("artifactType")) listed["artifactType"] = json["artifactType"];
  if (json.contains("annotations")) listed["annotations"] = json["annotations"];
  return std::pair(json["subject"]["digest"].get<std::string>(), listed.dump());
}

}  // namespace

Digest FakeRegistry::put_manifest(const std::string& repository, const std::string& body,
                                  const std::string& tag, const std::string& type) {
  const std::scoped_lock lock(mutex_);
  const Digest digest = Digest::of(body);
  manifests_[repository + " " + digest.str()] = Stored{body, type};
  if (!tag.empty()) manifests_[repository + " " + tag] = Stored{body, type};
  if (const auto referrer = referrer_in(body, type)) {
    referring_[repository + " " + referrer->first].push_back(referrer->second);
  }
  return digest;
}

Descriptor FakeRegistry::put_blob(const std::string& content, const std::string& type) {
  const std::scoped_lock lock(mutex_);
  const Digest digest = Digest::of(content);
  blobs_[digest.str()] = content;
  return Descriptor{type, digest, content.size(), {}, "", std::nullopt};
}

void FakeRegistry::fail(const std::string& line, FakeReply reply, int times) {
  const std::scoped_lock lock(mutex_);
  faults_.push_back(Fault{line, std::move(reply), times});
}

void FakeRegistry::heal() {
  const std::scoped_lock lock(mutex_);
  faults_.clear();
}

std::vector<std::string> FakeRegistry::requests() const {
  const std::scoped_lock lock(mutex_);
  return requests_;
}

std::vector<std::string> FakeRegistry::authorizations() const {
  const std::scoped_lock lock(mutex_);
  return authorizations_;
}

void FakeRegistry::forget_requests() {
  const std::scoped_lock lock(mutex_);
  requests_.clear();
  authorizations_.clear();
}

std::string FakeRegistry::expected_basic() const {
  return "Basic " + base64(user + ":" + password);
}

std::optional<FakeRegistry::Place> FakeRegistry::place_of(const std::string& target) {
  const std::string path = target.substr(0, target.find('?'));
  for (const char* kind : {"manifests", "blobs", "referrers"}) {
    const std::string mark = std::string("/") + kind + "/";
    const std::size_t at = path.rfind(mark);
    if (!path.starts_with("/v2/") || at == std::string::npos || at < 4) continue;
    return Place{path.substr(4, at - 4), kind, path.substr(at + mark.size())};
  }
  return std::nullopt;
}

std::optional<FakeReply> FakeRegistry::planned_fault(const std::string& line) {
  for (Fault& fault : faults_) {
    if (fault.left <= 0 || !line.starts_with(fault.line)) continue;
    --fault.left;
    return fault.reply;
  }
  return std::nullopt;
}

// A challenge where the request's login is not enough.
std::optional<FakeReply> FakeRegistry::refuse(const HttpRequest& request,
                                              const std::string& authorization) {
  if (login == FakeLogin::open) return std::nullopt;
  FakeReply refusal = plain(401, "UNAUTHORIZED");
  if (login == FakeLogin::basic) {
    if (authorization == expected_basic()) return std::nullopt;
    refusal.headers.emplace_back("WWW-Authenticate", R"(Basic realm="fake")");
    return refusal;
  }
  if (authorization == cat("Bearer ", kToken)) return std::nullopt;
  const auto place = place_of(request.url.target);
  const std::string address = realm.starts_with('/') ? request.url.origin() + realm : realm;
  std::string challenge = "Bearer realm=\"" + address + "\",service=\"fake\"";
  if (place) challenge += ",scope=\"repository:" + place->repository + ":pull\"";
  refusal.headers.emplace_back("WWW-Authenticate", challenge);
  return refusal;
}

FakeReply FakeRegistry::token(const HttpRequest& request, const std::string& authorization) {
  const bool by_post = request.method == "POST";
  const bool known =
      user.empty() || authorization == expected_basic() ||
      (by_post && request.body.find("refresh_token=" + password) != std::string::npos);
  if (!known) return plain(401, "UNAUTHORIZED");
  const Json body = {{"token", kToken}, {"expires_in", 300}};
  return {200, {{"Content-Type", "application/json"}}, body.dump()};
}

FakeReply FakeRegistry::manifest(const Place& place, const std::string& method) {
  const auto found = manifests_.find(place.repository + " " + place.name);
  if (found == manifests_.end()) return plain(404, "MANIFEST_UNKNOWN");
  FakeReply reply{200, {{"Content-Type", found->second.type}}, found->second.body};
  if (method != "HEAD" || head_states_digest) {
    reply.headers.emplace_back("Docker-Content-Digest", Digest::of(reply.body).str());
  }
  return reply;
}

FakeReply FakeRegistry::blob(const Place& place) {
  const auto found = blobs_.find(place.name);
  if (found == blobs_.end()) return plain(404, "BLOB_UNKNOWN");
  if (!blobs_at.empty()) {
    return {307, {{"Location", blobs_at + "/" + place.name + "?signed=secret"}}, ""};
  }
  return {200, {{"Content-Type", "application/octet-stream"}}, found->second};
}

FakeReply FakeRegistry::list_referrers(const Place& place, const std::string& target) {
  switch (referrers) {
    case FakeReferrers::none:
      return {404, {{"Content-Type", "text/plain"}}, "404 page not found\n"};
    case FakeReferrers::website:
      return {303, {{"Location", "https://website.test/packages"}}, ""};
    case FakeReferrers::html:
      return {200, {{"Content-Type", "text/html"}}, "<html>log in</html>"};
    case FakeReferrers::api:
      break;
  }
  const auto& all = referring_[place.repository + " " + place.name];
  const std::size_t first = page_in(target);
  const std::size_t last = page_size == 0 ? all.size() : std::min(all.size(), first + page_size);
  FakeReply reply{
      200, {{"Content-Type", std::string(kOciIndex)}}, listing_of(all, first, last).dump()};
  if (last < all.size()) {
    const std::string next = target.substr(0, target.find('?')) + "?n=" + std::to_string(last);
    reply.headers.emplace_back("Link", "<" + next + ">; rel=\"next\"");
  }
  return reply;
}

FakeReply FakeRegistry::answer(const HttpRequest& request) {
  const std::scoped_lock lock(mutex_);
  const std::string line = request.method + " " + request.url.target;
  const std::string authorization = field_of(request, "Authorization");
  requests_.push_back(line);
  authorizations_.push_back(authorization);
  if (auto fault = planned_fault(line)) return *std::move(fault);
  if (request.url.target.starts_with("/token")) return token(request, authorization);
  if (auto refusal = refuse(request, authorization)) return *std::move(refusal);
  if (request.url.target == "/v2/") return {200, {{"Content-Type", "application/json"}}, "{}"};
  const auto place = place_of(request.url.target);
  if (!place) return {404, {}, "404 page not found\n"};
  if (place->kind == "manifests") return manifest(*place, request.method);
  if (place->kind == "blobs") return blob(*place);
  return list_referrers(*place, request.url.target);
}

Task<Result<HttpReply>> FakeInternet::send(HttpRequest request, Deadline) {
  requests.push_back(request);
  const auto found = registries.find(request.url.origin());
  if (found == registries.end()) co_return Error(Reason::registry_dns, "no such host");
  FakeReply answer = found->second->answer(request);
  if (answer.conduct == FakeConduct::drops) {
    co_return Error(Reason::registry_unreachable, "the connection was dropped");
  }
  HttpReply reply;
  reply.status = answer.status;
  reply.headers = std::move(answer.headers);
  if (request.method != "HEAD") reply.body = std::move(answer.body);
  reply.url = request.url;
  if (reply.body.size() > request.body_limit) {
    co_return Error(Reason::limit_exceeded, "the body is longer than asked for");
  }
  co_return reply;
}

}  // namespace signet::testing
