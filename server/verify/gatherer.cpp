#include "server/verify/gatherer.hpp"

#include <algorithm>

#include "core/base/limits.hpp"
#include "core/base/text.hpp"
#include "core/oci/links.hpp"
#include "core/sigstore/simple_signing.hpp"

namespace signet {
namespace {

constexpr std::string_view kBundleType = "application/vnd.dev.sigstore.bundle";
constexpr std::string_view kLegacyArtifact = "application/vnd.dev.cosign.artifact.sig.v1+json";
constexpr std::string_view kSimpleSigning = "application/vnd.dev.cosign.simplesigning.v1+json";
constexpr std::string_view kCreated = "org.opencontainers.image.created";
constexpr std::string_view kSignatureKey = "dev.cosignproject.cosign/signature";
constexpr std::size_t kLanes = 4;

// Whether a referrer may be a signature. cosign writes fallback indexes without artifactType: then
// only a look tells (registry.md F.4).
bool may_be_signature(const Descriptor& referrer) {
  const bool manifest =
      referrer.media_type.empty() ||
      referrer.media_type == "application/vnd.oci.image.manifest.v1+json" ||
      referrer.media_type == "application/vnd.docker.distribution.manifest.v2+json";
  const std::string_view type = referrer.artifact_type;
  return manifest && (type.empty() || type.starts_with(kBundleType) || type == kLegacyArtifact);
}

std::string created(const Descriptor& referrer) {
  const auto found = referrer.annotations.find(kCreated);
  return found == referrer.annotations.end() ? std::string() : found->second;
}

// Newest first where the annotation says so, else from the end of the list, where registries
// append.
std::vector<Descriptor> candidates_of(std::vector<Descriptor> referrers) {
  std::erase_if(referrers, [](const Descriptor& referrer) { return !may_be_signature(referrer); });
  std::reverse(referrers.begin(), referrers.end());
  std::stable_sort(
      referrers.begin(), referrers.end(),
      [](const Descriptor& a, const Descriptor& b) { return created(a) > created(b); });
  return referrers;
}

std::string count_of(std::size_t count, std::string_view noun) {
  if (count == 0) return cat("no ", noun, "s");
  return cat(std::to_string(count), " ", noun, count == 1 ? "" : "s");
}

void append(FoundSignatures& all, FoundSignatures more) {
  std::move(more.candidates.begin(), more.candidates.end(), std::back_inserter(all.candidates));
  if (more.failure && !all.failure) all.failure = std::move(more.failure);
}

Error too_many(std::string_view where, std::size_t found, std::size_t most) {
  return {Reason::too_many_signatures,
          cat(where, " holds ", std::to_string(found), " signatures, more than the ",
              std::to_string(most), " that are looked at; remove those that are not needed")};
}

}  // namespace

// A referrer on its way: what it turned out to hold.
struct Gatherer::Child {
  Descriptor descriptor;
  Result<ReferrerSignatures> found;
};

// All referrers of one image, fetched by several lanes.
struct Gatherer::Round {
  Round(Search search_, Deadline deadline_) : search(std::move(search_)), deadline(deadline_) {}

  Search search;
  Deadline deadline;
  std::vector<Child> children;
  std::size_t next = 0;
  std::size_t bytes_left = kBundleBytesInAll;
};

Task<ReferrerSignatures> Gatherer::referrers(Search search, Deadline deadline) {
  ReferrerSignatures all;
  auto listed =
      co_await source_.referrers(search.repository, search.digest, search.access, deadline);
  if (!listed) {
    const Error failure = listed.error().under(cat("referrers of ", search.digest.str()));
    all.bundles.failure = failure;
    all.bundles.searched.push_back("OCI referrers (could not be read)");
    all.legacy.failure = failure;
    co_return all;
  }
  std::vector<Descriptor> wanted = candidates_of(std::move(listed->descriptors));
  const std::size_t offered = wanted.size();
  if (offered > kCandidatesFetched) wanted.erase(wanted.begin() + kCandidatesFetched, wanted.end());

  Round round(search, deadline);
  for (Descriptor& descriptor : wanted) {
    round.children.push_back(Child{std::move(descriptor), ReferrerSignatures()});
  }
  co_await fetch_children(&round);
  // Only some of what hangs here could be read; a good one among the rest still counts. What was
  // not read may have been of either format.
  const auto fail = [&all](const Error& failure) {
    if (!all.bundles.failure) all.bundles.failure = failure;
    if (!all.legacy.failure) all.legacy.failure = failure;
  };
  for (Child& child : round.children) {
    if (!child.found) {
      fail(child.found.error());
      continue;
    }
    append(all.bundles, std::move(child.found->bundles));
    append(all.legacy, std::move(child.found->legacy));
  }
  if (all.legacy.candidates.size() > kSignatureLayers) {
    fail(too_many("the list of referrers", all.legacy.candidates.size(), kSignatureLayers));
    all.legacy.candidates.erase(all.legacy.candidates.begin() + kSignatureLayers,
                                all.legacy.candidates.end());
  }
  if (listed->incomplete) fail(*listed->incomplete);
  if (offered > kCandidatesFetched) {
    fail(too_many("the list of referrers", offered, kCandidatesFetched));
  }
  all.bundles.searched.push_back(
      cat(listed->from_fallback_tag ? "OCI referrers by fallback tag (" : "OCI referrers (",
          count_of(all.bundles.candidates.size(), "bundle"), ")"));
  co_return all;
}

Task<void> Gatherer::fetch_children(Round* round) {
  using namespace asio::experimental::awaitable_operators;
  static_assert(kLanes == 4);
  if (round->children.size() <= 1) {
    co_await fetch_lane(round);
    co_return;
  }
  co_await (fetch_lane(round) && fetch_lane(round) && fetch_lane(round) && fetch_lane(round));
}

Task<void> Gatherer::fetch_lane(Round* round) {
  while (round->next < round->children.size()) {
    Child& child = round->children[round->next++];
    child.found = co_await fetch_child(round, child.descriptor);
  }
}

Task<Result<ReferrerSignatures>> Gatherer::fetch_child(Round* round, Descriptor child) {
  const Search& search = round->search;
  const std::string origin = cat("referrer ", child.digest.str());
  ReferrerSignatures found;
  if (child.size > kManifestBytes) co_return found;
  auto fetched = co_await source_.manifest(search.repository, child.digest.str(), search.access,
                                           round->deadline);
  if (!fetched) {
    // Listed but gone: a list is only a hint.
    if (fetched.error().reason() == Reason::image_not_found) co_return found;
    co_return fetched.error().under(origin);
  }
  auto parsed = parse_manifest(fetched->body, fetched->media_type);
  if (!parsed || !std::holds_alternative<ImageManifest>(*parsed)) co_return found;
  ImageManifest& manifest = std::get<ImageManifest>(*parsed);
  // The list is the registry's word; the child must say itself whom it is about (registry.md F.6).
  if (!manifest.subject || manifest.subject->digest != search.digest) co_return found;
  if (manifest.layers.empty()) co_return found;

  if (manifest.layers.front().media_type.starts_with(kBundleType)) {
    if (manifest.layers.size() != 1) co_return found;
    auto bundle =
        co_await fetch_bundle(round, manifest.layers.front(), origin, manifest.annotations);
    if (!bundle) co_return bundle.error();
    found.bundles.candidates.push_back(std::move(*bundle));
    co_return found;
  }
  if (manifest.layers.front().media_type == kSimpleSigning) {
    found.legacy = co_await legacy_layers(search, std::move(manifest), origin, round->deadline);
  }
  co_return found;
}

Task<Result<Candidate>> Gatherer::fetch_bundle(Round* round, Descriptor layer, std::string origin,
                                               Annotations annotations) {
  if (layer.size > round->bytes_left) {
    co_return too_large(cat("the bundles of one image hold more than ",
                            std::to_string(kBundleBytesInAll), " bytes together"))
        .under(origin);
  }
  round->bytes_left -= layer.size;
  const Search& search = round->search;
  auto content = co_await source_.blob(search.repository, std::move(layer), kBundleBytes,
                                       search.access, round->deadline);
  if (!content) content = content.error().under(origin);
  Candidate candidate{SignatureFormat::bundle, std::move(origin), std::move(annotations),
                      std::move(content)};
  co_return candidate;
}

Task<FoundSignatures> Gatherer::signature_tag(Search search, Deadline deadline) {
  FoundSignatures found;
  const std::string tag = signet::signature_tag(search.digest);
  auto fetched = co_await source_.manifest(search.repository, tag, search.access, deadline);
  if (!fetched) {
    if (fetched.error().reason() == Reason::image_not_found) {
      found.searched.push_back(cat("tag ", tag, " (none)"));
      co_return found;
    }
    found.searched.push_back(cat("tag ", tag, " (could not be read)"));
    found.failure = fetched.error().under(cat("tag ", tag));
    co_return found;
  }
  auto parsed = parse_manifest(fetched->body, fetched->media_type);
  if (!parsed || !std::holds_alternative<ImageManifest>(*parsed)) {
    found.searched.push_back(cat("tag ", tag, " (not a signature)"));
    const std::string why =
        parsed ? "it is an index, not an image manifest" : parsed.error().what();
    const Reason reason = parsed ? Reason::unsupported_format : parsed.error().reason();
    found.failure = Error(reason, cat("tag ", tag, ": ", why));
    co_return found;
  }
  found =
      co_await legacy_layers(search, std::move(std::get<ImageManifest>(*parsed)), tag, deadline);
  found.searched.push_back(
      cat("tag ", tag, " (", count_of(found.candidates.size(), "signature"), ")"));
  co_return found;
}

Task<FoundSignatures> Gatherer::legacy_layers(Search search, ImageManifest manifest,
                                              std::string origin, Deadline deadline) {
  FoundSignatures found;
  if (manifest.layers.size() > kSignatureLayers) {
    found.failure = too_many(origin, manifest.layers.size(), kSignatureLayers);
    co_return found;
  }
  std::size_t number = 0;
  for (Descriptor& layer : manifest.layers) {
    ++number;
    const std::string where = cat(origin, " layer ", std::to_string(number));
    Result<Blob> payload = Error(Reason::signature_invalid, cat(where, " carries no signature"));
    if (layer.annotations.contains(kSignatureKey)) {
      auto synthesised = synthesise_payload(layer, search.image, search.digest);
      if (synthesised) {
        payload = std::move(*synthesised);
      } else {
        payload =
            co_await source_.blob(search.repository, layer, kPayloadBytes, search.access, deadline);
      }
    }
    if (!payload) payload = payload.error().under(where);
    found.candidates.push_back(Candidate{SignatureFormat::legacy, where,
                                         std::move(layer.annotations), std::move(payload)});
  }
  co_return found;
}

}  // namespace signet
