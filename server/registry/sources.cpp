#include "server/registry/sources.hpp"

#include <algorithm>

#include "core/base/text.hpp"
#include "core/oci/domain.hpp"

namespace signet {
namespace {

Error bad_prefix(std::string_view prefix, std::string_view why) {
  return {Reason::config_not_ready, cat("layout prefix ", quoted(prefix, 120), ": ", why)};
}

// The prefix as canonical repository names begin.
Result<std::string> canonical_prefix(std::string_view prefix) {
  if (prefix.empty()) return std::string();
  while (prefix.ends_with('/'))
    prefix.remove_suffix(1);
  const std::size_t slash = std::min(prefix.find('/'), prefix.size());
  const std::string_view host = prefix.substr(0, slash);
  const std::string_view path = prefix.substr(slash);
  const auto domain = Domain::parse(host);
  if (!domain) return bad_prefix(prefix, domain.error().what());
  if (host != "localhost" && host.find_first_of(".:") == std::string_view::npos) {
    return bad_prefix(prefix,
                      cat("it begins with no host; for Docker Hub write docker.io/", prefix));
  }
  if (!path.empty() && !Repository::parse(cat("path.example", path))) {
    return bad_prefix(prefix, "behind the host belongs a repository path in lower case");
  }
  return cat(domain->canonical(), path);
}

bool covers(std::string_view prefix, std::string_view name) {
  if (prefix.empty() || prefix == name) return true;
  return name.starts_with(prefix) && name[prefix.size()] == '/';
}

}  // namespace

Result<std::unique_ptr<Sources>> Sources::make(ImageSource& network,
                                               const std::vector<LayoutMount>& layouts) {
  std::unique_ptr<Sources> sources(new Sources(network));
  for (const LayoutMount& layout : layouts) {
    auto prefix = canonical_prefix(layout.prefix);
    if (!prefix) return prefix.error();
    const bool is_double = std::any_of(sources->mounts_.begin(), sources->mounts_.end(),
                                       [&](const Mount& mount) { return mount.prefix == *prefix; });
    if (is_double) return bad_prefix(layout.prefix, "two layouts stand in for it; name one");
    auto source = LayoutSource::open(layout.directory);
    if (!source) return source.error();
    sources->mounts_.push_back(Mount{*std::move(prefix), *std::move(source)});
  }
  std::sort(sources->mounts_.begin(), sources->mounts_.end(),
            [](const Mount& a, const Mount& b) { return a.prefix.size() > b.prefix.size(); });
  return sources;
}

ImageSource& Sources::source_of(const Repository& repository) const {
  if (mounts_.empty()) return network_;
  const std::string name = repository.canonical();
  for (const Mount& mount : mounts_) {
    if (covers(mount.prefix, name)) return *mount.source;
  }
  return network_;
}

Task<Result<Digest>> Sources::resolve(Repository repository, std::string tag, Access access,
                                      Deadline deadline) {
  ImageSource& source = source_of(repository);
  return source.resolve(std::move(repository), std::move(tag), access, deadline);
}

Task<Result<FetchedManifest>> Sources::manifest(Repository repository, std::string tag_or_digest,
                                                Access access, Deadline deadline) {
  ImageSource& source = source_of(repository);
  return source.manifest(std::move(repository), std::move(tag_or_digest), access, deadline);
}

Task<Result<Blob>> Sources::blob(Repository repository, Descriptor descriptor, std::size_t limit,
                                 Access access, Deadline deadline) {
  ImageSource& source = source_of(repository);
  return source.blob(std::move(repository), std::move(descriptor), limit, access, deadline);
}

Task<Result<Referrers>> Sources::referrers(Repository repository, Digest subject, Access access,
                                           Deadline deadline) {
  ImageSource& source = source_of(repository);
  return source.referrers(std::move(repository), subject, access, deadline);
}

std::string Sources::identity(const Repository& repository, const Access& access) const {
  return source_of(repository).identity(repository, access);
}

}  // namespace signet
