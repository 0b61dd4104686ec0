#pragma once
// Every bound on what comes from outside, each with the sentence that derives it.
// Checked before parsing and again while streaming; each has a test at N and at N+1.

#include <cstddef>

namespace signet {

inline constexpr std::size_t kKiB = 1024;
inline constexpr std::size_t kMiB = 1024 * kKiB;

// ---- JSON
inline constexpr std::size_t kJsonBytes = 16 * kMiB;  // the largest document read: a bundle blob
inline constexpr std::size_t kJsonDepth =
    64;  // no format here nests deeper than 20; the stack holds thousands

// ---- what a registry stores
inline constexpr std::size_t kManifestBytes = 4 * kMiB;  // registries refuse larger ones on push
inline constexpr std::size_t kIndexEntries = 200;      // the largest multi-platform indexes have 60
inline constexpr std::size_t kSignatureLayers = 50;    // signatures of one image that are looked at
inline constexpr std::size_t kCandidatesFetched = 32;  // bundles of one image that are fetched
inline constexpr std::size_t kPayloadBytes = 128 * kKiB;  // a simple signing payload has 250 bytes
inline constexpr std::size_t kBundleBytes = 16 * kMiB;    // a bundle may carry a large attestation
inline constexpr std::size_t kAnnotationBytes = 64 * kKiB;  // all annotations of one signature
inline constexpr std::size_t kSignatureBytes = 1 * kKiB;    // RSA-8192 has 1024 bytes
inline constexpr std::size_t kSubjects =
    1024;  // subjects of an in-toto statement, as in sigstore-go
inline constexpr std::size_t kSubjectDigests = 32;  // digests of one subject, as in sigstore-go
inline constexpr std::size_t kReferrerPages = 4;    // pages of a referrers list

// ---- certificates
inline constexpr std::size_t kPemBytes = 32 * kKiB;  // a PEM annotation of a signature
inline constexpr std::size_t kCertificates = 10;     // certificates that one signature carries
inline constexpr std::size_t kTrustRootCertificates = 64;    // certificates of one TrustRoot
inline constexpr std::size_t kCertificateBytes = 16 * kKiB;  // one certificate in DER
inline constexpr std::size_t kCertificateNames = 32;         // SANs of one certificate
inline constexpr std::size_t kCertificateExtensions = 40;    // extensions of one certificate
inline constexpr std::size_t kPathLength = 5;                // leaf, three intermediates, anchor
inline constexpr std::size_t kMaxIntermediates =
    3;  // default of TrustRoot.spec.chain.maxIntermediates
inline constexpr std::size_t kPathCandidates = 16;   // paths that are tried for one leaf
inline constexpr std::size_t kCrlBytes = 10 * kMiB;  // one CRL
inline constexpr std::size_t kTrustPemBytes =
    1 * kMiB;  // the PEM of a TrustRoot, as a ConfigMap holds it
inline constexpr std::size_t kRsaBitsLeast = 2048;
inline constexpr std::size_t kRsaBitsMost = 8192;
inline constexpr std::size_t kSerialBytes = 20;  // RFC 5280 4.1.2.2

// ---- references and URLs
inline constexpr std::size_t kReferenceBytes = 1024;  // longer text is refused before it is parsed
inline constexpr std::size_t kRepositoryBytes = 255;  // host and path together
inline constexpr std::size_t kTagBytes = 128;
inline constexpr std::size_t kUrlBytes = 4 * kKiB;

// ---- one HTTP reply (registry.md B.7, B.8, H.5)
inline constexpr std::size_t kReplyHeadBytes =
    64 * kKiB;  // signed Location fields of blob stores have 8 KiB, Beast's default is too small
inline constexpr std::size_t kReplyFields = 200;
inline constexpr std::size_t kReplyFieldBytes = 16 * kKiB;
inline constexpr std::size_t kErrorBodyBytes =
    64 * kKiB;  // of a reply that is no success; the rest is not read
inline constexpr std::size_t kInterimReplies = 5;             // 1xx before the answer
inline constexpr std::size_t kChunkOverheadBytes = 4 * kKiB;  // chunk extensions, and the trailer
inline constexpr std::size_t kBlobRedirects = 5;              // hops a blob may take
inline constexpr std::size_t kManifestRedirects = 2;  // hops of a manifest, all of one origin

// ---- policies
inline constexpr std::size_t kPolicyFileBytes = 1 * kMiB;    // as etcd bounds an object
inline constexpr std::size_t kPolicyObjectBytes = 3 * kMiB;  // as the API server bounds a request
inline constexpr std::size_t kPatternBytes = 1 * kKiB;       // one regular expression or glob
inline constexpr std::size_t kYamlDepth = 32;
inline constexpr std::size_t kYamlDocuments = 1000;  // of one file: every policy and its root
inline constexpr std::size_t kIssues = 50;           // of one document; then reading it is moot
inline constexpr std::size_t kPolicies = 500;        // of the whole cluster
inline constexpr std::size_t kPoliciesPerNamespace = 100;
inline constexpr std::size_t kCrlUrls = 8;           // of one CA
inline constexpr std::size_t kPatterns = 64;         // patterns or identities of one list
inline constexpr std::size_t kStaticDigests = 1000;  // of one static authority
inline constexpr std::size_t kMessageBytes = 200;    // the `message` of a policy
inline constexpr std::size_t kRegexMemory = 1 * kMiB;

// ---- work for one image
inline constexpr std::size_t kSignatureVerifications = 64;  // signature arithmetic for one image

// ---- answers
inline constexpr std::size_t kFirstLineBytes = 256;  // kubectl and events show the first line alone
inline constexpr std::size_t kDenialBytes =
    4 * kKiB;  // the API server's limit on audit and status text
inline constexpr std::size_t kReviewBytes =
    7 * kMiB;  // object, old object and envelope at the API server's 3 MiB
inline constexpr std::size_t kReviewDepth = 64;
inline constexpr std::size_t kImagesPerReview =
    256;                                       // containers, init containers and volumes of one pod
inline constexpr std::size_t kUidBytes = 128;  // a request's uid is a UUID of 36 characters
inline constexpr std::size_t kNameBytes = 253;   // Kubernetes' own bound on names
inline constexpr std::size_t kLabelBytes = 63;   // Kubernetes' own bound on the value of a label
inline constexpr std::size_t kPullSecrets = 32;  // of one pod; whoever has many has three
inline constexpr std::size_t kUserBytes = 256;   // of a user's name; the rest is cut
inline constexpr std::size_t kExtraPaths = 32;   // of one custom resource
inline constexpr std::size_t kExtraPathSteps = 16;
inline constexpr std::size_t kExtraResources = 64;
inline constexpr std::size_t kWarnings = 5;        // webhook.md A.5: all webhooks share 4096 runes
inline constexpr std::size_t kWarningBytes = 240;  // one warning
inline constexpr std::size_t kWarningsBytes = 1000;   // all warnings of one answer
inline constexpr std::size_t kAuditBytes = 2 * kKiB;  // one audit annotation
inline constexpr std::size_t kImagesExplained = 5;    // images of one denial that get a block
inline constexpr std::size_t kCauses = 20;            // status.details.causes of one denial

}  // namespace signet
