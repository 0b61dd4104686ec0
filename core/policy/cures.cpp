#include <array>

#include "core/policy/explain.hpp"

namespace signet {
namespace {

struct Row {
  Reason reason;
  std::string_view cure;
};

// In the order of the enumeration, every reason; what trusts an image needs no cure.
constexpr std::array kCures = {
    Row{Reason::verified, ""},
    Row{Reason::static_allowed, ""},
    Row{Reason::skipped_unchanged, ""},
    Row{Reason::no_policy_allow, ""},
    Row{Reason::no_policy_deny,
        "add a ClusterTrustPolicy that matches this image, or use an image that one "
        "matches"},
    Row{Reason::no_signature,
        "sign this digest with a certificate that the policy accepts, in the same "
        "repository or where signatureRepository says"},
    Row{Reason::signature_invalid,
        "sign the image again; what is stored there is damaged or was changed after "
        "signing"},
    Row{Reason::payload_mismatch,
        "sign this digest itself; the signature found was made for another image"},
    Row{Reason::identity_mismatch,
        "sign with a certificate of an accepted identity, or ask the policy's owner to "
        "accept this one"},
    Row{Reason::issuer_mismatch,
        "sign with a certificate that carries the wanted issuer, or ask the policy's "
        "owner to accept this one"},
    Row{Reason::key_mismatch, "sign with the private key that belongs to the policy's public key"},
    Row{Reason::annotation_mismatch,
        "sign again with the wanted annotations (cosign sign -a NAME=VALUE)"},
    Row{Reason::signed_identity_mismatch,
        "sign under the name that the image is pulled by, or relax signedIdentity"},
    Row{Reason::chain_untrusted,
        "sign with a certificate under a CA of the TrustRoot and attach its intermediates "
        "(cosign sign --certificate-chain), or add that CA to the TrustRoot"},
    Row{Reason::chain_expired,
        "renew the certificate and sign again; every certificate of the path must be "
        "valid now"},
    Row{Reason::cert_profile,
        "have the certificate issued again as a signer's: no CA, fit for digital "
        "signatures, with one consistent issuer"},
    Row{Reason::revoked, "sign again with a certificate that was not revoked"},
    Row{Reason::unsupported_format,
        "sign with cosign sign; what was found there is no image signature of a known "
        "format"},
    Row{Reason::too_many_signatures,
        "remove signatures that are not needed from the image's repository"},
    Row{Reason::limit_exceeded,
        "remove signatures that are not needed from the image's repository"},
    Row{Reason::threshold_not_met,
        "have as many authorities as `threshold` says sign this digest, each with its own "
        "key"},
    Row{Reason::no_delegate,
        "write a TrustPolicy in the pod's namespace whose authority refers to the "
        "delegated TrustRoot and accepts this signature"},
    Row{Reason::static_denied,
        "use another image; the policy denies this one by name or digest, or allowed it "
        "only for a time"},
    Row{Reason::unpinned, "name the image by digest (NAME@sha256:...)"},
    Row{Reason::invalid_reference,
        "write the image as HOST/PATH[:TAG][@sha256:DIGEST] in lower case"},
    Row{Reason::policy_invalid,
        "correct the policy; signet verify --policy names file, line and column"},
    Row{Reason::trust_root_missing, "create or correct the TrustRoot that the policy refers to"},
    Row{Reason::crl_stale,
        "publish a current CRL for each CA of the path and put it into the TrustRoot"},
    Row{Reason::image_not_found, "push the image, or correct its name or tag"},
    Row{Reason::digest_mismatch,
        "push the object again; its content does not have the digest it is stored under"},
    Row{Reason::ambiguous_manifest, "push the image again with a manifest of one kind"},
    Row{Reason::registry_protocol,
        "check the registry's address; it does not answer as a registry does"},
    Row{Reason::registry_blocked,
        "allow this registry, or its private addresses, in the service's configuration"},
    Row{Reason::registry_auth,
        "give the service, or the pod's pull secrets, credentials that may read the "
        "repository"},
    Row{Reason::registry_forbidden,
        "give the service, or the pod's pull secrets, credentials that may read the "
        "repository"},
    Row{Reason::registry_rate_limited, "try again later, or use credentials with a higher limit"},
    Row{Reason::registry_unreachable,
        "try again once the registry can be reached from the service"},
    Row{Reason::registry_timeout, "try again once the registry can be reached from the service"},
    Row{Reason::registry_dns, "try again once the registry can be reached from the service"},
    Row{Reason::registry_tls,
        "give the service the CA of the registry's certificate, or correct the "
        "certificate"},
    Row{Reason::deadline, "try again; the work goes on and the next answer is faster"},
    Row{Reason::overloaded, "try again; the work goes on and the next answer is faster"},
    Row{Reason::config_not_ready,
        "wait until the service knows its policies and the namespace's labels (see its readiness), "
        "or match by `namespaces` instead of namespaceSelector"},
    Row{Reason::clock, "set the clock of the node that runs the service"},
    Row{Reason::internal, "try again, and report it with the request id if it stays"},
    Row{Reason::malformed_request, "send an object that its kind's schema allows"},
    Row{Reason::malformed_object, "send an object that its kind's schema allows"},
};

constexpr bool cures_follow_the_enumeration() {
  for (std::size_t i = 0; i < kCures.size(); ++i) {
    if (static_cast<std::size_t>(kCures[i].reason) != i) return false;
  }
  return kCures.size() == static_cast<std::size_t>(Reason::malformed_object) + 1;
}
static_assert(cures_follow_the_enumeration());

}  // namespace

std::string cure_for(Reason reason) {
  return std::string(kCures[static_cast<std::size_t>(reason)].cure);
}

}  // namespace signet
