#include "core/sigstore/identity.hpp"

#include <algorithm>

#include "core/base/text.hpp"
#include "core/crypto/der.hpp"
#include "core/sigstore/subject_syntax.hpp"

namespace signet {
namespace {

constexpr std::string_view kIssuerV1 = "1.3.6.1.4.1.57264.1.1";
constexpr std::string_view kIssuerV2 = "1.3.6.1.4.1.57264.1.8";
constexpr unsigned char kPrintableString = 0x13;
constexpr unsigned char kIa5String = 0x16;

bool is_alpha(char c) {
  return is_lower(c) || is_upper(c);
}

bool is_graphic(char c) {
  return c > ' ' && c < '\x7f';
}

bool is_label(std::string_view label) {
  return !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
         std::all_of(label.begin(), label.end(),
                     [](char c) { return is_alnum(c) || c == '-' || c == '_'; });
}

// A host name; a wildcard names no one and is none.
bool is_host_name(std::string_view text) {
  if (text.empty() || text.size() > 253) return false;
  for (const std::string_view label : split(text, '.')) {
    if (!is_label(label)) return false;
  }
  return true;
}

// One `@`, a local part that needs no quoting (RFC 5322 dot-atom) and a domain. A colon is not
// among them, so that no e-mail address is a URI.
bool is_email(std::string_view text) {
  const std::size_t at = text.find('@');
  if (at == 0 || at == std::string_view::npos) return false;
  const std::string_view local = text.substr(0, at);
  constexpr std::string_view kQuotedOnly = "()<>[]:;@\\,\"";
  const bool plain = std::all_of(local.begin(), local.end(), [=](char c) {
    return is_graphic(c) && kQuotedOnly.find(c) == std::string_view::npos;
  });
  return plain && is_host_name(text.substr(at + 1));
}

// What a pattern for e-mail addresses could take for one: a CA may be kept from minting addresses
// of a domain, and free to mint such URIs.
bool ends_like_email(std::string_view uri) {
  const std::size_t at = uri.rfind('@');
  if (at == std::string_view::npos) return false;
  const std::string_view domain = uri.substr(at + 1);
  return domain.find('.') != std::string_view::npos && is_host_name(domain);
}

// Absolute, with the characters of RFC 3986 only.
bool is_uri(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == text.size()) return false;
  const std::string_view scheme = text.substr(0, colon);
  constexpr std::string_view kNeverInUris = "\"<>\\^`{|}";
  return is_alpha(scheme.front()) &&
         std::all_of(scheme.begin(), scheme.end(),
                     [](char c) { return is_alnum(c) || c == '+' || c == '-' || c == '.'; }) &&
         std::all_of(text.begin(), text.end(), [=](char c) {
           return is_graphic(c) && kNeverInUris.find(c) == std::string_view::npos;
         });
}

// A user name of Fulcio: no `@`, no URI and no host name, so that it cannot pose as one of another
// type, which constraints may bind where nothing binds this one; no control character.
bool is_user_name(std::string_view text) {
  const bool host = text.find('.') != std::string_view::npos && is_host_name(text);
  return !text.empty() && !host && !is_uri(text) &&
         std::all_of(text.begin(), text.end(), [](char c) {
           const auto octet = static_cast<unsigned char>(c);
           return octet > 0x1f && octet != 0x7f && c != '@';
         });
}

std::vector<SubjectName> subjects_of(const Certificate& leaf) {
  std::vector<SubjectName> subjects;
  for (const SubjectName& name : leaf.names()) {
    if (has_syntax_of_its_type(name)) subjects.push_back(name);
  }
  return subjects;
}

bool is_utf8_tail(std::string_view text, std::size_t at, std::size_t count) {
  if (at + count > text.size()) return false;
  for (std::size_t i = at; i < at + count; ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xc0) != 0x80) return false;
  }
  return true;
}

// RFC 3629; shortest forms, no surrogates.
bool is_utf8(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const auto lead = static_cast<unsigned char>(text[at]);
    const std::size_t more = lead < 0x80 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
    if ((lead >= 0x80 && lead < 0xc2) || lead > 0xf4) return false;
    if (!is_utf8_tail(text, at + 1, more)) return false;
    const auto next = more == 0 ? 0 : static_cast<unsigned char>(text[at + 1]);
    if ((lead == 0xe0 && next < 0xa0) || (lead == 0xed && next > 0x9f)) return false;
    if ((lead == 0xf0 && next < 0x90) || (lead == 0xf4 && next > 0x8f)) return false;
    at += more + 1;
  }
  return true;
}

bool is_printable_string(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return is_alnum(c) || std::string_view(" '()+,-./:=?").find(c) != std::string_view::npos;
  });
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool holds(unsigned char tag, std::string_view text) {
  switch (tag) {
    case der::kUtf8String:
      return is_utf8(text);
    case kPrintableString:
      return is_printable_string(text);
    case kIa5String:
      return is_ascii(text);
    default:
      return false;
  }
}

// One complete DER UTF8String, PrintableString or IA5String (policy.md 10); nothing for all else.
std::optional<std::string> der_string(Bytes input) {
  DerReader reader(input);
  const auto element = reader.next();
  if (!element || !reader.at_end() || !holds(element->tag, element->content)) return std::nullopt;
  return std::string(element->content);
}

// policy.md 10. An issuer of no characters is none: no signer could have meant it.
Result<std::optional<std::string>> issuer_of(const Certificate& leaf) {
  const auto raw = leaf.extension(kIssuerV1);
  const auto der = leaf.extension(kIssuerV2);
  std::optional<std::string> issuer = der ? der_string(*der) : raw;
  if (raw && der && issuer != raw) {
    return Error(Reason::cert_profile,
                 cat("the certificate names two issuers: ", kIssuerV1, " holds ",
                     signet::quoted(*raw, 100), ", ", kIssuerV2, " ",
                     issuer ? "holds " + signet::quoted(*issuer, 100) : "is no DER string"));
  }
  if (issuer && issuer->empty()) issuer.reset();
  return issuer;
}

}  // namespace

bool has_syntax_of_its_type(const SubjectName& name) {
  switch (name.type) {
    case NameType::email:
      return is_email(name.value);
    case NameType::uri:
      return is_uri(name.value) && !ends_like_email(name.value);
    case NameType::dns:
      return is_host_name(name.value);
    case NameType::other_name:
      return is_user_name(name.value);
  }
  return false;
}

std::string Identity::str() const {
  std::vector<std::string> shown;
  for (const SubjectName& subject : subjects)
    shown.push_back(printable(subject.value));
  const std::string names = shown.empty() ? "no subject" : join(shown, ", ");
  if (issuer) return cat(names, " (issuer ", printable(*issuer), ")");
  return cat(names, " (no issuer extension; issued by ", printable(issuer_dn), ")");
}

Result<Identity> identity_of(const Certificate& leaf) {
  auto issuer = issuer_of(leaf);
  if (!issuer) return issuer.error();
  return Identity{subjects_of(leaf), std::move(*issuer), leaf.issuer()};
}

}  // namespace signet
