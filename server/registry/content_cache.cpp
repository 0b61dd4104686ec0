#include "server/registry/content_cache.hpp"

#include "core/base/text.hpp"

namespace signet {
namespace {

constexpr std::chrono::seconds kFlight{20};  // longest, whoever still waits for it
constexpr std::size_t kFlights = 4096;       // in the air at one time
constexpr std::size_t kEntryBytes = 512;     // of one entry beside its content, roughly

// The media type is the word of a registry about one repository: it is not shared beyond that.
std::string manifest_key(const Repository& repository, const std::string& digest) {
  return cat(repository.domain, "/", repository.path, "@", digest);
}

}  // namespace

ContentCache::ContentCache(ImageSource& inner, std::size_t bytes)
    : inner_(inner), contents_(bytes), flights_({}, kFlights), counts_(nullptr, "content") {}

Task<Result<Digest>> ContentCache::resolve(Repository repository, std::string tag, Access access,
                                           Deadline deadline) {
  return inner_.resolve(std::move(repository), std::move(tag), std::move(access), deadline);
}

Task<Result<Referrers>> ContentCache::referrers(Repository repository, Digest subject,
                                                Access access, Deadline deadline) {
  return inner_.referrers(std::move(repository), subject, std::move(access), deadline);
}

std::string ContentCache::identity(const Repository& repository, const Access& access) const {
  return inner_.identity(repository, access);
}

Task<Result<FetchedManifest>> ContentCache::manifest(Repository repository,
                                                     std::string tag_or_digest, Access access,
                                                     Deadline deadline) {
  const bool is_fixed = tag_or_digest.starts_with("sha256:");
  if (!is_fixed) co_return co_await inner_.manifest(repository, tag_or_digest, access, deadline);
  const std::string key = manifest_key(repository, tag_or_digest);
  // Another login has an answer of its own until there is content.
  const std::string flight =
      cat(key, "\n", identity(repository, access), access.with_logins ? "" : "anonymous");
  const Flights::Work work = [this, key, repository, tag_or_digest, access] {
    return fetch_manifest(key, repository, tag_or_digest, access);
  };
  const auto content = co_await find(key, flight, work, deadline);
  if (!content) co_return content.error();
  co_return **content;
}

Task<Result<Blob>> ContentCache::blob(Repository repository, Descriptor descriptor,
                                      std::size_t limit, Access access, Deadline deadline) {
  // What is refused or needs no request is not ours to answer.
  const bool is_direct = descriptor.data || descriptor.size > limit;
  if (is_direct) co_return co_await inner_.blob(repository, descriptor, limit, access, deadline);
  const std::string key = cat(descriptor.digest.str(), " ", std::to_string(descriptor.size));
  const std::string flight =
      cat(repository.domain, "/", repository.path, "@", key, "\n", identity(repository, access),
          access.with_logins ? "" : "anonymous");
  const Flights::Work work = [this, key, repository, descriptor, limit, access] {
    return fetch_blob(key, repository, descriptor, limit, access);
  };
  const auto content = co_await find(key, flight, work, deadline);
  if (!content) co_return content.error();
  co_return (*content)->body;
}

Task<Result<ContentCache::Content>> ContentCache::find(std::string key, std::string flight,
                                                       Flights::Work work, Deadline deadline) {
  const Content* const known = contents_.find(key, Deadline::min());
  if (known != nullptr) {
    counts_.asked("hit");
    co_return *known;
  }
  counts_.asked(flights_.is_flying(flight) ? "coalesced" : "miss");
  co_return co_await flights_.run(std::move(flight), std::move(work), deadline);
}

Task<Result<ContentCache::Content>> ContentCache::fetch_manifest(std::string key,
                                                                 Repository repository,
                                                                 std::string digest,
                                                                 Access access) {
  const Deadline deadline = deadline_in(kFlight);
  auto fetched = co_await inner_.manifest(std::move(repository), std::move(digest),
                                          std::move(access), deadline);
  if (!fetched) co_return fetched.error();
  Content content = std::make_shared<const FetchedManifest>(*std::move(fetched));
  keep(key, content);
  co_return content;
}

Task<Result<ContentCache::Content>> ContentCache::fetch_blob(std::string key, Repository repository,
                                                             Descriptor descriptor,
                                                             std::size_t limit, Access access) {
  const Digest digest = descriptor.digest;
  const Deadline deadline = deadline_in(kFlight);
  auto fetched = co_await inner_.blob(std::move(repository), std::move(descriptor), limit,
                                      std::move(access), deadline);
  if (!fetched) co_return fetched.error();
  FetchedManifest whole{*std::move(fetched), std::string(), digest};
  Content content = std::make_shared<const FetchedManifest>(std::move(whole));
  keep(key, content);
  co_return content;
}

void ContentCache::keep(const std::string& key, const Content& content) {
  const std::size_t weight = kEntryBytes + key.size() + content->body.size();
  contents_.put(key, content, Deadline::max(), weight);
  counts_.holds(contents_.size(), contents_.weight(), contents_.evictions());
}

void ContentCache::stop() {
  flights_.stop();
}

}  // namespace signet
