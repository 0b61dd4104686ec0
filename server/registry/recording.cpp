#include "server/registry/recording.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/base/bytes.hpp"
#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "server/runtime/files.hpp"

namespace signet {
namespace {

using Known = std::initializer_list<std::string_view>;

// ---- names of entries

struct EntryName {
  std::string canonical;
  std::optional<Digest> digest;  // nothing: a tag
};

Result<EntryName> parse_name(const std::string& written) {
  const auto reference = Reference::parse(written);
  if (!reference) return malformed(reference.error().what());
  const auto& digest = reference->digest();
  if (digest.has_value() == reference->tag_was_given()) {
    return malformed("the name is neither HOST/PATH:TAG nor HOST/PATH@sha256:DIGEST");
  }
  const std::string what = digest ? digest->str() : *reference->tag();
  return EntryName{recorded_name(reference->repository(), what), digest};
}

Result<EntryName> parse_digest_name(const std::string& written) {
  auto name = parse_name(written);
  if (name && !name->digest) return malformed("the name is not HOST/PATH@sha256:DIGEST");
  return name;
}

Error not_its_digest(const Digest& digest) {
  return {Reason::digest_mismatch,
          cat("its content is that of ", digest.str(),
              ", so this was changed after it was recorded; record it again")};
}

// ---- values of entries

Result<void> check_members(const Json& object, Known known) {
  if (!object.is_object()) return malformed("it is not an object");
  for (const auto& [name, value] : object.items()) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      return malformed(cat("there is no member ", quoted(name, 64)));
    }
  }
  return {};
}

Result<void> parse_failure(const Json& json, std::optional<Error>& failure) {
  const auto known = check_members(json, {"reason", "message"});
  if (!known) return known;
  const auto word = string_member(json, "reason");
  if (!word) return word.error();
  const auto reason = reason_named(*word);
  if (!reason || standing_of(*reason) == Standing::trusted) {
    return malformed(cat(quoted(*word, 64), " is not the reason of a failure"));
  }
  auto message = string_member(json, "message");
  if (!message) return message.error();
  failure.emplace(*reason, *std::move(message));
  return {};
}

Result<Blob> parse_body(const Json& json) {
  if (find_member(json, "base64") == nullptr) return string_member(json, "body");
  const auto text = string_member(json, "base64");
  if (!text) return text.error();
  return unbase64(*text, Base64::standard);
}

Result<FetchedManifest> parse_fetched(const Json& json, const Digest& digest) {
  const auto known = check_members(json, {"mediaType", "body", "base64"});
  if (!known) return known.error();
  auto media_type = string_member(json, "mediaType");
  if (!media_type) return media_type.error();
  auto body = parse_body(json);
  if (!body) return body.error();
  FetchedManifest manifest{*std::move(body), *std::move(media_type), digest};
  const Digest actual = Digest::of(manifest.body);
  if (actual != digest) return not_its_digest(actual);
  return manifest;
}

Result<Blob> parse_blob(const Json& json, const Digest& digest) {
  if (!json.is_string()) return malformed("it is not base64 text");
  auto blob = unbase64(json.get_ref<const std::string&>(), Base64::standard);
  if (!blob) return blob;
  const Digest actual = Digest::of(*blob);
  if (actual != digest) return not_its_digest(actual);
  return blob;
}

Result<Referrers> parse_list(const Json& json) {
  const auto known = check_members(json, {"manifests", "fromFallbackTag", "incomplete"});
  if (!known) return known.error();
  const auto manifests = array_member(json, "manifests");
  if (!manifests) return manifests.error();
  Referrers list;
  for (const Json& element : **manifests) {
    auto descriptor = Descriptor::parse(element);
    if (!descriptor) return descriptor.error();
    list.descriptors.push_back(*std::move(descriptor));
  }
  if (const Json* const fallback = find_member(json, "fromFallbackTag")) {
    if (!fallback->is_boolean()) return malformed("fromFallbackTag is neither true nor false");
    list.from_fallback_tag = fallback->get<bool>();
  }
  if (const Json* const incomplete = find_member(json, "incomplete")) {
    const auto read = parse_failure(*incomplete, list.incomplete);
    if (!read) return read.error().under("incomplete");
  }
  return list;
}

// ---- the members of the document

class Reader {
 public:
  Recording recording;

  Result<void> read(const Json& root) {
    const auto known =
        check_members(root, {"version", "tags", "manifests", "blobs", "referrers", "failures"});
    if (!known) return known;
    const auto version = number_member(root, "version");
    if (!version) return version.error();
    if (*version != 1) return malformed("its version is not 1, the only one that is known");
    const auto member = [&](const char* name, ReadEntry entry) {
      return entries(root, name, entry);
    };
    auto read = member("tags", &Reader::tag);
    if (read) read = member("manifests", &Reader::manifest);
    if (read) read = member("blobs", &Reader::blob);
    if (read) read = member("referrers", &Reader::list);
    if (read) read = member("failures", &Reader::failure);
    return read;
  }

 private:
  using ReadEntry = Result<void> (Reader::*)(const std::string& name, const Json& value);

  Result<void> entries(const Json& root, const char* member, ReadEntry read_entry) {
    if (find_member(root, member) == nullptr) return {};
    const auto object = object_member(root, member);
    if (!object) return object.error();
    for (const auto& [name, value] : (*object)->items()) {
      const auto read = (this->*read_entry)(name, value);
      if (!read) return read.error().under(cat(member, " ", quoted(name, 300)));
    }
    return {};
  }

  Result<void> tag(const std::string& written, const Json& json) {
    const auto name = parse_name(written);
    if (!name) return name.error();
    if (name->digest) return malformed("the name is not HOST/PATH:TAG");
    std::optional<Digest>& found = recording.tags[name->canonical];
    if (json.is_null()) return {};
    if (!json.is_string()) return malformed("it is neither a digest nor null");
    auto digest = Digest::parse(json.get_ref<const std::string&>());
    if (!digest) return digest.error();
    found = *digest;
    return {};
  }
  Result<void> manifest(const std::string& written, const Json& json) {
    const auto name = parse_digest_name(written);
    if (!name) return name.error();
    auto& found = recording.manifests[name->canonical];
    if (json.is_null()) return {};
    auto manifest = parse_fetched(json, *name->digest);
    if (!manifest) return manifest.error();
    found = *std::move(manifest);
    return {};
  }
  Result<void> blob(const std::string& written, const Json& json) {
    const auto name = parse_digest_name(written);
    if (!name) return name.error();
    auto blob = parse_blob(json, *name->digest);
    if (!blob) return blob.error();
    recording.blobs[name->canonical] = *std::move(blob);
    return {};
  }
  Result<void> list(const std::string& written, const Json& json) {
    const auto name = parse_digest_name(written);
    if (!name) return name.error();
    auto list = parse_list(json);
    if (!list) return list.error();
    recording.referrers[name->canonical] = *std::move(list);
    return {};
  }
  Result<void> failure(const std::string& written, const Json& json) {
    const auto name = parse_name(written);
    if (!name) return name.error();
    std::optional<Error> failure;
    const auto read = parse_failure(json, failure);
    if (read) recording.failures.emplace(name->canonical, *std::move(failure));
    return read;
  }
};

// ---- writing

Json json_of(const Error& error) {
  return Json{{"reason", name_of(error.reason())}, {"message", error.what()}};
}

Json json_of(const Descriptor& descriptor) {
  Json json = {{"mediaType", descriptor.media_type},
               {"digest", descriptor.digest.str()},
               {"size", descriptor.size}};
  if (!descriptor.annotations.empty()) json["annotations"] = descriptor.annotations;
  if (!descriptor.artifact_type.empty()) json["artifactType"] = descriptor.artifact_type;
  if (descriptor.data) json["data"] = base64(*descriptor.data);
  return json;
}

Json json_of(const Referrers& list) {
  Json json = {{"manifests", Json::array()}};
  for (const Descriptor& descriptor : list.descriptors)
    json["manifests"].push_back(json_of(descriptor));
  if (list.from_fallback_tag) json["fromFallbackTag"] = true;
  if (list.incomplete) json["incomplete"] = json_of(*list.incomplete);
  return json;
}

Json json_of(const std::optional<FetchedManifest>& manifest) {
  if (!manifest) return nullptr;
  Json json = {{"mediaType", manifest->media_type}};
  // What parse_json() accepts is text that JSON can carry.
  if (parse_json(manifest->body)) {
    json["body"] = manifest->body;
  } else {
    json["base64"] = base64(manifest->body);
  }
  return json;
}

Json json_of(const std::optional<Digest>& digest) {
  return digest ? Json(digest->str()) : Json(nullptr);
}

Json json_of(const Blob& blob) {
  return base64(blob);
}

template <class T>
Json json_of_all(const Recording::Named<T>& entries) {
  Json json = Json::object();
  for (const auto& [name, value] : entries)
    json[name] = json_of(value);
  return json;
}

bool is_same(const std::optional<Digest>& a, const std::optional<Digest>& b) {
  return a == b;
}

bool is_same(const Referrers& a, const Referrers& b) {
  return json_of(a) == json_of(b);
}

// Two recordings of one thing that may change must agree.
template <class T>
Result<void> add_agreeing(Recording::Named<T>& all, Recording::Named<T>& more) {
  for (const auto& [name, value] : more) {
    const auto known = all.find(name);
    if (known == all.end() || is_same(known->second, value)) continue;
    return malformed(cat(name, " was recorded otherwise in a file before; use them one by one"));
  }
  all.merge(more);
  return {};
}

}  // namespace

std::string recorded_name(const Repository& repository, std::string_view tag_or_digest) {
  const bool is_digest = tag_or_digest.find(':') != std::string_view::npos;
  return cat(repository.canonical(), is_digest ? "@" : ":", tag_or_digest);
}

Result<Recording> Recording::parse(std::string_view text) {
  const auto json = parse_json(text, JsonLimits{kRecordingBytes, kJsonDepth});
  if (!json) return json.error();
  Reader reader;
  const auto read = reader.read(*json);
  if (!read) return read.error();
  return std::move(reader.recording);
}

Result<Recording> Recording::read(const std::vector<std::string>& files) {
  Recording all;
  for (const std::string& file : files) {
    const auto text = read_file(file, kRecordingBytes);
    if (!text) return text.error();
    auto recording = parse(*text);
    if (!recording) {
      return recording.error().as(Reason::config_not_ready).under(printable(file));
    }
    const auto added = all.add(*std::move(recording));
    if (!added) return added.error().as(Reason::config_not_ready).under(printable(file));
  }
  return all;
}

Result<void> Recording::add(Recording more) {
  auto added = add_agreeing(tags, more.tags);
  if (added) added = add_agreeing(referrers, more.referrers);
  manifests.merge(more.manifests);
  blobs.merge(more.blobs);
  failures.merge(more.failures);
  return added;
}

std::string Recording::text() const {
  const Json json = {{"version", 1},
                     {"tags", json_of_all(tags)},
                     {"manifests", json_of_all(manifests)},
                     {"blobs", json_of_all(blobs)},
                     {"referrers", json_of_all(referrers)},
                     {"failures", json_of_all(failures)}};
  return cat(json.dump(1, ' ', false, Json::error_handler_t::replace), "\n");
}

}  // namespace signet
