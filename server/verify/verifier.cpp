#include "server/verify/verifier.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <exception>
#include <iterator>

#include "core/base/text.hpp"
#include "core/policy/evaluate.hpp"

namespace signet {
namespace {

// Two notes about old evidence are one for people.
void note(std::optional<std::string>& stale, const std::optional<std::string>& more) {
  if (!stale) stale = more;
}

// Refusals that other logins might have been spared.
bool is_refused(const Verdict& verdict) {
  const PolicyFinding* const finding = decisive(verdict);
  const Reason reason = finding == nullptr ? verdict.reason : finding->reason;
  return reason == Reason::registry_auth || reason == Reason::registry_forbidden ||
         reason == Reason::image_not_found;
}

// A registry shows strangers less, and may say that there is nothing.
bool may_be_hidden(const Verdict& verdict) {
  return is_refused(verdict) || verdict.reason == Reason::no_signature;
}

class Counted {
 public:
  explicit Counted(std::size_t& count) : count_(count) { ++count_; }
  ~Counted() { --count_; }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;

 private:
  std::size_t& count_;
};

}  // namespace

// Who asks, and with which logins of its own.
struct Verifier::Tenant {
  std::string ns;
  PullLogins::Brought logins;  // null: none are known here

  Access access(bool own_credentials) const {
    return Access{own_credentials, ns, logins ? logins->credentials : nullptr};
  }
  bool has_hints() const { return logins && !logins->hints.empty(); }
};

// One image on its way to a verdict.
struct Verifier::Walk {
  std::shared_ptr<const OpenCase> the_case;
  Tenant tenant;
  TagMeaning tag;
  std::vector<RegistryMemory::Discoveries::Answer> found;  // of the first looks
  bool evaluated = false;

  VerdictKey key() const {
    VerdictKey key{the_case->id, std::nullopt, {}};
    if (tag.digest) key.digest = *tag.digest;
    for (const auto& answer : found)
      key.evidence.push_back(answer.id);
    return key;
  }

  Search search(const Look& look) const {
    return Search{look.repository, the_case->plan.image.repository(), *tag.digest,
                  tenant.access(look.own_credentials)};
  }

  // Whether the same evidence will be seen again.
  bool may_recur() const {
    const bool has_digest = tag.digest || !the_case->plan.needs_digest;
    return has_digest && !tag.stale &&
           std::all_of(found.begin(), found.end(), [](const auto& answer) { return answer.kept; });
  }

  Evidence evidence() const {
    Evidence evidence{tag.digest, {}};
    evidence.digest_stale = tag.stale;
    for (std::size_t i = 0; i < found.size(); ++i) {
      const Look& look = the_case->looks[i];
      const ReferrerSignatures& answer = *found[i].value;
      SignaturePlace place{look.repository, SignatureFormat::bundle, look.own_credentials};
      if (look.shelf == Shelf::referrers && look.judges) evidence.found[place] = answer.bundles;
      if (look.shelf == Shelf::referrers) continue;
      FoundSignatures legacy = answer.legacy;
      const FoundSignatures& hanging = found[i - 1].value->legacy;
      std::copy(hanging.candidates.begin(), hanging.candidates.end(),
                std::back_inserter(legacy.candidates));
      if (!legacy.failure) legacy.failure = hanging.failure;
      note(legacy.stale, hanging.stale);
      place.format = SignatureFormat::legacy;
      evidence.found[place] = std::move(legacy);
    }
    return evidence;
  }
};

struct Verifier::Outcome {
  Result<Judged> judged;
  bool aged = false;  // a negative past its life was used
};

Verifier::Verifier(ImageSource& source, Clock clock, VerifierOptions options)
    : clock_(std::move(clock)),
      settings_(options.memory),
      memory_(source, settings_, std::move(options.ticks), options.metrics),
      book_(settings_.plans, settings_.verdicts, options.metrics),
      evaluations_({}, settings_.flights),
      metrics_(options.metrics),
      pull_logins_(options.pull_logins) {}

// ---- tenants

// Nothing where the API server must be asked.
std::optional<Verifier::Tenant> Verifier::known_tenant(const Workload& workload) {
  Tenant tenant{workload.ns, nullptr};
  if (pull_logins_ == nullptr) return tenant;
  tenant.logins = pull_logins_->find(workload);
  if (!tenant.logins) return std::nullopt;
  return tenant;
}

Task<Verifier::Tenant> Verifier::tenant_of(Workload workload, Deadline deadline) {
  if (auto known = known_tenant(workload)) co_return *std::move(known);
  Tenant tenant{workload.ns, nullptr};
  tenant.logins = co_await pull_logins_->get(std::move(workload), deadline);
  co_return tenant;
}

// ---- tags

Task<TagMeaning> Verifier::digest_of(Reference image, Tenant tenant, Age age, Deadline deadline) {
  if (image.digest()) co_return TagMeaning{*image.digest(), std::nullopt};
  Access access = tenant.access(true);
  co_return co_await memory_.tag(image.repository(), *image.tag(), std::move(access), age,
                                 deadline);
}

Task<Result<Digest>> Verifier::resolve(Reference image, Workload workload, Deadline deadline) {
  Tenant tenant = co_await tenant_of(std::move(workload), deadline);
  TagMeaning meaning =
      co_await digest_of(std::move(image), std::move(tenant), Age::fresh, deadline);
  co_return std::move(meaning.digest);
}

std::optional<Digest> Verifier::recall_digest(const Reference& image, const Workload& workload) {
  if (image.digest()) return image.digest();
  const auto tenant = known_tenant(workload);
  if (!tenant) return std::nullopt;
  return memory_.known_tag(image.repository(), *image.tag(), tenant->access(true));
}

// ---- verdicts

Task<Verdict> Verifier::verify(Reference image, Workload workload, Policies policies,
                               Deadline deadline) {
  const std::string name = image.original();
  std::string broken;
  try {
    auto the_case = book_.open(policies, workload, image);
    co_return co_await judge_as(std::move(the_case), std::move(workload), deadline);
  } catch (const std::exception& failure) {
    broken = failure.what();
  } catch (...) {
    broken = "an unknown exception";
  }
  co_return failed_verdict(name, Error(Reason::internal, cat("internal error: ", broken)));
}

// Logins that a registry refuses may be old ones: a secret that holds others by now gets a second
// chance.
Task<Verdict> Verifier::judge_as(std::shared_ptr<const OpenCase> the_case, Workload workload,
                                 Deadline deadline) {
  Tenant tenant{workload.ns, nullptr};
  if (the_case->plan.needs_digest) tenant = co_await tenant_of(workload, deadline);
  Verdict verdict = co_await judge(the_case, tenant, deadline);
  if (tenant.logins && is_refused(verdict)) {
    auto other = co_await pull_logins_->get_other(workload, tenant.logins, deadline);
    if (other) {
      tenant.logins = std::move(other);
      verdict = co_await judge(the_case, tenant, deadline);
    }
  }
  if (tenant.has_hints() && may_be_hidden(verdict)) verdict.hints = tenant.logins->hints;
  co_return verdict;
}

// An old "none" is good enough for a pass that nobody objects to; else it is asked for again.
Task<Verdict> Verifier::judge(std::shared_ptr<const OpenCase> the_case, Tenant tenant,
                              Deadline deadline) {
  const auto began = std::chrono::steady_clock::now();
  const Plan& plan = the_case->plan;
  const Error unasked(Reason::internal, "the digest was not asked for");
  Walk first{the_case, tenant, TagMeaning{unasked, std::nullopt}, {}, false};
  // A tag may have moved since it was last asked for, and what runs is what it stands for now.
  if (plan.needs_digest) first.tag = co_await digest_of(plan.image, tenant, Age::now, deadline);
  Walk again = first;
  Outcome outcome = co_await walk(&first, Age::for_pass, deadline);
  const bool doubtful =
      outcome.aged && (!outcome.judged || decisive(*outcome.judged->verdict) != nullptr);
  if (doubtful) outcome = co_await walk(&again, Age::fresh, deadline);
  count(first.evaluated || again.evaluated ? "miss" : "hit", began);
  if (outcome.judged) co_return *outcome.judged->verdict;
  co_return failed_verdict(plan.image.original(), outcome.judged.error());
}

// Bundles first, then legacy signatures, and no further than a pass: more evidence never turns a
// pass into a failure.
Task<Verifier::Outcome> Verifier::walk(Walk* walk, Age age, Deadline deadline) {
  Result<Judged> first = co_await judged(walk, deadline);
  Outcome outcome{std::move(first), false};
  if (!walk->tag.digest) co_return outcome;
  for (const Look& look : walk->the_case->looks) {
    if (!outcome.judged || !outcome.judged->wants_more) break;
    Search search = walk->search(look);
    auto answer = co_await memory_.signatures(std::move(search), look.shelf, age, deadline);
    outcome.aged = outcome.aged || answer.aged;
    walk->found.push_back(std::move(answer));
    if (look.judges) outcome.judged = co_await judged(walk, deadline);
  }
  co_return outcome;
}

Task<Result<Judged>> Verifier::judged(Walk* walk, Deadline deadline) {
  const VerdictKey key = walk->key();
  const auto known = walk->may_recur() ? book_.find(key, clock_()) : std::nullopt;
  if (known) co_return *known;
  walk->evaluated = true;
  const auto shared = std::make_shared<const Walk>(*walk);
  if (!walk->may_recur()) co_return co_await evaluated(shared, key);
  const Flights::Work work = [this, shared, key] { return evaluated(shared, key); };
  co_return co_await evaluations_.run(key, work, deadline);
}

// The loop does other work between two signatures.
Task<Result<Judged>> Verifier::evaluated(std::shared_ptr<const Walk> walk, VerdictKey key) {
  const TimePoint now = clock_();
  const Plan& plan = walk->the_case->plan;
  const Evidence evidence = walk->evidence();
  Evaluation evaluation(plan, evidence, now);
  const auto executor = co_await asio::this_coro::executor;
  while (evaluation.step())
    co_await asio::post(executor, asio::use_awaitable);
  auto verdict = std::make_shared<const Verdict>(evaluation.verdict());
  Judged judged{verdict, wants_more(plan, evidence, *verdict)};
  if (walk->may_recur()) book_.keep(key, judged, now);
  co_return judged;
}

std::shared_ptr<const Verdict> Verifier::recall(std::string_view image, const Workload& workload,
                                                const Policies& policies) {
  const auto began = std::chrono::steady_clock::now();
  auto verdict = known(image, workload, policies);
  if (verdict) count("hit", began);
  return verdict;
}

void Verifier::count(std::string_view result, Deadline began) {
  if (metrics_ == nullptr) return;
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  metrics_->cache_requests.add({"verification", result});
  metrics_->image_verification_duration.observe({result}, took.count());
}

std::shared_ptr<const Verdict> Verifier::known(std::string_view image, const Workload& workload,
                                               const Policies& policies) {
  const auto the_case = book_.find_open(policies, workload, image);
  if (!the_case) return nullptr;
  const auto& digest = the_case->plan.image.digest();
  if (the_case->plan.needs_digest && !digest) return nullptr;
  const TimePoint now = clock_();
  VerdictKey key{the_case->id, std::nullopt, {}};
  if (the_case->plan.needs_digest) key.digest = digest;
  bool aged = false;
  auto judged = book_.find(key, now);
  const auto tenant = known_tenant(workload);
  if (!tenant && the_case->plan.needs_digest) return nullptr;
  for (const Look& look : the_case->looks) {
    if (!judged || !judged->wants_more) break;
    const Access access = tenant->access(look.own_credentials);
    const auto found = memory_.known_signatures(look.key, look.repository, access, Age::for_pass);
    if (!found) return nullptr;
    aged = aged || found->aged;
    key.evidence.push_back(found->id);
    if (look.judges) judged = book_.find(key, now);
  }
  if (!judged) return nullptr;
  // What objects may be out of date, or have more to say.
  const bool is_open = aged || (tenant && tenant->has_hints());
  return is_open && decisive(*judged->verdict) != nullptr ? nullptr : judged->verdict;
}

bool Verifier::covers(const Reference& image, const Workload& workload, const Policies& policies) {
  return !is_unmatched(book_.open(policies, workload, image)->plan) ||
         policies->no_match != NoMatch::deny;
}

// ---- work that nobody waits for

bool Verifier::is_prepared(const Reference& image, const Workload& workload,
                           const Policies& policies) {
  return image.digest() && known(image.original(), workload, policies) != nullptr;
}

Task<void> Verifier::prepare(Reference image, Workload workload, Policies policies) {
  if (begun_ >= settings_.begun) co_return;
  const Counted counted(begun_);
  const Deadline deadline = deadline_in(settings_.flight);
  Tenant tenant = co_await tenant_of(workload, deadline);
  const TagMeaning meaning = co_await digest_of(image, std::move(tenant), Age::fresh, deadline);
  if (!meaning.digest) co_return;
  auto pinned = Reference::parse(image.pinned(*meaning.digest));
  if (!pinned) co_return;
  co_await verify(*std::move(pinned), std::move(workload), std::move(policies), deadline);
}

void Verifier::stop() {
  memory_.stop();
  evaluations_.stop();
}

}  // namespace signet
