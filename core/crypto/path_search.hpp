#pragma once
// Which paths there are from a leaf to a configured anchor: by names and key identifiers, and where
// several certificates could be an issuer, by signatures from the anchors downwards. Candidates are
// ordered by what they are, never by where they stood in a file, so that the same certificates give
// the same answer within the same bounds.

#include <functional>
#include <map>
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
             TimePoint at, CertificateBudget* budget = nullptr);

  // Hands paths to `is_good`, most promising first, until one is good or the bounds are reached.
  // Returns whether one was.
  bool run(const std::function<bool(const CandidatePath&)>& is_good);

  // Why there is no (further) path: certificates that nobody issued, and bounds that were reached.
  const std::vector<Error>& dead_ends() const { return dead_ends_; }
  // Signatures that were checked to find the paths, not to judge them.
  std::size_t signatures_checked() const { return signatures_.size(); }

 private:
  struct Node {
    Certificate certificate;
    std::size_t authority = 0;  // of an anchor
    bool anchor = false;
    bool configured = false;
    bool relied_on = true;                  // the anchor's validFor contains the time of judgement
    std::size_t identity = 0;               // the same for certificates of the same bytes
    std::size_t key = 0;                    // the same for certificates of the same key
    bool linked = false;                    // it may stand in a path: `issuers` is filled in
    bool genuine = false;                   // an anchor, or signed by a genuine one
    bool proven = false;                    // `issuers` holds those alone that have signed it
    std::vector<std::size_t> issuers = {};  // most promising first
    std::string obstacle = {};              // why it has none, if that is not plain
  };

  void add_all(const Trust& trust, std::span<const Certificate> carried, TimePoint at);
  void put_in_order(TimePoint at);
  void link();
  void find_issuers(std::size_t child);
  bool is_ambiguous() const;
  void find_genuine();
  void keep_signers(std::size_t child);
  bool become_genuine(std::size_t node);
  bool signed_by(std::size_t child, std::size_t issuer);
  bool extend();
  bool try_path(std::size_t anchor);
  bool stands_in_path(std::size_t node) const;
  void note_dead_end(const Node& child);
  void note(Error error);

  std::size_t most_intermediates_;
  CertificateBudget* budget_;  // may be null
  bool ambiguous_ = false;
  std::vector<Node> nodes_;                                         // nodes_[0] is the leaf
  std::map<std::pair<std::size_t, std::size_t>, bool> signatures_;  // child, key
  std::vector<std::size_t> path_;
  std::size_t tried_ = 0;
  std::function<bool(const CandidatePath&)> is_good_;
  std::vector<Error> dead_ends_;
};

}  // namespace signet
