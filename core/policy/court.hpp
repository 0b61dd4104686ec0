#pragma once
// One look at all the evidence of an image, signature by signature: what every policy makes of it.

#include <set>
#include <string>
#include <vector>

#include "core/policy/judge_policy.hpp"

namespace signet {

// What the reference pins and what the registry says must be the same image.
Result<Digest> digest_of(const Plan& plan, const Evidence& evidence);

class Court {
 public:
  // All is borrowed for the life of the court. `judge` is of the image's digest; null where nobody
  // can tell that.
  Court(const Plan& plan, const Evidence& evidence, TimePoint now, SignatureJudge* judge);
  Court(const Court&) = delete;
  Court& operator=(const Court&) = delete;

  // Considers one signature for one authority, in the order of the plan, so that places searched
  // later cannot change what was seen before. False: all were.
  bool step();
  // To be asked once, after the last step: the findings, without a conclusion.
  Verdict findings();

 private:
  using Found = FoundSignatures;
  void collect_delegated_roots();
  bool is_exhaustive(const Policy& policy, const Authority& authority) const;
  std::vector<PolicyState> open(const std::vector<const Policy*>& policies);
  void open_authorities(PolicyState& state);
  void enter(const SignaturePlace& place);
  void leave(const SignaturePlace& place);
  bool consider_next(const SignaturePlace& place);
  bool is_beside(const SignaturePlace& place) const;
  void block_readers(const Blocker& blocker);
  void close(PolicyState& policy);
  std::optional<std::string> staleness() const;

  Hearing case_;
  Horizon horizon_;
  SignatureJudge* judge_;
  std::set<std::string, std::less<>> delegated_;
  std::vector<PolicyState> cluster_;
  std::vector<PolicyState> namespaced_;

  // Where the next step goes on.
  std::size_t place_ = 0;
  std::size_t candidate_ = 0;
  std::size_t reader_ = 0;
  bool entered_ = false;
  const Found* found_ = nullptr;          // at the place; null: there is nothing to consider
  std::vector<AuthorityState*> readers_;  // of the place
};

}  // namespace signet
