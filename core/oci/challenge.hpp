#pragma once
// WWW-Authenticate: what a registry wants to see before it answers (registry.md C.2). The text is
// an attacker's; a challenge that cannot be read in one way only is dropped.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace signet {

struct Challenge {
  std::string scheme;                                           // lower case
  std::vector<std::pair<std::string, std::string>> parameters;  // names in lower case

  const std::string* parameter(std::string_view name) const;
};

// All challenges of all fields of that name, in their order.
std::vector<Challenge> parse_challenges(const std::vector<std::string_view>& fields);

// What a client of this kind can answer. Digest, Negotiate and others are none of it.
struct BearerChallenge {
  std::string realm;  // not empty; a URL, absolute or not, to be judged by realm.hpp
  std::string service;
  std::string scope;
};
struct AuthOffer {
  std::vector<BearerChallenge> bearer;  // preferred, the first with an acceptable realm
  bool basic = false;
};
AuthOffer offer_of(const std::vector<Challenge>& challenges);

// The scopes to ask for: never more than pull, whatever was offered, our own repository first
// (C.4.1).
std::vector<std::string> pull_scopes(std::string_view offered, std::string_view path);

}  // namespace signet
