#include "core/sigstore/intoto.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "core/sigstore/fields.hpp"

namespace signet {
namespace {

constexpr std::string_view kSignPredicate = "https://sigstore.dev/cosign/sign/v1";
constexpr std::array<std::string_view, 2> kStatementTypes = {"https://in-toto.io/Statement/v1",
                                                             "https://in-toto.io/Statement/v0.1"};

Error mismatch(std::string what) {
  return {Reason::payload_mismatch, std::move(what)};
}

bool is_hex(std::string_view text) {
  return text.size() % 2 == 0 && !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
           return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
         });
}

// verification.md G.3, 6: every digest is hex, whatever its algorithm.
Result<void> check_digests(const Json& digests) {
  if (digests.size() > kSubjectDigests) {
    return too_large(cat("a subject with more than ", std::to_string(kSubjectDigests), " digests"));
  }
  for (const auto& [algorithm, value] : digests.items()) {
    if (!value.is_string() || !is_hex(value.get_ref<const std::string&>())) {
      return mismatch(cat("digest ", signet::quoted(algorithm, 64), " of a subject is not hex"));
    }
  }
  return {};
}

Result<void> check_subject(const Json& subject) {
  if (!subject.is_object()) return mismatch("a subject is no object");
  const auto known = only_members(subject, {"name", "uri", "digest", "content", "downloadLocation",
                                            "mediaType", "annotations"});
  if (!known) return known.error().under("subject");
  for (const std::string_view name : {"name", "uri", "content", "downloadLocation", "mediaType"}) {
    const Json* const member = find_member(subject, name);
    if (member != nullptr && !member->is_string()) {
      return mismatch(cat("member ", signet::quoted(name), " of a subject is no string"));
    }
  }
  const Json* const annotations = find_member(subject, "annotations");
  if (annotations != nullptr && !annotations->is_object()) {
    return mismatch("the annotations of a subject are no object");
  }
  const auto digests = object_member(subject, "digest");
  if (!digests) return digests.error().under("subject");
  return check_digests(**digests);
}

bool is_about(const Json& subject, const Digest& image) {
  const Json* const digest = find_member(*find_member(subject, "digest"), "sha256");
  return digest != nullptr && digest->get_ref<const std::string&>() == image.hex_part();
}

// Every subject must be sound, also those beside the one that counts (cases B11, B61).
Result<const Json*> matching_subject(const Json& statement, const Digest& image) {
  const auto subjects = array_member(statement, "subject");
  if (!subjects) return subjects.error();
  if ((*subjects)->size() > kSubjects) {
    return too_large(cat("a statement with more than ", std::to_string(kSubjects), " subjects"));
  }
  const Json* match = nullptr;
  for (const Json& subject : **subjects) {
    const auto sound = check_subject(subject);
    if (!sound) return sound.error();
    if (match == nullptr && is_about(subject, image)) match = &subject;
  }
  if (match == nullptr) return mismatch("no subject of the statement is " + image.str());
  return match;
}

// Before anything else of the statement, so that an attestation is called one.
Result<void> check_types(const Json& statement) {
  const auto type = string_member(statement, "_type");
  if (!type) return type.error();
  if (std::find(kStatementTypes.begin(), kStatementTypes.end(), *type) == kStatementTypes.end()) {
    return Error(Reason::unsupported_format, cat("a statement of type ", signet::quoted(*type)));
  }
  const auto predicate = string_member(statement, "predicateType");
  if (!predicate) return predicate.error();
  if (*predicate != kSignPredicate) {
    return Error(Reason::unsupported_format,
                 cat("an attestation with predicate type ", signet::quoted(*predicate),
                     ", not an image signature; sign the image with `cosign sign`"));
  }
  return {};
}

Result<const Json*> read_statement(const Json& statement, const Digest& image) {
  if (!statement.is_object()) return mismatch("the statement is no JSON object");
  const auto types = check_types(statement);
  if (!types) return types.error();
  const auto known = only_members(statement, {"_type", "subject", "predicateType", "predicate"});
  if (!known) return known.error();
  const Json* const predicate = find_member(statement, "predicate");
  if (predicate != nullptr && !predicate->is_object()) return mismatch("predicate is no object");
  return matching_subject(statement, image);
}

}  // namespace

Result<Claims> statement_claims(Bytes statement, const Digest& image) {
  const auto json = parse_json(statement);
  if (!json) return told_as(json.error(), Reason::payload_mismatch).under("in-toto statement");
  const auto subject = read_statement(*json, image);
  if (!subject) {
    return told_as(subject.error(), Reason::payload_mismatch).under("in-toto statement");
  }
  Claims claims{image, std::nullopt, {}};
  const Json* const annotations = find_member(**subject, "annotations");
  if (annotations != nullptr) claims.annotations = string_members(*annotations);
  return claims;
}

}  // namespace signet
