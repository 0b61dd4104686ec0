// What a signature's own payload must say beyond the digest: annotations, docker-reference.

#include "core/base/text.hpp"
#include "core/policy/judge_authority.hpp"

namespace signet {
namespace {

Result<void> check_annotations(const Authority& authority, const Claims& claims) {
  for (const auto& [name, wanted] : authority.annotations) {
    const auto found = claims.annotations.find(name);
    if (found != claims.annotations.end() && found->second == wanted) continue;
    const std::string got = found == claims.annotations.end() ? "none" : quoted(found->second, 128);
    return Error(Reason::annotation_mismatch, cat("annotation ", quoted(name, 128), ": found ", got,
                                                  ", wanted ", quoted(wanted, 128)));
  }
  return {};
}

Error mismatch(const std::string& found, const std::string& wanted) {
  return {Reason::signed_identity_mismatch,
          cat("the payload names ", quoted(found), ", wanted ", quoted(wanted))};
}

// The name that an image has at the place where it was signed: a mirror's prefix is exchanged for
// the signer's, whole components only.
Result<std::string> remapped(const SignedIdentityRule& rule, const Repository& image) {
  const auto bare = [](std::string_view prefix) {
    return prefix.ends_with('/') ? prefix.substr(0, prefix.size() - 1) : prefix;
  };
  const std::string_view prefix = bare(rule.prefix);
  const std::string name = image.canonical();
  const bool inside = !prefix.empty() && name.starts_with(prefix) &&
                      (name.size() == prefix.size() || name[prefix.size()] == '/');
  if (!inside) return name;
  const std::string moved =
      cat(bare(rule.signed_prefix), std::string_view(name).substr(prefix.size()));
  const auto parsed = Repository::parse(moved);
  if (!parsed) return parsed.error().as(Reason::signed_identity_mismatch).under("remap");
  return parsed->canonical();
}

// `exact`: the tag or the digest as well, so a payload that names neither is not enough.
Result<void> check_exact(const Reference& found, const Reference& image) {
  const bool tag_fits = !found.tag_was_given() || found.tag() == image.tag();
  const bool digest_fits = !found.digest() || found.digest() == image.digest();
  const bool specific = found.tag_was_given() || found.digest();
  if (tag_fits && digest_fits && specific) return {};
  return mismatch(found.original(), image.str());
}

Result<void> check_name(const SignedIdentityRule& rule, const Claims& claims,
                        const Reference& image) {
  if (!claims.docker_reference) {
    return Error(Reason::signed_identity_mismatch, "the payload names no repository");
  }
  const auto found = Reference::parse(*claims.docker_reference);
  if (!found) {
    return found.error().as(Reason::signed_identity_mismatch).under("docker-reference");
  }
  Result<std::string> wanted = image.repository().canonical();
  if (rule.match == SignedIdentity::remap) wanted = remapped(rule, image.repository());
  if (!wanted) return wanted.error();
  if (found->repository().canonical() != *wanted) {
    return mismatch(*claims.docker_reference, *wanted);
  }
  if (rule.match == SignedIdentity::exact) return check_exact(*found, image);
  return {};
}

}  // namespace

// policy.md 16.
Result<void> meets(const Authority& authority, const VerifiedSignature& signature,
                   SignatureFormat format, const Reference& image) {
  if (authority.signed_identity.match != SignedIdentity::any) {
    if (format == SignatureFormat::bundle) {
      return Error(Reason::signed_identity_mismatch,
                   "a bundle names no repository, so only `signedIdentity: any` can match it");
    }
    const auto named = check_name(authority.signed_identity, signature.claims, image);
    if (!named) return named;
  }
  return check_annotations(authority, signature.claims);
}

}  // namespace signet
