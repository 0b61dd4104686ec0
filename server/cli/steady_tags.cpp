#include "server/cli/steady_tags.hpp"

#include "core/base/text.hpp"

namespace signet {

Task<Result<Digest>> SteadyTags::resolve(Repository repository, std::string tag, Access access,
                                         Deadline deadline) {
  const std::string key = cat(repository.canonical(), ":", tag, " ",
                              access.with_logins ? "" : "anonymous ", identity(repository, access));
  const auto known = known_.find(key);
  if (known != known_.end()) co_return known->second;
  auto digest =
      co_await source_.resolve(std::move(repository), std::move(tag), std::move(access), deadline);
  // Whoever asked first, if two did, is right.
  co_return known_.emplace(key, std::move(digest)).first->second;
}

}  // namespace signet
