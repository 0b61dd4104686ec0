#include "server/registry/credentials.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <random>
#include <set>

#include "core/base/bytes.hpp"
#include "core/base/json.hpp"
#include "core/base/limits.hpp"
#include "core/base/text.hpp"
#include "core/crypto/digest.hpp"
#include "server/registry/credential_keys.hpp"
#include "server/runtime/secret.hpp"

namespace signet {
namespace {

constexpr JsonLimits kFileLimits{1 * kMiB, 16};
constexpr std::string_view kHubKey = "index.docker.io";
constexpr std::size_t kWarningsKept = 32;

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

// Made once a process, so that an id says nothing about a password that is guessed.
const std::string& process_key() {
  static const std::string key = [] {
    std::random_device random;
    std::string text;
    for (int i = 0; i < 8; ++i)
      text += std::to_string(random()) + ".";
    return text;
  }();
  return key;
}

// Like Go's HTTP clients of registries, other characters would end up in a header.
bool is_token(std::string_view text) {
  constexpr std::size_t kTokenBytes = 16 * kKiB;
  return text.size() <= kTokenBytes &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

Result<std::string> text_member(const Json& entry, std::string_view name) {
  const Json* const member = find_member(entry, name);
  if (member == nullptr) return std::string();
  if (!member->is_string()) return malformed(cat(name, " is not a text"));
  return member->get<std::string>();
}

// "auth" is base64 of user:password, with or without padding, and wins over the two members.
Result<Credential> decode_auth(std::string_view auth) {
  const auto text = unbase64(trim(auth), Base64::any);
  if (!text) return malformed("auth is not base64");
  const std::size_t colon = text->find(':');
  if (colon == std::string::npos) return malformed("auth has no ':' between user and password");
  std::string password = text->substr(colon + 1);
  password.erase(password.find_last_not_of('\0') + 1);
  return Credential{text->substr(0, colon), std::move(password), "", ""};
}

Result<Credential> parse_entry(const Json& entry, CredentialOwner owner) {
  if (!entry.is_object()) return malformed("the entry is not an object");
  std::array<std::string, 5> texts;
  constexpr std::array<std::string_view, 5> kNames = {"username", "password", "auth",
                                                      "identitytoken", "registrytoken"};
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    auto text = text_member(entry, kNames[i]);
    if (!text) return text.error();
    texts[i] = std::move(*text);
  }
  Credential credential{texts[0], texts[1], "", ""};
  if (!texts[2].empty()) {
    auto decoded = decode_auth(texts[2]);
    if (!decoded) return decoded;
    credential = std::move(*decoded);
  }
  if (owner == CredentialOwner::service) {
    credential.identity_token = std::move(texts[3]);
    credential.registry_token = std::move(texts[4]);
  }
  const auto& name = credential.username;
  if (name.find(':') != std::string::npos || std::any_of(name.begin(), name.end(), is_control)) {
    return malformed("the user name has a ':' or a control character");
  }
  if (!is_token(credential.registry_token) || !is_token(credential.identity_token)) {
    return malformed("a token has characters that no token has");
  }
  return credential;
}

bool is_usable(const Credential& credential) {
  return !credential.password.empty() || !credential.identity_token.empty() ||
         !credential.registry_token.empty();
}

Error unreadable(std::string_view why) {
  return {Reason::config_not_ready, cat("the registry credentials cannot be read: ", why,
                                        "; expected is a Docker config.json")};
}

bool is_hub_image(const Repository& repository) {
  return repository.domain == "docker.io" || repository.domain == kHubKey;
}

}  // namespace

// Fills Credentials from one document.
class CredentialReader {
 public:
  CredentialReader(CredentialOwner owner) : owner_(owner) {}

  Result<Credentials> read_map(const Json& map) {
    if (!map.is_object()) return unreadable("auths is not an object");
    for (const auto& [key, entry] : map.items()) {
      auto credential = parse_entry(entry, owner_);
      if (!credential) {
        warn(key, credential.error().what());
        continue;
      }
      // Markers of credential helpers carry no secret.
      if (!is_usable(*credential)) continue;
      const auto added = read_.add(key, std::move(*credential), owner_);
      if (!added) warn(key, added.error().what());
    }
    return std::move(read_);
  }

  // A helper is a program named in a file; Signet runs none.
  void warn_of_helpers(const Json& document) {
    if (find_member(document, "credsStore") != nullptr) {
      warn("credsStore", "credential helpers are not run; put the login itself into auths");
    }
    const Json* const helpers = find_member(document, "credHelpers");
    if (helpers != nullptr && helpers->is_object() && !helpers->empty()) {
      warn("credHelpers", "credential helpers are not run; put the login itself into auths");
    }
  }

 private:
  void warn(std::string_view key, std::string_view why) {
    if (read_.warnings_.size() >= kWarningsKept) return;
    read_.warnings_.push_back(
        cat("registry credentials: ", quoted(key, 80), " is not used: ", why));
  }

  CredentialOwner owner_;
  Credentials read_;
};

Credential::~Credential() {
  for (std::string* const secret : {&password, &identity_token, &registry_token})
    wipe(*secret);
}

std::string Credential::id() const {
  const std::string_view nul("\0", 1);
  return Digest::of(
             cat(process_key(), username, nul, password, nul, identity_token, nul, registry_token))
      .hex_part()
      .substr(0, 32);
}

std::string Credential::basic() const {
  return cat("Basic ", base64(cat(username, ":", password)));
}

Result<void> Credentials::add(std::string_view key, Credential credential, CredentialOwner owner) {
  auto name = credential_key(key);
  if (!name) return malformed("the key is no host");
  if (owner == CredentialOwner::service && !is_narrow(*name)) {
    return malformed("a '*' needs two literal labels behind it, as in *.corp.example");
  }
  keys_[std::move(*name)].push_back(Entry{std::move(credential), owner});
  return {};
}

Result<Credentials> Credentials::parse(std::string_view json, CredentialOwner owner) {
  const auto document = parse_json(json, kFileLimits);
  if (!document) return unreadable(document.error().what());
  if (!document->is_object()) return unreadable("it is not a JSON object");
  CredentialReader reader(owner);
  reader.warn_of_helpers(*document);
  const Json* const auths = find_member(*document, "auths");
  return reader.read_map(auths == nullptr ? Json::object() : *auths);
}

Result<Credentials> Credentials::parse_dockercfg(std::string_view json, CredentialOwner owner) {
  const auto document = parse_json(json, kFileLimits);
  if (!document) return unreadable(document.error().what());
  return CredentialReader(owner).read_map(*document);
}

std::vector<Credential> Credentials::candidates_for(const Repository& repository) const {
  std::vector<Credential> found;
  const auto take = [&](const Entry& entry) {
    const bool is_new = std::find(found.begin(), found.end(), entry.credential) == found.end();
    if (is_new && found.size() < kCredentialsTried) found.push_back(entry.credential);
  };
  const std::string image = repository.str();
  for (const auto& [key, entries] : keys_) {
    for (const Entry& entry : entries) {
      const auto path_match =
          entry.owner == CredentialOwner::service ? PathMatch::component : PathMatch::prefix;
      if (key_matches(key, image, path_match)) take(entry);
    }
  }
  const auto hub = keys_.find(std::string(kHubKey));
  if (found.empty() && is_hub_image(repository) && hub != keys_.end()) {
    for (const Entry& entry : hub->second)
      take(entry);
  }
  return found;
}

std::vector<std::string> Credentials::ids() const {
  std::set<std::string> ids;
  for (const auto& [key, entries] : keys_) {
    for (const Entry& entry : entries)
      ids.insert(entry.credential.id());
  }
  return {ids.begin(), ids.end()};
}

std::uint64_t Credentials::next_serial() {
  static std::uint64_t last = 0;
  return ++last;
}

void Credentials::append(const Credentials& more) {
  serial_ = next_serial();
  for (const auto& [key, entries] : more.keys_) {
    auto& ours = keys_[key];
    ours.insert(ours.end(), entries.begin(), entries.end());
  }
  warnings_.insert(warnings_.end(), more.warnings_.begin(), more.warnings_.end());
}

}  // namespace signet
