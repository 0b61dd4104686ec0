#include "server/registry/client.hpp"

#include <algorithm>

#include "core/base/limits.hpp"
#include "core/base/text.hpp"
#include "core/oci/errors.hpp"
#include "core/oci/links.hpp"
#include "core/oci/manifest.hpp"
#include "core/oci/media_types.hpp"
#include "server/registry/endpoint.hpp"

namespace signet {
namespace {

using std::chrono::steady_clock;

constexpr std::size_t kOriginsKept = 2048;
constexpr std::chrono::hours kHeadLife{24};       // registry.md B.5
constexpr std::chrono::seconds kFormerHosts{30};  // no review takes longer
constexpr std::size_t kErrorBytes = 64 * kKiB;    // registry.md B.7

bool is_digest(std::string_view tag_or_digest) {
  return tag_or_digest.find(':') != std::string_view::npos;
}

std::string content_type_of(const HttpReply& reply) {
  const std::string* const type = reply.header("Content-Type");
  return type == nullptr ? std::string() : media_type_of(*type);
}

// We ask for identity; anything else would have to be unpacked before it can be hashed (H.6).
std::optional<Error> fault_of_coding(const HttpReply& reply, std::string_view what) {
  const std::string* const coding = reply.header("Content-Encoding");
  if (coding == nullptr || coding->empty() || equals_ignoring_case(*coding, "identity")) {
    return std::nullopt;
  }
  return Error(Reason::registry_protocol,
               cat(what, ": the registry compresses its answer though it was asked not to"));
}

// A HEAD settles what a tag means iff it states one digest and a type that we know (B.5).
std::optional<Digest> stated_digest(const HttpReply& reply) {
  const auto fields = reply.headers_named("Docker-Content-Digest");
  const std::string type = content_type_of(reply);
  if (reply.status != 200 || fields.size() != 1) return std::nullopt;
  if (!is_index_type(type) && !is_image_type(type)) return std::nullopt;
  const auto digest = Digest::parse(fields.front());
  if (!digest) return std::nullopt;
  return *digest;
}

RegistryOperation operation_of(std::string_view kind, std::string_view method) {
  if (kind == "blobs") return RegistryOperation::get_blob;
  if (kind == "referrers") return RegistryOperation::referrers;
  return method == "HEAD" ? RegistryOperation::head_manifest : RegistryOperation::get_manifest;
}

// HEAD is not supported, or says too little.
bool needs_get(unsigned status) {
  return status == 200 || status == 400 || status == 405 || status == 501;
}

}  // namespace

std::string RegistryClient::Question::text() const {
  return cat(repository.str(), is_digest(name) ? "@" : ":", name);
}

RegistryClient::RegistryClient(asio::any_io_executor executor, Transport& transport, Clock clock,
                               RegistrySettings settings)
    : settings_(std::move(settings)),
      rules_(settings_),
      authenticator_(std::move(executor), transport, std::move(clock), settings_, rules_),
      head_unreliable_(kOriginsKept),
      no_referrers_(kOriginsKept) {}

void RegistryClient::use(std::shared_ptr<const Credentials> credentials) {
  authenticator_.use(std::move(credentials));
}

std::string RegistryClient::identity(const Repository& repository, const Access& access) const {
  return authenticator_.identity(repository, access);
}

void RegistryClient::allow(std::vector<std::string> hosts) {
  RegistrySettings both = settings_;
  both.allowed_hosts.insert(both.allowed_hosts.end(), hosts.begin(), hosts.end());
  settings_.allowed_hosts = std::move(hosts);
  rules_ = HostRules(both);
  former_until_ = steady_clock::now() + kFormerHosts;
}

void RegistryClient::forget_former_hosts() {
  if (!former_until_ || steady_clock::now() < *former_until_) return;
  rules_ = HostRules(settings_);
  former_until_.reset();
}

Result<RegistryRequest> RegistryClient::request_for(const Question& question, std::string method) {
  forget_former_hosts();
  const auto registry = registry_url(question.repository, settings_.net);
  if (!registry) return registry.error();
  const auto url = object_url(*registry, question.repository, question.kind, question.name);
  if (!url) return url.error();
  const bool is_blob = question.kind == "blobs";
  HttpRequest http(std::move(method), *url);
  http.headers.emplace_back("Accept", is_blob ? "*/*" : std::string(kManifestAccept));
  http.tenant = question.access.tenant;
  http.operation = operation_of(question.kind, http.method);
  http.hash_verified = is_digest(question.name) && question.kind != "referrers";
  return RegistryRequest(std::move(http), is_blob ? RequestKind::blob : RequestKind::manifest,
                         question.repository, question.access);
}

Task<Result<HttpReply>> RegistryClient::ask(Question question, std::string method,
                                            Deadline deadline) {
  auto request = request_for(question, std::move(method));
  if (!request) co_return request.error();
  auto reply = co_await authenticator_.send(*std::move(request), deadline);
  if (!reply) co_return reply.error().under(question.text());
  co_return reply;
}

Task<Result<Digest>> RegistryClient::resolve(Repository repository, std::string tag, Access access,
                                             Deadline deadline) {
  Question question{std::move(repository), "manifests", std::move(tag), access};
  const auto registry = registry_url(question.repository, settings_.net);
  if (!registry) co_return registry.error();
  const std::string origin = registry->origin();
  const bool skip_head = head_unreliable_.find(origin, steady_clock::now()) != nullptr;
  if (!skip_head) {
    auto reply = co_await ask(question, "HEAD", deadline);
    if (!reply) co_return reply.error();
    const auto digest = stated_digest(*reply);
    if (digest) co_return *digest;
    if (!needs_get(reply->status)) {
      co_return refusal(reply->status, reply->body, question.text(), registry->host_header());
    }
  }
  const auto fetched = co_await fetch(question, deadline);
  if (!fetched) co_return fetched.error();
  const auto parsed = parse_manifest(fetched->body, fetched->media_type);
  if (!parsed) co_return parsed.error().under(question.text());
  head_unreliable_.put(origin, true, steady_clock::now() + kHeadLife);
  co_return fetched->digest;
}

Task<Result<FetchedManifest>> RegistryClient::manifest(Repository repository,
                                                       std::string tag_or_digest, Access access,
                                                       Deadline deadline) {
  Question question{std::move(repository), "manifests", std::move(tag_or_digest), access};
  co_return co_await fetch(std::move(question), deadline);
}

Task<Result<FetchedManifest>> RegistryClient::fetch(Question question, Deadline deadline) {
  const std::string what = question.text();
  auto reply = co_await ask(question, "GET", deadline);
  if (!reply) co_return reply.error();
  if (reply->status != 200) {
    co_return refusal(reply->status, reply->body, what, reply->url.host_header());
  }
  const auto coded = fault_of_coding(*reply, what);
  if (coded) co_return *coded;
  if (reply->body.size() > kManifestBytes) co_return too_large(cat(what, ": more than 4 MiB"));
  const Digest digest = Digest::of(reply->body);
  if (is_digest(question.name) && digest.str() != question.name) {
    co_return Error(Reason::digest_mismatch,
                    cat(what, ": the registry sent other bytes, of ", digest.str()));
  }
  std::string media_type = content_type_of(*reply);
  FetchedManifest fetched{std::move(reply->body), std::move(media_type), digest};
  co_return fetched;
}

Task<Result<Blob>> RegistryClient::blob(Repository repository, Descriptor descriptor,
                                        std::size_t limit, Access access, Deadline deadline) {
  Question question{std::move(repository), "blobs", descriptor.digest.str(), access};
  const std::string what = question.text();
  if (descriptor.size > limit) {
    co_return too_large(cat(what, ": ", std::to_string(descriptor.size), " bytes, more than the ",
                            std::to_string(limit), " that are read"));
  }
  if (descriptor.data) co_return *std::move(descriptor.data);
  auto request = request_for(question, "GET");
  if (!request) co_return request.error();
  // Room for an error's body too; a longer blob is cut off just behind its size.
  request->http.body_limit = std::max<std::size_t>(descriptor.size, kErrorBytes);
  auto reply = co_await authenticator_.send(*std::move(request), deadline);
  const Error mismatch(Reason::digest_mismatch,
                       cat(what, ": the registry sent other bytes than this blob's"));
  if (!reply && reply.error().reason() == Reason::limit_exceeded) co_return mismatch;
  if (!reply) co_return reply.error().under(what);
  if (reply->status == 404) {
    co_return Error(Reason::registry_protocol,
                    cat(what,
                        ": a manifest lists this blob, but the registry does not have it; "
                        "sign the image again"));
  }
  if (reply->status != 200) {
    co_return refusal(reply->status, reply->body, what, reply->url.host_header());
  }
  const auto coded = fault_of_coding(*reply, what);
  if (coded) co_return *coded;
  const bool is_whole =
      reply->body.size() == descriptor.size && Digest::of(reply->body) == descriptor.digest;
  if (!is_whole) co_return mismatch;
  co_return std::move(reply->body);
}

}  // namespace signet
