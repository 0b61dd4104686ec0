#include "core/crypto/path_search.hpp"

#include <openssl/x509v3.h>

#include <algorithm>
#include <tuple>

#include "core/base/text.hpp"
#include "core/crypto/openssl.hpp"

namespace signet {
namespace {

std::string shown(const Certificate& certificate) {
  return printable(certificate.subject(), 128);
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
                       std::span<const Certificate> carried, TimePoint at)
    : at_(at), most_intermediates_(std::min(trust.max_intermediates, kPathLength - 2)) {
  add(leaf, Node{leaf});
  std::set<std::pair<std::string_view, std::size_t>> anchors;
  std::set<std::string_view> intermediates;
  for (std::size_t i = 0; i < trust.authorities.size(); ++i) {
    const CertificateAuthority& authority = trust.authorities[i];
    const bool relied_on = authority.valid_for.contains(at);
    for (const Certificate& one : authority.anchors) {
      if (anchors.emplace(one.der(), i).second) add(one, Node{one, 0, i, true, true, relied_on});
    }
  }
  for (const CertificateAuthority& authority : trust.authorities) {
    for (const Certificate& one : authority.intermediates) {
      if (intermediates.insert(one.der()).second) add(one, Node{one, 0, 0, false, true});
    }
  }
  if (!trust.carried_intermediates) return;
  for (const Certificate& one : carried) {
    if (intermediates.insert(one.der()).second) add(one, Node{one, 0, 0, false, false});
  }
}

void PathSearch::add(const Certificate& certificate, Node node) {
  node.identity = identities_.emplace(certificate.der(), identities_.size()).first->second;
  nodes_.push_back(std::move(node));
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
  for (const std::size_t issuer : issuers_of(path_.back())) {
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

const std::vector<std::size_t>& PathSearch::issuers_of(std::size_t child) {
  const auto known = issuers_.find(child);
  if (known != issuers_.end()) return known->second;
  return issuers_[child] = find_issuers(child);
}

std::vector<std::size_t> PathSearch::find_issuers(std::size_t child) {
  const Certificate& issued = nodes_[child].certificate;
  std::vector<std::size_t> issuers;
  std::string obstacle;
  for (std::size_t i = 1; i < nodes_.size(); ++i) {
    const Certificate& candidate = nodes_[i].certificate;
    if (nodes_[i].identity == nodes_[child].identity || !names_as_issuer(issued, candidate)) {
      continue;
    }
    const int objection = X509_check_issued(candidate.handle(), issued.handle());
    if (objection == X509_V_OK && (nodes_[i].anchor || candidate.is_ca())) {
      issuers.push_back(i);
    } else {
      obstacle = objection == X509_V_OK ? "it is no CA" : X509_verify_cert_error_string(objection);
    }
  }
  std::sort(issuers.begin(), issuers.end(),
            [&](std::size_t a, std::size_t b) { return ranks_before(child, a, b); });
  keep_signers(child, issuers);
  if (issuers.empty() && obstacle.empty()) {
    note(untrusted(cat("nobody supplies the certificate of ", printable(issued.issuer(), 128),
                       ", which issued ", shown(issued))));
  } else if (issuers.empty()) {
    note(untrusted(cat("no certificate of ", printable(issued.issuer(), 128), " can have issued ",
                       shown(issued), ": ", obstacle)));
  }
  return issuers;
}

// Configured before carried, anchors before intermediates, the key that the child names, those
// that are valid: a decoy is never tried before a certificate that an administrator configured.
bool PathSearch::ranks_before(std::size_t child, std::size_t a, std::size_t b) const {
  const auto rank = [&](std::size_t i) {
    const Node& node = nodes_[i];
    return std::make_tuple(!node.configured, !node.anchor,
                           !matches_key_id(nodes_[child].certificate, node.certificate),
                           !node.relied_on, !is_valid_at(node.certificate, at_),
                           std::string_view(node.certificate.der()), node.authority);
  };
  return rank(a) < rank(b);
}

// Where several certificates could be the issuer, those are whose key made the signature. With one
// alone the judgement of the whole path says so, at no extra cost.
void PathSearch::keep_signers(std::size_t child, std::vector<std::size_t>& issuers) {
  const auto is_first = [&](std::size_t i) {
    return nodes_[i].identity == nodes_[issuers.front()].identity;
  };
  if (std::all_of(issuers.begin(), issuers.end(), is_first)) return;
  const std::size_t before = issuers.size();
  std::erase_if(issuers, [&](std::size_t issuer) { return !signed_by(child, issuer); });
  if (!issuers.empty()) return;
  note(untrusted(cat("none of the ", std::to_string(before), " certificates of ",
                     printable(nodes_[child].certificate.issuer(), 128), " has signed ",
                     shown(nodes_[child].certificate))));
}

bool PathSearch::signed_by(std::size_t child, std::size_t issuer) {
  const std::pair edge(nodes_[child].identity, nodes_[issuer].identity);
  const auto known = signatures_.find(edge);
  if (known != signatures_.end()) return known->second;
  if (signatures_.size() == kSignatureVerifications) {
    note(too_large(cat("more than ", std::to_string(kSignatureVerifications),
                       " certificates that could be an issuer; the rest was not tried")));
    return false;
  }
  ErrorQueue errors;
  const bool good = X509_verify(nodes_[child].certificate.handle(),
                                nodes_[issuer].certificate.public_key().handle()) == 1;
  return signatures_[edge] = good;
}

// The same dead end is reached by many ways and told once.
void PathSearch::note(Error error) {
  if (std::find(dead_ends_.begin(), dead_ends_.end(), error) == dead_ends_.end()) {
    dead_ends_.push_back(std::move(error));
  }
}

}  // namespace signet
