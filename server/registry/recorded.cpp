#include "server/registry/recorded.hpp"

#include "core/base/text.hpp"

namespace signet {
namespace {

Error absent(const std::string& name) {
  return {Reason::image_not_found, cat(name, ": the recording says that there is none")};
}

bool is_tag(const std::string& tag_or_digest) {
  return tag_or_digest.find(':') == std::string::npos;
}

}  // namespace

// ---- from a recording

Error RecordedSource::failure_of(const std::string& name) {
  const auto failure = recording_->failures.find(name);
  if (failure != recording_->failures.end()) return failure->second;
  missing_.insert(name);
  return {Reason::config_not_ready,
          cat(name,
              " is not in the recorded evidence; record it with `signet policy test --record "
              "IMAGE --output FILE`")};
}

Result<Digest> RecordedSource::find_tag(const std::string& name) {
  const auto tag = recording_->tags.find(name);
  if (tag == recording_->tags.end()) return failure_of(name);
  if (!tag->second) return absent(name);
  return *tag->second;
}

Result<FetchedManifest> RecordedSource::find_manifest(const Repository& repository,
                                                      const std::string& tag_or_digest) {
  std::string name = recorded_name(repository, tag_or_digest);
  if (is_tag(tag_or_digest)) {
    const auto digest = find_tag(name);
    if (!digest) return digest.error();
    name = recorded_name(repository, digest->str());
  }
  const auto manifest = recording_->manifests.find(name);
  if (manifest == recording_->manifests.end()) return failure_of(name);
  if (!manifest->second) return absent(name);
  return *manifest->second;
}

Task<Result<Digest>> RecordedSource::resolve(Repository repository, std::string tag, Access,
                                             Deadline) {
  co_return find_tag(recorded_name(repository, tag));
}

Task<Result<FetchedManifest>> RecordedSource::manifest(Repository repository,
                                                       std::string tag_or_digest, Access,
                                                       Deadline) {
  co_return find_manifest(repository, tag_or_digest);
}

Task<Result<Blob>> RecordedSource::blob(Repository repository, Descriptor descriptor,
                                        std::size_t limit, Access, Deadline) {
  const std::string name = recorded_name(repository, descriptor.digest.str());
  if (descriptor.size > limit) {
    co_return too_large(cat(name, ": ", std::to_string(descriptor.size), " bytes, more than the ",
                            std::to_string(limit), " that are read"));
  }
  if (descriptor.data) co_return *std::move(descriptor.data);
  const auto blob = recording_->blobs.find(name);
  if (blob == recording_->blobs.end()) co_return failure_of(name);
  if (blob->second.size() != descriptor.size) {
    co_return Error(Reason::digest_mismatch, cat(name, ": its size is not the one stated"));
  }
  co_return blob->second;
}

Task<Result<Referrers>> RecordedSource::referrers(Repository repository, Digest subject, Access,
                                                  Deadline) {
  const std::string name = recorded_name(repository, subject.str());
  const auto list = recording_->referrers.find(name);
  if (list == recording_->referrers.end()) co_return failure_of(name);
  co_return list->second;
}

// ---- to a recording

Task<Result<Digest>> RecordingSource::resolve(Repository repository, std::string tag, Access access,
                                              Deadline deadline) {
  const std::string name = recorded_name(repository, tag);
  auto digest =
      co_await inner_.resolve(std::move(repository), std::move(tag), std::move(access), deadline);
  if (digest) {
    recording_.tags[name] = *digest;
  } else if (digest.error().reason() == Reason::image_not_found) {
    recording_.tags[name].reset();
  } else {
    recording_.failures.insert_or_assign(name, digest.error());
  }
  co_return digest;
}

void RecordingSource::keep(const Repository& repository, FetchedManifest manifest) {
  const std::string name = recorded_name(repository, manifest.digest.str());
  recording_.manifests.insert_or_assign(name, std::move(manifest));
}

Task<Result<FetchedManifest>> RecordingSource::manifest(Repository repository,
                                                        std::string tag_or_digest, Access access,
                                                        Deadline deadline) {
  const std::string name = recorded_name(repository, tag_or_digest);
  auto found = co_await inner_.manifest(repository, tag_or_digest, std::move(access), deadline);
  if (found) {
    if (is_tag(tag_or_digest)) recording_.tags[name] = found->digest;
    keep(repository, *found);
  } else if (found.error().reason() != Reason::image_not_found) {
    recording_.failures.insert_or_assign(name, found.error());
  } else if (is_tag(tag_or_digest)) {
    recording_.tags[name].reset();
  } else {
    recording_.manifests[name].reset();
  }
  co_return found;
}

Task<Result<Blob>> RecordingSource::blob(Repository repository, Descriptor descriptor,
                                         std::size_t limit, Access access, Deadline deadline) {
  const std::string name = recorded_name(repository, descriptor.digest.str());
  auto found = co_await inner_.blob(std::move(repository), std::move(descriptor), limit,
                                    std::move(access), deadline);
  if (found) {
    recording_.blobs.insert_or_assign(name, *found);
  } else if (found.error().reason() != Reason::limit_exceeded) {
    recording_.failures.insert_or_assign(name, found.error());
  }
  co_return found;
}

Task<Result<Referrers>> RecordingSource::referrers(Repository repository, Digest subject,
                                                   Access access, Deadline deadline) {
  const std::string name = recorded_name(repository, subject.str());
  auto found =
      co_await inner_.referrers(std::move(repository), subject, std::move(access), deadline);
  if (found) {
    recording_.referrers.insert_or_assign(name, *found);
  } else {
    recording_.failures.insert_or_assign(name, found.error());
  }
  co_return found;
}

}  // namespace signet
