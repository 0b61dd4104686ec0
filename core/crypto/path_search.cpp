#include "core/crypto/path_search.hpp"

#include <openssl/x509v3.h>

#include <algorithm>
#include <set>
#include <tuple>

#include "core/base/text.hpp"
#include "core/crypto/openssl.hpp"

namespace signet {
namespace {

std::string shown(const Certificate& certificate) {
  return printable(certificate.subject(), 128);
}

std::string shown_issuer(const Certificate& certificate) {
  return printable(certificate.issuer(), 128);
}

bool names_as_issuer(const Certificate& child, const Certificate& issuer) {
  return X509_NAME_cmp(X509_get_issuer_name(child.handle()),
                       X509_get_subject_name(issuer.handle())) == 0;
}

// Two certificates of one name and one key are one CA: a path that passes it twice is a detour.
bool is_same_ca(const Certificate& a, const Certificate& b) {
  return a.public_key().spki() == b.public_key().spki() &&
         X509_NAME_cmp(X509_get_subject_name(a.handle()), X509_get_subject_name(b.handle())) == 0;
}

bool is_valid_at(const Certificate& certificate, TimePoint at) {
  return certificate.not_before() <= at && at < certificate.not_after();
}

// Whether the child names its issuer's key, and this one is of that name.
bool matches_key_id(const Certificate& child, const Certificate& issuer) {
  const ASN1_OCTET_STRING* const wanted = X509_get0_authority_key_id(child.handle());
  const ASN1_OCTET_STRING* const held = X509_get0_subject_key_id(issuer.handle());
  return wanted != nullptr && held != nullptr && ASN1_OCTET_STRING_cmp(wanted, held) == 0;
}

Error untrusted(std::string what) {
  return {Reason::chain_untrusted, std::move(what)};
}

}  // namespace

PathSearch::PathSearch(const Trust& trust, const Certificate& leaf,
                       std::span<const Certificate> carried, TimePoint at,
                       CertificateBudget* budget)
    : most_intermediates_(std::min(trust.max_intermediates, kPathLength - 2)), budget_(budget) {
  nodes_.push_back(Node{leaf});
  add_all(trust, carried, at);
  put_in_order(at);
  link();
  ambiguous_ = is_ambiguous();
  if (ambiguous_) find_genuine();
}

void PathSearch::add_all(const Trust& trust, std::span<const Certificate> carried, TimePoint at) {
  std::set<std::pair<std::string_view, std::size_t>> anchors;
  std::set<std::string_view> intermediates;
  const auto add_intermediate = [&](const Certificate& one, bool configured) {
    if (intermediates.insert(one.der()).second) {
      nodes_.push_back(Node{one, 0, false, configured});
    }
  };
  for (std::size_t i = 0; i < trust.authorities.size(); ++i) {
    const CertificateAuthority& authority = trust.authorities[i];
    const bool relied_on = authority.valid_for.contains(at);
    for (const Certificate& one : authority.anchors) {
      if (!anchors.emplace(one.der(), i).second) continue;
      nodes_.push_back(Node{one, i, true, true, relied_on});
    }
  }
  for (const CertificateAuthority& authority : trust.authorities) {
    for (const Certificate& one : authority.intermediates)
      add_intermediate(one, true);
  }
  if (!trust.carried_intermediates) return;
  for (const Certificate& one : carried)
    add_intermediate(one, false);
}

// Configured before carried, anchors before intermediates, those that are valid: a decoy is never
// looked at before what an administrator configured.
void PathSearch::put_in_order(TimePoint at) {
  const auto rank = [&](const Node& node) {
    return std::make_tuple(!node.configured, !node.anchor, !node.relied_on,
                           !is_valid_at(node.certificate, at),
                           std::string_view(node.certificate.der()), node.authority);
  };
  std::sort(nodes_.begin() + 1, nodes_.end(),
            [&](const Node& a, const Node& b) { return rank(a) < rank(b); });
  std::map<std::string_view, std::size_t> identities;
  std::map<std::string_view, std::size_t> keys;
  for (Node& node : nodes_) {
    const std::string& spki = node.certificate.public_key().spki();
    node.identity = identities.emplace(node.certificate.der(), identities.size()).first->second;
    node.key = keys.emplace(spki, keys.size()).first->second;
  }
}

// Finds the issuers of the leaf, theirs, and so on, by name alone.
void PathSearch::link() {
  std::vector<std::size_t> waiting = {0};
  while (!waiting.empty()) {
    const std::size_t child = waiting.back();
    waiting.pop_back();
    if (nodes_[child].linked || nodes_[child].anchor) continue;
    nodes_[child].linked = true;
    find_issuers(child);
    const auto& issuers = nodes_[child].issuers;
    waiting.insert(waiting.end(), issuers.begin(), issuers.end());
  }
}

void PathSearch::find_issuers(std::size_t child) {
  Node& node = nodes_[child];
  const Certificate& issued = node.certificate;
  for (std::size_t i = 1; i < nodes_.size(); ++i) {
    const Certificate& candidate = nodes_[i].certificate;
    if (nodes_[i].identity == node.identity || !names_as_issuer(issued, candidate)) continue;
    const int objection = X509_check_issued(candidate.handle(), issued.handle());
    if (objection == X509_V_OK && (nodes_[i].anchor || candidate.is_ca())) {
      node.issuers.push_back(i);
    } else {
      const bool no_ca = objection == X509_V_OK;
      node.obstacle = no_ca ? "it is no CA" : X509_verify_cert_error_string(objection);
    }
  }
  // Among configured ones, and again among carried ones, the key that the child names comes first.
  std::stable_sort(node.issuers.begin(), node.issuers.end(), [&](std::size_t a, std::size_t b) {
    const auto rank = [&](std::size_t i) {
      return std::pair(!nodes_[i].configured, !matches_key_id(issued, nodes_[i].certificate));
    };
    return rank(a) < rank(b);
  });
}

bool PathSearch::is_ambiguous() const {
  return std::any_of(nodes_.begin(), nodes_.end(), [&](const Node& node) {
    return std::any_of(node.issuers.begin(), node.issuers.end(), [&](std::size_t issuer) {
      return nodes_[issuer].identity != nodes_[node.issuers.front()].identity;
    });
  });
}

// From the anchors downwards, so that the keys of strangers are never used: certificates that no
// anchor stands behind are dropped before anything that they claim to have signed is looked at.
// Without ambiguity the judgement of the one path says all this, at no extra cost.
void PathSearch::find_genuine() {
  for (Node& node : nodes_)
    node.genuine = node.anchor;
  bool changed = true;
  while (changed) {
    changed = false;
    for (std::size_t i = 1; i < nodes_.size(); ++i) {
      changed = (!nodes_[i].genuine && become_genuine(i)) || changed;
    }
  }
}

void PathSearch::keep_signers(std::size_t child) {
  Node& node = nodes_[child];
  if (!ambiguous_ || node.proven) return;
  node.proven = true;
  const std::size_t before = node.issuers.size();
  std::erase_if(node.issuers, [&](std::size_t issuer) {
    return !nodes_[issuer].genuine || !signed_by(child, issuer);
  });
  if (before > 0 && node.issuers.empty()) {
    node.obstacle = "none that leads to a configured CA has signed it";
  }
}

bool PathSearch::become_genuine(std::size_t node) {
  const auto& issuers = nodes_[node].issuers;
  return nodes_[node].genuine = std::any_of(issuers.begin(), issuers.end(), [&](std::size_t one) {
           return nodes_[one].genuine && signed_by(node, one);
         });
}

bool PathSearch::signed_by(std::size_t child, std::size_t issuer) {
  const std::pair edge(nodes_[child].identity, nodes_[issuer].key);
  const auto known = signatures_.find(edge);
  if (known != signatures_.end()) return known->second;
  if (signatures_.size() == kSignatureVerifications) {
    note(too_large(cat("more than ", std::to_string(kSignatureVerifications),
                       " certificates that could be an issuer; the rest was not tried")));
    return false;
  }
  if (budget_ && !budget_->take(1)) return false;
  ErrorQueue errors;
  const bool good = X509_verify(nodes_[child].certificate.handle(),
                                nodes_[issuer].certificate.public_key().handle()) == 1;
  return signatures_[edge] = good;
}

bool PathSearch::run(const std::function<bool(const CandidatePath&)>& is_good) {
  is_good_ = is_good;
  path_ = {0};
  // A leaf that is itself configured is a path of one.
  for (std::size_t i = 1; i < nodes_.size(); ++i) {
    const bool pinned = nodes_[i].anchor && nodes_[i].identity == nodes_[0].identity;
    if (pinned && is_good_(CandidatePath{{nodes_[i].certificate}, nodes_[i].authority})) {
      return true;
    }
  }
  return extend();
}

bool PathSearch::extend() {
  keep_signers(path_.back());
  const Node& child = nodes_[path_.back()];
  if (child.issuers.empty()) note_dead_end(child);
  for (const std::size_t issuer : child.issuers) {
    if (tried_ > kPathCandidates) return false;
    if (stands_in_path(issuer)) continue;
    if (nodes_[issuer].anchor) {
      if (try_path(issuer)) return true;
      continue;
    }
    if (path_.size() > most_intermediates_) {
      note(too_large(cat("a path with more than ", std::to_string(most_intermediates_),
                         " intermediates (chain.maxIntermediates) is not followed")));
      continue;
    }
    path_.push_back(issuer);
    const bool found = extend();
    path_.pop_back();
    if (found) return true;
  }
  return false;
}

bool PathSearch::try_path(std::size_t anchor) {
  if (++tried_ > kPathCandidates) {
    note(too_large(cat("more than ", std::to_string(kPathCandidates),
                       " possible paths; the rest was not tried")));
    return false;
  }
  CandidatePath candidate;
  for (const std::size_t node : path_)
    candidate.certificates.push_back(nodes_[node].certificate);
  candidate.certificates.push_back(nodes_[anchor].certificate);
  candidate.authority = nodes_[anchor].authority;
  return is_good_(candidate);
}

bool PathSearch::stands_in_path(std::size_t node) const {
  return std::any_of(path_.begin(), path_.end(), [&](std::size_t one) {
    return is_same_ca(nodes_[one].certificate, nodes_[node].certificate);
  });
}

void PathSearch::note_dead_end(const Node& child) {
  const std::string issuer = shown_issuer(child.certificate);
  const std::string name = shown(child.certificate);
  if (child.obstacle.empty()) {
    note(untrusted(cat("nobody supplies the certificate of ", issuer, ", which issued ", name)));
  } else {
    note(untrusted(
        cat("no certificate of ", issuer, " can have issued ", name, ": ", child.obstacle)));
  }
}

// The same dead end is reached by many ways and told once.
void PathSearch::note(Error error) {
  if (std::find(dead_ends_.begin(), dead_ends_.end(), error) == dead_ends_.end()) {
    dead_ends_.push_back(std::move(error));
  }
}

}  // namespace signet
