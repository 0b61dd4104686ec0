#include "server/verify/policy_objects.hpp"

#include <algorithm>

#include "core/base/text.hpp"
#include "core/crypto/digest.hpp"
#include "server/verify/policy_status.hpp"

namespace signet {
namespace {

constexpr std::string_view kind_word(MaterialRef::Kind kind) {
  return kind == MaterialRef::Kind::secret ? "Secret" : "ConfigMap";
}

MaterialRef without_key(const MaterialRef& material) {
  return {material.kind, material.name, ""};
}

bool is_object(const MaterialRef& material) {
  return material.kind == MaterialRef::Kind::secret ||
         material.kind == MaterialRef::Kind::config_map;
}

bool names(const LoadedSource& source, const MaterialRef& material) {
  return std::any_of(source.material.begin(), source.material.end(),
                     [&](const MaterialRef& named) { return without_key(named) == material; });
}

}  // namespace

// ---- objects

// A restarted watch may be behind what is known (security.md SR-58).
bool PolicyObjects::is_older(const PolicyObject& object) const {
  const auto known = entries_.find(object.object_name());
  return known != entries_.end() && known->second.uid == object.uid &&
         object.generation < known->second.generation;
}

void PolicyObjects::take(PolicyObject object) {
  const ObjectName name = object.object_name();
  Entry& entry = entries_[name];
  std::string hash = Digest::of(object.json).str();
  entry.uid = std::move(object.uid);
  entry.generation = object.generation;
  if (entry.source && entry.text_hash == hash) return;
  entry.text_hash = std::move(hash);
  parse(name, entry, std::move(object.json));
}

void PolicyObjects::parse(const ObjectName& name, Entry& entry, std::string text) {
  const ReadMaterial reader = [this](const std::string&, const MaterialRef& wanted) {
    return read(wanted);
  };
  SourceFile file{name.str(), std::move(text), name};
  entry.source = load_source(file, reader);
  entry.text = entry.source->material.empty() ? std::string() : std::move(file.text);
  ++parsed_;
}

std::vector<ObjectName> PolicyObjects::replace(PolicyKindName kind, std::vector<PolicyObject> all) {
  std::set<ObjectName> present;
  std::vector<ObjectName> doubtful;
  for (PolicyObject& object : all) {
    present.insert(object.object_name());
    ObjectName name = object.object_name();
    if (!put(std::move(object))) doubtful.push_back(std::move(name));
  }
  std::erase_if(entries_, [&](const auto& entry) {
    return entry.first.kind == kind && !present.contains(entry.first);
  });
  return doubtful;
}

bool PolicyObjects::put(PolicyObject object) {
  if (is_older(object)) return false;
  take(std::move(object));
  return true;
}

void PolicyObjects::confirm(PolicyObject object) {
  take(std::move(object));
}

void PolicyObjects::remove(const ObjectName& object) {
  entries_.erase(object);
}

void PolicyObjects::put_files(std::vector<SourcePtr> files) {
  files_ = std::move(files);
}

// ---- material

std::vector<MaterialRef> PolicyObjects::wanted() const {
  std::set<MaterialRef> wanted;
  for (const auto& [name, entry] : entries_) {
    for (const MaterialRef& material : entry.source->material) {
      if (is_object(material)) wanted.insert(without_key(material));
    }
  }
  return {wanted.begin(), wanted.end()};
}

Result<Blob> PolicyObjects::read(const MaterialRef& wanted) const {
  if (wanted.kind == MaterialRef::Kind::file) {
    return Error(Reason::policy_invalid,
                 "is for files of a policy directory; write `pem`, `secretRef` or `configMapRef`");
  }
  if (wanted.kind == MaterialRef::Kind::url) {
    const auto crls = crls_.find(wanted.name);
    if (crls != crls_.end()) return crls->second;
    return Error(Reason::config_not_ready, "no CRL came from there yet");
  }
  const std::string what = cat(kind_word(wanted.kind), " ", quoted(wanted.name, 80));
  const auto known = material_.find(without_key(wanted));
  if (known == material_.end()) {
    return Error(Reason::config_not_ready, cat(what, " was not read yet"));
  }
  if (!known->second) return known->second.error().as(Reason::config_not_ready);
  const auto value = known->second->find(wanted.key);
  if (value != known->second->end()) return value->second;
  return Error(Reason::config_not_ready,
               cat(what, " of the release namespace has no key ", quoted(wanted.key, 80)));
}

void PolicyObjects::reload_users_of(const MaterialRef& material) {
  for (auto& [name, entry] : entries_) {
    if (names(*entry.source, material)) parse(name, entry, std::move(entry.text));
  }
}

void PolicyObjects::put_material(const MaterialRef& material, Data data) {
  const MaterialRef name = without_key(material);
  const auto known = material_.find(name);
  if (known != material_.end() && known->second && data && *known->second == *data) return;
  material_.insert_or_assign(name, std::move(data));
  reload_users_of(name);
}

void PolicyObjects::put_crls(const std::string& url, Blob crls) {
  Blob& known = crls_[url];
  if (known == crls) return;
  known = std::move(crls);
  reload_users_of({MaterialRef::Kind::url, url, ""});
}

// ---- the set

PolicyObjects::Reading PolicyObjects::build() {
  std::vector<SourcePtr> sources = files_;
  for (const auto& [name, entry] : entries_)
    sources.push_back(entry.source);
  Reading reading;
  reading.policies = assemble(sources, rules_, good_);
  if (set_ && set_->fingerprint == reading.policies.set->fingerprint) reading.policies.set = set_;
  set_ = reading.policies.set;
  const StatusBook book(reading.policies);
  for (const auto& [name, entry] : entries_) {
    PolicyObjectStatus status = book.status_of(name, *entry.source);
    status.uid = entry.uid;
    status.generation = entry.generation;
    reading.statuses.push_back(std::move(status));
  }
  return reading;
}

}  // namespace signet
