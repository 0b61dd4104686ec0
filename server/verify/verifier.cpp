#include "server/verify/verifier.hpp"

#include <algorithm>
#include <exception>
#include <iterator>

#include "core/base/text.hpp"
#include "core/policy/evaluate.hpp"

namespace signet {
namespace {

FoundSignatures unsearched(const Error& why) {
  FoundSignatures nothing;
  nothing.failure = why;
  return nothing;
}

// Lifts a search into the shape that within() takes.
template <class T>
Task<Result<T>> as_result(Task<T> search) {
  T found = co_await std::move(search);
  co_return found;
}

// One repository of a plan, with the formats that are wanted from it.
struct Stop {
  Repository repository;
  bool own_credentials = true;
  bool bundles = false;
  bool legacy = false;
};

std::vector<Stop> stops_of(const Plan& plan) {
  std::vector<Stop> stops;
  for (const SignaturePlace& place : plan.places) {
    auto stop = std::find_if(stops.begin(), stops.end(), [&](const Stop& known) {
      return known.repository == place.repository && known.own_credentials == place.own_credentials;
    });
    if (stop == stops.end()) {
      stops.push_back(Stop{place.repository, place.own_credentials, false, false});
      stop = std::prev(stops.end());
    }
    (place.format == SignatureFormat::bundle ? stop->bundles : stop->legacy) = true;
  }
  return stops;
}

}  // namespace

Verifier::Verifier(ImageSource& source, Clock clock)
    : source_(source), gatherer_(source), clock_(std::move(clock)) {}

Task<Result<Digest>> Verifier::resolve(Reference image, Deadline deadline) {
  if (image.digest()) co_return *image.digest();
  co_return co_await within(
      deadline, source_.resolve(image.repository(), *image.tag(), Access::own, deadline));
}

Task<Verdict> Verifier::verify(Reference image, Workload workload,
                               std::shared_ptr<const PolicySet> policies, Deadline deadline) {
  const std::string name = image.original();
  std::string broken;
  try {
    const Plan plan = plan_for(std::move(policies), workload, image);
    co_return co_await judge(&plan, deadline);
  } catch (const std::exception& failure) {
    broken = failure.what();
  } catch (...) {
    broken = "an unknown exception";
  }
  co_return failed_verdict(name, Error(Reason::internal, cat("internal error: ", broken)));
}

Task<ReferrerSignatures> Verifier::search_referrers(Search search, Deadline deadline) {
  auto found =
      co_await within(deadline, as_result(gatherer_.referrers(std::move(search), deadline)));
  if (found) co_return std::move(*found);
  ReferrerSignatures nothing;
  nothing.bundles = unsearched(found.error().under("OCI referrers"));
  nothing.legacy = nothing.bundles;
  co_return nothing;
}

Task<FoundSignatures> Verifier::search_tag(Search search, Deadline deadline) {
  auto found =
      co_await within(deadline, as_result(gatherer_.signature_tag(std::move(search), deadline)));
  if (found) co_return std::move(*found);
  co_return unsearched(found.error().under("signature tag"));
}

// Bundles first, then legacy signatures, and no further than a pass: more evidence never turns a
// pass into a failure.
Task<Verdict> Verifier::judge(const Plan* plan, Deadline deadline) {
  Evidence evidence{Error(Reason::internal, "the digest was not asked for"), {}};
  if (!plan->needs_digest) co_return evaluate(*plan, evidence, clock_());
  evidence.digest = co_await resolve(plan->image, deadline);

  Verdict verdict = evaluate(*plan, evidence, clock_());
  if (!evidence.digest) co_return verdict;
  for (const Stop& stop : stops_of(*plan)) {
    if (!wants_more(*plan, evidence, verdict)) break;
    const Search search{stop.repository, plan->image.repository(), *evidence.digest,
                        stop.own_credentials ? Access::own : Access::anonymous};
    SignaturePlace place{stop.repository, SignatureFormat::bundle, stop.own_credentials};
    auto hanging = co_await search_referrers(search, deadline);
    if (stop.bundles) {
      evidence.found.insert_or_assign(place, std::move(hanging.bundles));
      verdict = evaluate(*plan, evidence, clock_());
      if (!stop.legacy || !wants_more(*plan, evidence, verdict)) continue;
    }
    FoundSignatures legacy = co_await search_tag(search, deadline);
    std::move(hanging.legacy.candidates.begin(), hanging.legacy.candidates.end(),
              std::back_inserter(legacy.candidates));
    if (!legacy.failure) legacy.failure = hanging.legacy.failure;
    place.format = SignatureFormat::legacy;
    evidence.found.insert_or_assign(place, std::move(legacy));
    verdict = evaluate(*plan, evidence, clock_());
  }
  co_return verdict;
}

}  // namespace signet
