#include "core/crypto/profile.hpp"

#include <openssl/x509v3.h>

#include <algorithm>

#include "core/base/text.hpp"
#include "core/crypto/der.hpp"
#include "core/crypto/openssl.hpp"

namespace signet {
namespace {

constexpr std::string_view kNameConstraints = "2.5.29.30";
constexpr std::string_view kPolicyConstraints = "2.5.29.36";
constexpr std::string_view kExtendedKeyUsage = "2.5.29.37";
constexpr std::string_view kCodeSigning = "1.3.6.1.5.5.7.3.3";
constexpr std::string_view kAnyUsage = "2.5.29.37.0";
constexpr std::size_t kDnsLabelBytes = 63;  // RFC 1035 2.3.4

Error breach(const Certificate& certificate, std::string_view rule) {
  return {Reason::cert_profile,
          cat("certificate ", printable(certificate.subject(), 128), " ", rule)};
}

// X509_get_key_usage() answers "all" where the extension is absent; that is what RFC 5280 means.
bool may_use_key_for(const Certificate& certificate, std::uint32_t usage) {
  return (X509_get_key_usage(certificate.handle()) & usage) != 0;
}

bool has_key_usage(const Certificate& certificate) {
  return (X509_get_extension_flags(certificate.handle()) & EXFLAG_KUSAGE) != 0;
}

// ---- extended key usage (RFC 5280 4.2.1.12)

// The purposes that the extension names; nothing where it cannot be read.
std::optional<std::vector<std::string>> purposes_in(Bytes value) {
  const auto sequence = sole_element(value, der::kSequence, "extKeyUsage");
  if (!sequence) return std::nullopt;
  std::vector<std::string> purposes;
  DerReader reader(sequence->content);
  while (!reader.at_end()) {
    const auto element = reader.next(der::kObjectId, "purpose");
    if (!element) return std::nullopt;
    auto oid = oid_text(element->content);
    if (!oid) return std::nullopt;
    purposes.push_back(std::move(*oid));
  }
  return purposes;
}

bool contains(const std::vector<std::string>& purposes, std::string_view oid) {
  return std::find(purposes.begin(), purposes.end(), oid) != purposes.end();
}

// An absent extension restricts nothing; one that is there must allow code signing, at every step
// of the path, or a CA for TLS servers could mint signers.
Result<void> check_purposes(const Certificate& certificate) {
  const auto value = certificate.extension(kExtendedKeyUsage);
  if (!value) return {};
  const auto purposes = purposes_in(*value);
  if (!purposes) return breach(certificate, "has an extKeyUsage that cannot be read");
  if (contains(*purposes, kCodeSigning) || contains(*purposes, kAnyUsage)) return {};
  return breach(certificate, "has an extKeyUsage that does not allow code signing");
}

Result<void> check_required_purpose(const Certificate& leaf) {
  const auto value = leaf.extension(kExtendedKeyUsage);
  const auto purposes = value ? purposes_in(*value) : std::nullopt;
  if (purposes && contains(*purposes, kCodeSigning)) return {};
  return breach(leaf, "does not carry extKeyUsage codeSigning, which requireCodeSigning demands");
}

// ---- leaf

bool is_host_label(std::string_view label) {
  const auto allowed = [](char c) { return is_alnum(c) || c == '-'; };
  return !label.empty() && label.size() <= kDnsLabelBytes && label.front() != '-' &&
         label.back() != '-' && std::all_of(label.begin(), label.end(), allowed);
}

// RFC 1123 2.1: letters, digits and hyphens. A wildcard, an underscore or an address posing as a
// name slips past name constraints (CVE-2025-61727); a last label of digits alone is an address.
bool is_host_name(std::string_view name) {
  const auto labels = split(name, '.');
  const auto& last = labels.back();
  return std::all_of(labels.begin(), labels.end(), is_host_label) &&
         !std::all_of(last.begin(), last.end(), is_digit);
}

Result<void> check_leaf_names(const Certificate& leaf) {
  for (const SubjectName& name : leaf.names()) {
    if (name.type == NameType::dns && !is_host_name(name.value)) {
      return breach(leaf, cat("has the DNS name ", quoted(name.value, 64),
                              ", which is not the name of one host"));
    }
  }
  return {};
}

Result<void> check_leaf(const Certificate& leaf, CodeSigning code_signing) {
  if (leaf.version() != 3) return breach(leaf, "is of version 1; a signer's is of version 3");
  if (leaf.is_ca()) return breach(leaf, "is a CA certificate; a signer's is not");
  if (!may_use_key_for(leaf, KU_DIGITAL_SIGNATURE)) {
    return breach(leaf, "has a keyUsage without digitalSignature");
  }
  // RFC 5280 4.2.1.3: keyCertSign belongs to CAs.
  if (has_key_usage(leaf) && may_use_key_for(leaf, KU_KEY_CERT_SIGN)) {
    return breach(leaf, "is not a CA and has a keyUsage with keyCertSign");
  }
  if (leaf.extension(kNameConstraints)) {
    return breach(leaf, "is not a CA and has nameConstraints");  // RFC 5280 4.2.1.10
  }
  const auto names = check_leaf_names(leaf);
  if (!names) return names;
  return code_signing == CodeSigning::required ? check_required_purpose(leaf) : Result<void>();
}

// ---- issuers

bool is_root_of_version_1(const Certificate& issuer, bool anchor) {
  return anchor && issuer.version() == 1;
}

// OpenSSL takes a v3 certificate with keyCertSign and no basicConstraints for a CA; RFC 5280
// 4.2.1.9 does not. A version 1 certificate cannot say it and counts where it is configured.
Result<void> check_issuer(const Certificate& issuer, bool anchor) {
  if (!issuer.is_ca() && !is_root_of_version_1(issuer, anchor)) {
    return breach(issuer, "is no CA (basicConstraints)");
  }
  if (!may_use_key_for(issuer, KU_KEY_CERT_SIGN)) {
    return breach(issuer, "has a keyUsage without keyCertSign");
  }
  if (X509_NAME_entry_count(X509_get_subject_name(issuer.handle())) == 0) {
    return breach(issuer, "issues certificates without a name of its own");  // RFC 5280 4.1.2.4
  }
  return {};
}

// NameConstraints ::= SEQUENCE { permitted [0], excluded [1] }: at least one subtree.
bool constrains_something(Bytes value) {
  const auto sequence = sole_element(value, der::kSequence, "nameConstraints");
  if (!sequence) return false;
  DerReader reader(sequence->content);
  bool any = false;
  while (!reader.at_end()) {
    const auto subtrees = reader.next();
    if (!subtrees || subtrees->content.empty()) return false;
    any = true;
  }
  return any;
}

Result<void> check_constraints(const Certificate& intermediate) {
  const auto& extensions = intermediate.extensions();
  const auto found = std::find_if(extensions.begin(), extensions.end(),
                                  [](const Extension& one) { return one.oid == kNameConstraints; });
  if (found == extensions.end()) return {};
  if (!found->critical) return breach(intermediate, "has nameConstraints that are not critical");
  if (!constrains_something(found->value)) {
    return breach(intermediate, "has nameConstraints that constrain nothing");
  }
  return {};
}

// ---- everything below the anchor

// SHA-1 and MD5 have collisions: one certificate that a CA signed becomes another that it did not.
bool has_strong_signature(const Certificate& certificate) {
  int digest = NID_undef;
  int key = NID_undef;
  std::uint32_t flags = 0;
  if (X509_get_signature_info(certificate.handle(), &digest, &key, nullptr, &flags) != 1) {
    return false;
  }
  if (key == NID_ED25519) return true;
  const bool sha2 = digest == NID_sha256 || digest == NID_sha384 || digest == NID_sha512;
  // PSS: the hash, its mask's hash and the salt's length must agree, which this flag says.
  return sha2 && (key != NID_rsassaPss || (flags & X509_SIG_INFO_TLS) != 0);
}

Result<void> check_below_anchor(const Certificate& certificate) {
  if (!has_strong_signature(certificate)) {
    return breach(certificate,
                  "is signed with a weak or unknown algorithm; SHA-256, SHA-384, "
                  "SHA-512 and Ed25519 are accepted");
  }
  if (certificate.extension(kPolicyConstraints)) {
    return breach(certificate, "has policyConstraints, which are not supported");
  }
  return {};
}

}  // namespace

Result<void> check_profile(std::span<const Certificate> path, CodeSigning code_signing) {
  const auto leaf = check_leaf(path.front(), code_signing);
  if (!leaf) return leaf;
  for (std::size_t i = 0; i < path.size(); ++i) {
    const bool anchor = i + 1 == path.size();
    const auto purposes = check_purposes(path[i]);
    if (!purposes) return purposes;
    const auto issuer = i == 0 ? Result<void>() : check_issuer(path[i], anchor);
    if (!issuer) return issuer;
    if (anchor) continue;
    const auto below = check_below_anchor(path[i]);
    if (!below) return below;
    const auto constraints = i == 0 ? Result<void>() : check_constraints(path[i]);
    if (!constraints) return constraints;
  }
  return {};
}

}  // namespace signet
