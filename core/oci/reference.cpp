#include "core/oci/reference.hpp"

#include <algorithm>

#include "core/base/limits.hpp"
#include "core/base/text.hpp"
#include "core/oci/domain.hpp"

namespace signet {
namespace {

constexpr std::size_t kDigestHex = 64;
constexpr std::string_view kHub = "docker.io";

Error bad(std::string_view text, std::string_view what) {
  return {Reason::invalid_reference, cat("image reference ", quoted(text, 120), ": ", what)};
}

bool is_lower_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f');
}

bool is_lownum(char c) {
  return is_lower(c) || is_digit(c);
}

bool is_word(char c) {
  return is_alnum(c) || c == '_';
}

template <class Predicate>
bool all(std::string_view text, Predicate predicate) {
  return std::all_of(text.begin(), text.end(), predicate);
}

// "sha256:<hex>" alone, of any length: the grammar reads a repository named sha256, but containerd
// looks for a local image whose id begins so, under a name that no policy sees (registry.md A.2,
// step 3).
bool is_bare_digest(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return false;
  const std::string_view algorithm = text.substr(0, colon);
  const std::string_view rest = text.substr(colon + 1);
  const bool known = algorithm == "sha256" || algorithm == "sha384" || algorithm == "sha512" ||
                     algorithm == "blake3";
  return known && !rest.empty() && all(rest, is_hex_digit);
}

// What is wrong with the text before any of it is taken apart (A.2, steps 1 to 3).
std::optional<Error> fault_of_text(std::string_view text) {
  if (text.empty()) return Error(Reason::invalid_reference, "the image reference is empty");
  if (text.size() > kReferenceBytes) {
    return bad(text, cat("longer than ", std::to_string(kReferenceBytes), " characters"));
  }
  if (!all(text, [](char c) { return c > 0x20 && c < 0x7f; })) {
    return bad(text, "has a blank, control or non-ASCII character");
  }
  if (text.find("://") != std::string_view::npos) {
    return bad(text, "is a URL; write it without the scheme, as registry/repository:tag");
  }
  const bool id = text.size() == kDigestHex && all(text, is_lower_hex);
  if (id || is_bare_digest(text)) {
    return bad(text, "is an image id without a repository; write repository@sha256:...");
  }
  return std::nullopt;
}

// Two separators of which kind stand between letters: "." "_" "__" or any number of "-" (A.1).
bool is_separator(std::string_view text) {
  return text == "." || text == "_" || text == "__" ||
         (!text.empty() && all(text, [](char c) { return c == '-'; }));
}

bool is_component(std::string_view text) {
  if (text.empty() || !is_lownum(text.front()) || !is_lownum(text.back())) return false;
  for (std::size_t i = 0; i < text.size();) {
    const auto end = std::find_if(text.begin() + i, text.end(), is_lownum);
    const std::size_t next = static_cast<std::size_t>(end - text.begin());
    if (next != i && !is_separator(text.substr(i, next - i))) return false;
    i = next + 1;
  }
  return true;
}

bool is_path(std::string_view path) {
  const auto components = split(path, '/');
  return std::all_of(components.begin(), components.end(), is_component);
}

bool is_tag(std::string_view tag) {
  return !tag.empty() && tag.size() <= kTagBytes && is_word(tag.front()) &&
         all(tag, [](char c) { return is_word(c) || c == '.' || c == '-'; });
}

struct Parts {
  std::string domain;
  std::string_view remainder;
  bool library = false;  // Hub's short form: "library/" belongs before the remainder
};

bool names_a_host(std::string_view first) {
  return first == "localhost" || first.find_first_of(".:") != std::string_view::npos ||
         std::any_of(first.begin(), first.end(), is_upper);
}

// Docker's rule for whether the first component is a host (A.2, steps 4 to 6).
Parts split_domain(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return {std::string(kHub), text, true};
  const std::string_view first = text.substr(0, slash);
  if (!names_a_host(first)) return {std::string(kHub), text, false};
  const std::string_view rest = text.substr(slash + 1);
  if (first != kHub && first != "index.docker.io") return {std::string(first), rest, false};
  return {std::string(kHub), rest, rest.find('/') == std::string_view::npos};
}

Result<Repository> make_repository(std::string_view text, const Parts& parts,
                                   std::string_view path) {
  const auto domain = Domain::parse(parts.domain);
  if (!domain) return bad(text, domain.error().what());
  if (std::any_of(path.begin(), path.end(), is_upper)) {
    return bad(text, "the repository has upper-case letters; repositories are lower case");
  }
  if (!is_path(path)) {
    return bad(text, cat(quoted(path, 80),
                         " is not a repository path: components of lower-case letters and digits, "
                         "joined by '/', inside them single '.', '_', '__' or '-'"));
  }
  Repository repository{parts.domain, cat(parts.library ? "library/" : "", path)};
  if (repository.domain.size() + 1 + repository.path.size() > kRepositoryBytes) {
    return bad(text, cat("host and path are longer than ", std::to_string(kRepositoryBytes),
                         " characters"));
  }
  return repository;
}

Result<Digest> parse_digest(std::string_view text, std::string_view digest) {
  auto parsed = Digest::parse(digest);
  if (parsed) return parsed;
  if (digest.starts_with("sha512:")) {
    return bad(text,
               "sha512 digests are not supported, because cosign signs images by sha256 only; "
               "write the sha256 digest");
  }
  return bad(text, "behind '@' belongs sha256: and 64 lower-case hex digits");
}

}  // namespace

Result<Repository> Repository::parse(std::string_view text) {
  if (auto fault = fault_of_text(text)) return *fault;
  const Parts parts = split_domain(text);
  if (parts.remainder.find_first_of(":@") != std::string_view::npos) {
    return bad(text, "a repository is meant here; write it without tag and digest");
  }
  return make_repository(text, parts, parts.remainder);
}

std::string Repository::canonical() const {
  const auto parsed = Domain::parse(domain);
  const std::string host = parsed ? parsed->canonical() : to_lower(domain);
  // Hub under another of its names has no short form, but it is the same Hub.
  const bool is_short = host == kHub && path.find('/') == std::string::npos;
  return cat(host, is_short ? "/library/" : "/", path);
}

Result<Reference> Reference::parse(std::string_view text) {
  if (auto fault = fault_of_text(text)) return *fault;
  const Parts parts = split_domain(text);
  const std::size_t at = parts.remainder.find('@');
  const std::string_view named = parts.remainder.substr(0, at);
  const std::size_t colon = named.find(':');

  auto repository = make_repository(text, parts, named.substr(0, colon));
  if (!repository) return repository.error();
  Reference reference;
  reference.original_ = text;
  reference.repository_ = std::move(*repository);
  if (colon != std::string_view::npos) {
    const std::string_view tag = named.substr(colon + 1);
    if (!is_tag(tag)) {
      return bad(text, cat(quoted(tag, 80), " is not a tag: up to ", std::to_string(kTagBytes),
                           " letters, digits, '_', '.' and '-', not led by '.' or '-'"));
    }
    reference.tag_ = tag;
    reference.tag_was_given_ = true;
  }
  if (at != std::string_view::npos) {
    auto digest = parse_digest(text, parts.remainder.substr(at + 1));
    if (!digest) return digest.error();
    reference.digest_ = *digest;
  }
  if (!reference.tag_ && !reference.digest_) reference.tag_ = "latest";
  return reference;
}

std::string Reference::str() const {
  std::string text = repository_.str();
  if (tag_) text += cat(":", *tag_);
  if (digest_) text += cat("@", digest_->str());
  return text;
}

std::string Reference::pinned(const Digest& digest) const {
  return cat(original_.substr(0, original_.find('@')), "@", digest.str());
}

}  // namespace signet
