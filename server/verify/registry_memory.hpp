#pragma once
// What registries said, remembered: what tags stand for, and which signatures an image has. Keyed
// by repository, spelling included, and by whose logins were shown; nothing here is a verdict.

#include <optional>
#include <string>

#include "server/verify/gatherer.hpp"
#include "server/verify/memory_settings.hpp"
#include "server/verify/remembered.hpp"

namespace signet {

struct TagMeaning {
  Result<Digest> digest;
  std::optional<std::string> stale;  // why it is older than it should be, for people
};

// What is remembered of a search, but for whose logins were shown.
std::string search_key(const Search& search, Shelf shelf);

class RegistryMemory {
 public:
  using Tags = Remembered<TagMeaning>;
  using Discoveries = Remembered<ReferrerSignatures>;

  // `source` and `metrics` (if any) must outlive the loop, and this every flight on it.
  RegistryMemory(ImageSource& source, const MemorySettings& settings, Ticks ticks,
                 Metrics* metrics);

  // What a tag stands for; a failure is kept as one.
  Task<TagMeaning> tag(Repository repository, std::string tag, Access access, Age age,
                       Deadline deadline);
  std::optional<Digest> known_tag(const Repository& repository, const std::string& tag,
                                  const Access& access);

  // The signatures on one shelf; a failure is kept as one of that shelf.
  Task<Discoveries::Answer> signatures(Search search, Shelf shelf, Age age, Deadline deadline);
  // What is remembered under a search_key() in this repository.
  std::optional<Discoveries::Answer> known_signatures(std::string_view key,
                                                      const Repository& repository,
                                                      const Access& access, Age age);

  // Ends every flight; who waits is told.
  void stop();

 private:
  std::string tag_key(const Repository& repository, const std::string& tag,
                      const Access& access) const;
  std::string whose(const Repository& repository, const Access& access) const;
  Task<TagMeaning> resolve(Repository repository, std::string tag, Access access);
  Task<ReferrerSignatures> discover(Search search, Shelf shelf);

  ImageSource& source_;
  Gatherer gatherer_;
  std::chrono::milliseconds flight_;
  Tags tags_;
  Discoveries discoveries_;
};

}  // namespace signet
