#pragma once
// The service's only public verb: one image of one workload against one snapshot of policies.
//
// What registries said is remembered, what is decided follows anew from it: a verdict is a memo of
// a pure function under all of its inputs, and a tag is asked for at every verdict.

#include <memory>
#include <optional>
#include <string>

#include "core/policy/plan.hpp"
#include "core/policy/verdict.hpp"
#include "server/registry/source.hpp"
#include "server/runtime/task.hpp"
#include "server/verify/case_book.hpp"
#include "server/verify/pull_logins.hpp"
#include "server/verify/registry_memory.hpp"

namespace signet {

struct VerifierOptions {
  MemorySettings memory;
  Ticks ticks = std::chrono::steady_clock::now;
  Metrics* metrics = nullptr;
  PullLogins* pull_logins = nullptr;  // null: workloads bring no logins along
};

class Verifier {
 public:
  using Policies = std::shared_ptr<const PolicySet>;

  // `source` and the metrics must outlive the loop, and so must the verifier.
  Verifier(ImageSource& source, Clock clock, VerifierOptions options = {});

  // Never throws and always answers by `deadline`: an error is a verdict.
  Task<Verdict> verify(Reference image, Workload workload, Policies policies, Deadline deadline);
  // What verify() would answer at this moment without a question to anybody; nullptr where there
  // is one, and so for every tag.
  std::shared_ptr<const Verdict> recall(std::string_view image, const Workload& workload,
                                        const Policies& policies);

  // What a tag stands for, for the mutating hook; no verdict.
  Task<Result<Digest>> resolve(Reference image, Workload workload, Deadline deadline);
  std::optional<Digest> recall_digest(const Reference& image, const Workload& workload);

  // Whether the image is judged at all: what no policy covers is denied unseen (policy.md 6).
  bool covers(const Reference& image, const Workload& workload, const Policies& policies);

  // Whether prepare() would find nothing to do.
  bool is_prepared(const Reference& image, const Workload& workload, const Policies& policies);
  // Does what a verify() of the pinned image will ask for; does nothing where too much of that is
  // going on.
  Task<void> prepare(Reference image, Workload workload, Policies policies);

  // Ends all work that nobody waits for; who waits is told.
  void stop();

 private:
  struct Tenant;
  struct Walk;
  struct Outcome;
  using Flights = SingleFlight<VerdictKey, Judged, VerdictKey::Hash>;

  std::shared_ptr<const Verdict> known(std::string_view image, const Workload& workload,
                                       const Policies& policies);
  void count(std::string_view result, Deadline began);

  std::optional<Tenant> known_tenant(const Workload& workload);
  Task<Tenant> tenant_of(Workload workload, Deadline deadline);
  Task<Verdict> judge_as(std::shared_ptr<const OpenCase> the_case, Workload workload,
                         Deadline deadline);
  Task<Verdict> judge(std::shared_ptr<const OpenCase> the_case, Tenant tenant, Deadline deadline);
  Task<Outcome> walk(Walk* walk, Age age, Deadline deadline);
  Task<Result<Judged>> judged(Walk* walk, Deadline deadline);
  Task<Result<Judged>> evaluated(std::shared_ptr<const Walk> walk, VerdictKey key);
  Task<TagMeaning> digest_of(Reference image, Tenant tenant, Age age, Deadline deadline);

  Clock clock_;
  MemorySettings settings_;
  RegistryMemory memory_;
  CaseBook book_;
  Flights evaluations_;
  Metrics* metrics_;
  PullLogins* pull_logins_;
  std::size_t begun_ = 0;
};

}  // namespace signet
