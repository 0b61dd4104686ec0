#pragma once
// An ImageSource in memory: what is put in can be had, everything asked for is remembered, any
// question can be made to fail.

#include <map>
#include <string>
#include <vector>

#include "server/registry/source.hpp"

namespace signet {

class MemorySource final : public ImageSource {
 public:
  std::map<std::string, FetchedManifest> manifests;  // by "repository tag-or-digest"
  std::map<std::string, Blob> blobs;                 // by digest
  std::map<std::string, Referrers> lists;            // by digest of the subject
  std::map<std::string, Error> failures;  // by question, for example "manifest a/b sha256-...sig"
  std::vector<std::string> questions;

  // Puts a manifest under its digest and, where one is given, a tag.
  Digest put(const std::string& repository, const std::string& body, const std::string& tag = "",
             const std::string& type = "application/vnd.oci.image.manifest.v1+json") {
    const Digest digest = Digest::of(body);
    const FetchedManifest manifest{body, type, digest};
    manifests.insert_or_assign(repository + " " + digest.str(), manifest);
    if (!tag.empty()) manifests.insert_or_assign(repository + " " + tag, manifest);
    return digest;
  }

  Descriptor put_blob(const std::string& content, const std::string& type) {
    const Digest digest = Digest::of(content);
    blobs.insert_or_assign(digest.str(), content);
    return Descriptor{type, digest, content.size(), {}, "", std::nullopt};
  }

  Task<Result<Digest>> resolve(Repository repository, std::string tag, Access, Deadline) override {
    const std::string name = repository.str() + " " + tag;
    const Error* const failure = ask("resolve " + name);
    if (failure != nullptr) co_return *failure;
    const auto found = manifests.find(name);
    if (found == manifests.end()) co_return absent(name);
    co_return found->second.digest;
  }

  Task<Result<FetchedManifest>> manifest(Repository repository, std::string tag_or_digest, Access,
                                         Deadline) override {
    const std::string name = repository.str() + " " + tag_or_digest;
    const Error* const failure = ask("manifest " + name);
    if (failure != nullptr) co_return *failure;
    const auto found = manifests.find(name);
    if (found == manifests.end()) co_return absent(name);
    co_return found->second;
  }

  Task<Result<Blob>> blob(Repository repository, Descriptor descriptor, std::size_t limit, Access,
                          Deadline) override {
    const std::string name = repository.str() + " " + descriptor.digest.str();
    const Error* const failure = ask("blob " + name);
    if (failure != nullptr) co_return *failure;
    if (descriptor.size > limit) co_return too_large(name + " is too large");
    const auto found = blobs.find(descriptor.digest.str());
    if (found == blobs.end()) co_return absent(name);
    co_return found->second;
  }

  Task<Result<Referrers>> referrers(Repository repository, Digest subject, Access,
                                    Deadline) override {
    const Error* const failure = ask("referrers " + repository.str() + " " + subject.str());
    if (failure != nullptr) co_return *failure;
    const auto found = lists.find(subject.str());
    if (found == lists.end()) co_return Referrers();
    co_return found->second;
  }

 private:
  const Error* ask(const std::string& question) {
    questions.push_back(question);
    const auto failure = failures.find(question);
    return failure == failures.end() ? nullptr : &failure->second;
  }

  static Error absent(const std::string& name) {
    return {Reason::image_not_found, name + " is not there"};
  }
};

}  // namespace signet
