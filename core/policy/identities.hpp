#pragma once
// Who may sign: patterns on subject and issuer. Regular expressions are RE2 and must match the
// whole value (policy.md 8); cosign searches instead, so `team-.*@linuxera.org` would take
// `team-a@linuxeraXorg.evil`.

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "core/crypto/chain.hpp"
#include "core/sigstore/identity.hpp"

namespace re2 {
class RE2;
}

namespace signet {

// An exact text or a regular expression, compiled once. A value; copies share the program.
class TextPattern {
 public:
  static TextPattern exact(std::string text);
  // Refuses (?s), (?m), empty patterns, patterns over kPatternBytes and what RE2 refuses, naming
  // the spot.
  static Result<TextPattern> regexp(std::string_view pattern);

  bool matches(std::string_view value) const;
  bool is_regexp() const { return program_ != nullptr; }
  const std::string& text() const { return text_; }
  std::size_t program_size() const;  // of RE2; 0 of an exact text
  std::string str() const;           // for people: `"x"` or `~ x`

 private:
  TextPattern(std::string text, std::shared_ptr<const re2::RE2> program);
  std::string text_;
  std::shared_ptr<const re2::RE2> program_;
};

enum class SubjectType { any, email, uri, dns };

struct IdentityRule {
  TextPattern subject;
  SubjectType subject_type = SubjectType::any;
  std::optional<TextPattern> issuer;  // the Fulcio extensions of the leaf
  std::optional<TextPattern>
      issuer_dn;  // RFC 4514 text of the issuer; only where the issuer is itself configured

  std::string str() const;  // for people: `subject ~ team-.*, issuer "https://..."`
};

// The subject that matched (printable), or the nearest miss: identity_mismatch, or issuer_mismatch
// where only the issuer was wrong; the text says what was found and what was wanted.
Result<std::string> match_identity(std::span<const IdentityRule> rules, const Identity& identity,
                                   const Path& path);

}  // namespace signet
