#include "server/registry/layout.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/base/json.hpp"
#include "core/base/limits.hpp"
#include "core/base/text.hpp"
#include "core/oci/links.hpp"
#include "core/oci/media_types.hpp"

namespace signet {
namespace {

constexpr std::size_t kMarkerBytes = 4 * kKiB;
// Read on the loop when index.json changes, each manifest once.
constexpr std::size_t kBytesScanned = 16 * kMiB;
constexpr std::string_view kRefName = "org.opencontainers.image.ref.name";
constexpr std::string_view kKind = "kind";
constexpr std::string_view kSavedImage = "dev.cosignproject.cosign/image";
constexpr std::string_view kSavedSignatures = "dev.cosignproject.cosign/sigs";

std::string_view annotation(const Descriptor& descriptor, std::string_view name) {
  const auto found = descriptor.annotations.find(name);
  return found == descriptor.annotations.end() ? std::string_view() : found->second;
}

// A bare tag, or a whole reference to this repository with this tag.
bool names(std::string_view ref_name, const Repository& repository, const std::string& tag) {
  if (ref_name == tag) return true;
  if (ref_name.find('/') == std::string_view::npos) return false;
  const auto reference = Reference::parse(ref_name);
  return reference && reference->tag() == tag &&
         reference->repository().canonical() == repository.canonical();
}

Result<void> check_marker(const LayoutFiles& files) {
  const auto text = files.file("oci-layout", kMarkerBytes);
  if (!text) return text.error().as(Reason::config_not_ready);
  const auto json = parse_json(*text);
  const auto version =
      json ? string_member(*json, "imageLayoutVersion") : Result<std::string>(json.error());
  if (version && *version == "1.0.0") return {};
  return Error(Reason::config_not_ready,
               "the file oci-layout does not say imageLayoutVersion 1.0.0; this is no OCI layout");
}

std::string name_of(const Repository& repository, const std::string& name) {
  return cat(repository.str(), name.find(':') == std::string::npos ? ":" : "@", name);
}

}  // namespace

Result<std::unique_ptr<LayoutSource>> LayoutSource::open(const std::string& directory) {
  auto files = LayoutFiles::open(directory);
  if (!files) return files.error();
  const auto marked = check_marker(*files);
  if (!marked) return marked.error().under(printable(directory));
  std::unique_ptr<LayoutSource> source(new LayoutSource(*std::move(files)));
  const auto read = source->refresh();
  if (!read) return read.error().as(Reason::config_not_ready).under(printable(directory));
  return source;
}

Result<void> LayoutSource::refresh() {
  const std::uint64_t stamp = files_.index_stamp();
  if (stamp != 0 && stamp == stamp_) return {};
  const auto text = files_.file("index.json", kManifestBytes);
  if (!text) return text.error();
  auto page = parse_referrers(*text);
  if (!page) return page.error().under("index.json");
  if (page->unreadable != 0) {
    return Error(Reason::registry_protocol, "index.json has an entry that is no descriptor");
  }
  entries_ = std::move(page->descriptors);
  scan_subjects();
  stamp_ = stamp;
  return {};
}

// Which manifests refer to which: what the referrers API of a registry knows.
void LayoutSource::scan_subjects() {
  const std::map<Digest, Scanned> known = std::exchange(scanned_, {});
  by_subject_.clear();
  unreadable_.reset();
  std::size_t bytes = 0;
  for (const Descriptor& entry : entries_) {
    if (!is_image_type(entry.media_type)) continue;
    if (bytes >= kBytesScanned) {
      unreadable_ = too_large("the manifests of the OCI layout are more than 16 MiB");
      return;
    }
    const auto before = known.find(entry.digest);
    const bool readable = before != known.end() && !before->second.fault;
    const Scanned scanned = readable ? before->second : scan(entry);
    if (!readable) bytes += scanned.bytes;
    scanned_.emplace(entry.digest, scanned);
    if (scanned.fault && !unreadable_) unreadable_ = scanned.fault;
    if (!scanned.subject) continue;
    Descriptor referrer = entry;
    referrer.artifact_type = scanned.artifact_type;
    referrer.annotations = scanned.annotations;
    by_subject_.emplace(*scanned.subject, std::move(referrer));
  }
}

LayoutSource::Scanned LayoutSource::scan(const Descriptor& entry) const {
  Scanned scanned;
  const auto content = files_.blob(entry.digest, kManifestBytes);
  const auto parsed =
      content ? parse_manifest(*content, entry.media_type) : Result<Manifest>(content.error());
  if (content) scanned.bytes = content->size();
  if (!parsed) {
    scanned.fault = parsed.error();
    return scanned;
  }
  const auto& image = std::get<ImageManifest>(*parsed);
  if (!image.subject) return scanned;
  scanned.subject = image.subject->digest;
  scanned.artifact_type = image.artifact_type;
  scanned.annotations = image.annotations;
  return scanned;
}

const Descriptor* LayoutSource::saved_signatures(const std::string& tag) const {
  const Descriptor* signatures = nullptr;
  bool is_of_the_image = false;
  for (const Descriptor& entry : entries_) {
    const std::string_view kind = annotation(entry, kKind);
    if (kind == kSavedSignatures) signatures = &entry;
    // "image" or "imageIndex".
    if (kind.starts_with(kSavedImage) && signature_tag(entry.digest) == tag) {
      is_of_the_image = true;
    }
  }
  return is_of_the_image ? signatures : nullptr;
}

Result<Descriptor> LayoutSource::tagged(const Repository& repository,
                                        const std::string& tag) const {
  const Descriptor* found = nullptr;
  for (const Descriptor& entry : entries_) {
    if (!names(annotation(entry, kRefName), repository, tag)) continue;
    if (found != nullptr && found->digest != entry.digest) {
      return Error(Reason::registry_protocol,
                   cat(name_of(repository, tag), ": the OCI layout has this tag twice"));
    }
    found = &entry;
  }
  if (found == nullptr) found = saved_signatures(tag);
  if (found != nullptr) return *found;
  return Error(Reason::image_not_found, cat(name_of(repository, tag),
                                            ": the OCI layout that stands in for it has no such "
                                            "tag"));
}

Result<FetchedManifest> LayoutSource::read_manifest(const Digest& digest,
                                                    const std::string& media_type) const {
  auto content = files_.blob(digest, kManifestBytes);
  if (!content) return content.error();
  return FetchedManifest{*std::move(content), media_type, digest};
}

Result<FetchedManifest> LayoutSource::find_manifest(const Repository& repository,
                                                    const std::string& tag_or_digest) {
  const auto fresh = refresh();
  if (!fresh) return fresh.error();
  if (tag_or_digest.find(':') == std::string::npos) {
    const auto entry = tagged(repository, tag_or_digest);
    if (!entry) return entry.error();
    return read_manifest(entry->digest, media_type_of(entry->media_type));
  }
  const auto digest = Digest::parse(tag_or_digest);
  if (!digest) return digest.error();
  // The document says itself what it is.
  return read_manifest(*digest, "");
}

Task<Result<Digest>> LayoutSource::resolve(Repository repository, std::string tag, Access,
                                           Deadline) {
  const auto found = find_manifest(repository, tag);
  if (!found) co_return found.error();
  const auto parsed = parse_manifest(found->body, found->media_type);
  if (!parsed) co_return parsed.error().under(name_of(repository, tag));
  co_return found->digest;
}

Task<Result<FetchedManifest>> LayoutSource::manifest(Repository repository,
                                                     std::string tag_or_digest, Access, Deadline) {
  co_return find_manifest(repository, tag_or_digest);
}

Task<Result<Blob>> LayoutSource::blob(Repository repository, Descriptor descriptor,
                                      std::size_t limit, Access, Deadline) {
  const std::string what = name_of(repository, descriptor.digest.str());
  if (descriptor.size > limit) {
    co_return too_large(cat(what, ": ", std::to_string(descriptor.size), " bytes, more than the ",
                            std::to_string(limit), " that are read"));
  }
  if (descriptor.data) co_return *std::move(descriptor.data);
  auto content = files_.blob(descriptor.digest, limit);
  if (!content && content.error().reason() == Reason::image_not_found) {
    co_return content.error().as(Reason::registry_protocol).under(what);
  }
  if (!content) co_return content.error().under(what);
  if (content->size() != descriptor.size) {
    co_return Error(Reason::digest_mismatch, cat(what, ": its size is not the one stated"));
  }
  co_return *std::move(content);
}

Result<Referrers> LayoutSource::find_referrers(const Repository& repository,
                                               const Digest& subject) {
  const auto fresh = refresh();
  if (!fresh) return fresh.error();
  Referrers found;
  found.incomplete = unreadable_;
  const auto [first, last] = by_subject_.equal_range(subject);
  for (auto at = first; at != last; ++at)
    found.descriptors.push_back(at->second);

  const auto listed = find_manifest(repository, referrers_tag(subject));
  if (!listed && listed.error().reason() == Reason::image_not_found) return found;
  if (!listed) return listed.error();
  const auto page = parse_referrers(listed->body);
  if (!page) return page.error().under(name_of(repository, referrers_tag(subject)));
  for (const Descriptor& descriptor : page->descriptors) {
    const bool is_new =
        std::none_of(found.descriptors.begin(), found.descriptors.end(),
                     [&](const Descriptor& known) { return known.digest == descriptor.digest; });
    if (is_new) found.descriptors.push_back(descriptor);
  }
  found.from_fallback_tag = first == last;
  return found;
}

Task<Result<Referrers>> LayoutSource::referrers(Repository repository, Digest subject, Access,
                                                Deadline) {
  co_return find_referrers(repository, subject);
}

}  // namespace signet
