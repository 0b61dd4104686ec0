#include "server/verify/registry_memory.hpp"

#include "core/base/text.hpp"

namespace signet {
namespace {

constexpr std::size_t kEntryBytes = 512;  // of one entry beside its contents, roughly

std::string old_answer(std::string_view what, const Error& why) {
  return cat(what, " as remembered, for the registry cannot be reached (", why.what(), ")");
}

// ---- tags

Worth worth_of_tag(const TagMeaning& meaning) {
  if (meaning.digest) return Worth::whole;
  return meaning.digest.error().reason() == Reason::image_not_found ? Worth::negative
                                                                    : Worth::failed;
}

TagMeaning stale_tag(const TagMeaning& meaning, const Error& why) {
  return TagMeaning{meaning.digest, old_answer("the tag's digest", why)};
}

RegistryMemory::Tags::Meaning meaning_of_tags() {
  return {worth_of_tag,
          [](const TagMeaning& meaning) -> const Error& { return meaning.digest.error(); },
          stale_tag, [](const std::string&, const TagMeaning&) { return std::size_t{1}; }};
}

// ---- discoveries

const std::optional<Error>& failure_of(const ReferrerSignatures& found) {
  return found.bundles.failure ? found.bundles.failure : found.legacy.failure;
}

const Error* lost_content(const FoundSignatures& found) {
  for (const Candidate& candidate : found.candidates) {
    if (!candidate.content &&
        standing_of(candidate.content.error().reason()) == Standing::unchecked)
      return &candidate.content.error();
  }
  return nullptr;
}

const Error* unchecked_in(const ReferrerSignatures& found) {
  for (const FoundSignatures* const part : {&found.bundles, &found.legacy}) {
    if (part->failure && standing_of(part->failure->reason()) == Standing::unchecked) {
      return &*part->failure;
    }
    if (const Error* const lost = lost_content(*part)) return lost;
  }
  return nullptr;
}

Worth worth_of_discovery(const ReferrerSignatures& found) {
  if (unchecked_in(found) != nullptr) return Worth::failed;
  const bool is_empty = found.bundles.candidates.empty() && found.legacy.candidates.empty();
  return is_empty || failure_of(found) ? Worth::negative : Worth::whole;
}

ReferrerSignatures stale_discovery(const ReferrerSignatures& found, const Error& why) {
  ReferrerSignatures old = found;
  old.bundles.stale = old_answer("the signatures", why);
  old.legacy.stale = old.bundles.stale;
  return old;
}

std::size_t bytes_of(const FoundSignatures& found) {
  std::size_t bytes = 0;
  for (const Candidate& candidate : found.candidates) {
    bytes += kEntryBytes + (candidate.content ? candidate.content->size() : 0);
    for (const auto& [name, value] : candidate.annotations)
      bytes += name.size() + value.size();
  }
  return bytes;
}

std::size_t weight_of_discovery(const std::string& key, const ReferrerSignatures& found) {
  return kEntryBytes + key.size() + bytes_of(found.bundles) + bytes_of(found.legacy);
}

RegistryMemory::Discoveries::Meaning meaning_of_discoveries() {
  return {worth_of_discovery,
          [](const ReferrerSignatures& found) -> const Error& { return *unchecked_in(found); },
          stale_discovery, weight_of_discovery};
}

Lives tag_lives(const MemorySettings& settings) {
  return {settings.tag, settings.missing_tag, settings.stale_tag};
}

Lives discovery_lives(const MemorySettings& settings) {
  return {settings.discovery, settings.negative, settings.stale_discovery};
}

std::string_view name_of(Shelf shelf) {
  return shelf == Shelf::referrers ? "OCI referrers" : "signature tag";
}

// Lifts a search into the shape that within() takes.
template <class T>
Task<Result<T>> as_result(Task<T> search) {
  T found = co_await std::move(search);
  co_return found;
}

ReferrerSignatures unsearched(Shelf shelf, const Error& why) {
  ReferrerSignatures nothing;
  nothing.legacy.failure = why.under(name_of(shelf));
  if (shelf == Shelf::referrers) nothing.bundles.failure = nothing.legacy.failure;
  return nothing;
}

}  // namespace

// The image counts too: a payload that names it is put together rather than fetched.
std::string search_key(const Search& search, Shelf shelf) {
  return cat(shelf == Shelf::referrers ? "r " : "t ", search.repository.domain, "/",
             search.repository.path, "@", search.digest.hex_part(), " ", search.image.domain, "/",
             search.image.path);
}

RegistryMemory::RegistryMemory(ImageSource& source, const MemorySettings& settings, Ticks ticks,
                               Metrics* metrics)
    : source_(source),
      gatherer_(source),
      flight_(settings.flight),
      tags_("resolve", tag_lives(settings), settings.tags, settings.flights, meaning_of_tags(),
            ticks, metrics),
      discoveries_("discovery", discovery_lives(settings), settings.discovery_bytes,
                   settings.flights, meaning_of_discoveries(), ticks, metrics) {}

std::string RegistryMemory::tag_key(const Repository& repository, const std::string& tag,
                                    const Access& access) const {
  return cat(repository.domain, "/", repository.path, ":", tag, whose(repository, access));
}

// A new login does its own discovery (rulings.md 15).
std::string RegistryMemory::whose(const Repository& repository, const Access& access) const {
  const std::string_view ours = access.with_logins ? "\n" : "\nwithout ours ";
  return cat(ours, source_.identity(repository, access));
}

std::optional<Digest> RegistryMemory::known_tag(const Repository& repository,
                                                const std::string& tag, const Access& access) {
  const auto known = tags_.find(tag_key(repository, tag, access), Age::fresh);
  if (!known || !known->value->digest || known->value->stale) return std::nullopt;
  return *known->value->digest;
}

Task<TagMeaning> RegistryMemory::tag(Repository repository, std::string tag, Access access, Age age,
                                     Deadline deadline) {
  const std::string key = tag_key(repository, tag, access);
  const Tags::Work work = [this, repository, tag, access] {
    return resolve(repository, tag, access);
  };
  const auto answer = co_await tags_.get(key, age, work, deadline);
  if (answer) co_return *answer->value;
  co_return TagMeaning{answer.error().under(cat(repository.str(), ":", tag)), std::nullopt};
}

Task<TagMeaning> RegistryMemory::resolve(Repository repository, std::string tag, Access access) {
  const Deadline deadline = deadline_in(flight_);
  auto asked = source_.resolve(std::move(repository), std::move(tag), std::move(access), deadline);
  auto digest = co_await within(deadline, std::move(asked));
  co_return TagMeaning{std::move(digest), std::nullopt};
}

std::optional<RegistryMemory::Discoveries::Answer> RegistryMemory::known_signatures(
    std::string_view key, const Repository& repository, const Access& access, Age age) {
  return discoveries_.find(cat(key, whose(repository, access)), age);
}

Task<RegistryMemory::Discoveries::Answer> RegistryMemory::signatures(Search search, Shelf shelf,
                                                                     Age age, Deadline deadline) {
  const std::string key = cat(search_key(search, shelf), whose(search.repository, search.access));
  const Discoveries::Work work = [this, search, shelf] { return discover(search, shelf); };
  const auto answer = co_await discoveries_.get(key, age, work, deadline);
  if (answer) co_return *answer;
  const Error why = answer.error().under(search.repository.str());
  Discoveries::Answer nothing;
  nothing.value = std::make_shared<const ReferrerSignatures>(unsearched(shelf, why));
  co_return nothing;
}

Task<ReferrerSignatures> RegistryMemory::discover(Search search, Shelf shelf) {
  const Deadline deadline = deadline_in(flight_);
  if (shelf == Shelf::referrers) {
    auto looking = as_result(gatherer_.referrers(std::move(search), deadline));
    auto found = co_await within(deadline, std::move(looking));
    if (found) co_return *std::move(found);
    co_return unsearched(shelf, found.error());
  }
  auto looking = as_result(gatherer_.signature_tag(std::move(search), deadline));
  auto tagged = co_await within(deadline, std::move(looking));
  if (!tagged) co_return unsearched(shelf, tagged.error());
  ReferrerSignatures found;
  found.legacy = *std::move(tagged);
  co_return found;
}

void RegistryMemory::stop() {
  tags_.stop();
  discoveries_.stop();
}

}  // namespace signet
