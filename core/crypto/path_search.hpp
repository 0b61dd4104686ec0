#pragma once
// Which paths there are from a leaf to a configured anchor, by names, key identifiers and - where
// several certificates could be the issuer - by signatures. Candidates are ordered by what they
// are, never by where they stood in a file, so that every order of the same certificates gives the
// same answer within the same bounds.

#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/crypto/chain.hpp"

namespace signet {

struct CandidatePath {
  std::vector<Certificate> certificates;  // leaf first, anchor last
  std::size_t authority = 0;              // of the anchor
};

class PathSearch {
 public:
  PathSearch(const Trust& trust, const Certificate& leaf, std::span<const Certificate> carried,
             TimePoint at);

  // Hands paths to `is_good`, most promising first, until one is good or the bounds are reached.
  // Returns whether one was.
  bool run(const std::function<bool(const CandidatePath&)>& is_good);

  // Why no (further) path exists: certificates that nobody issued, and bounds that were reached.
  const std::vector<Error>& dead_ends() const { return dead_ends_; }

 private:
  struct Node {
    Certificate certificate;
    std::size_t identity = 0;  // the same for certificates of the same bytes
    std::size_t authority = 0;
    bool anchor = false;
    bool configured = false;
    bool relied_on = true;  // the anchor's validFor contains the time of judgement
  };

  void add(const Certificate& certificate, Node node);
  bool try_path(std::size_t anchor);
  bool extend();
  bool stands_in_path(std::size_t node) const;
  const std::vector<std::size_t>& issuers_of(std::size_t child);
  std::vector<std::size_t> find_issuers(std::size_t child);
  void keep_signers(std::size_t child, std::vector<std::size_t>& issuers);
  bool signed_by(std::size_t child, std::size_t issuer);
  bool ranks_before(std::size_t child, std::size_t a, std::size_t b) const;
  void note(Error error);

  TimePoint at_;
  std::size_t most_intermediates_;
  std::vector<Node> nodes_;  // nodes_[0] is the leaf
  std::map<std::string, std::size_t, std::less<>> identities_;
  std::map<std::size_t, std::vector<std::size_t>> issuers_;
  std::map<std::pair<std::size_t, std::size_t>, bool> signatures_;
  std::vector<std::size_t> path_;
  std::size_t tried_ = 0;
  std::function<bool(const CandidatePath&)> is_good_;
  std::vector<Error> dead_ends_;
};

}  // namespace signet
