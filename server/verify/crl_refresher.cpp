#include "server/verify/crl_refresher.hpp"

#include <algorithm>
#include <set>

#include "core/base/limits.hpp"
#include "core/base/text.hpp"
#include "core/crypto/crl_update.hpp"

namespace signet {
namespace {

constexpr std::string_view kLogger = "crl";
constexpr std::chrono::seconds kExchange{30};
constexpr std::chrono::minutes kLeast{1};
constexpr std::chrono::hours kMost{1};
constexpr unsigned kDoublings = 4;  // to a quarter of an hour

void add_trust(std::map<std::string, std::vector<Certificate>>& issuers, const Trust& trust) {
  for (const CertificateAuthority& authority : trust.authorities) {
    for (const std::string& url : authority.crl_urls) {
      auto& known = issuers[url];
      known.insert(known.end(), authority.anchors.begin(), authority.anchors.end());
      known.insert(known.end(), authority.intermediates.begin(), authority.intermediates.end());
    }
  }
}

std::map<std::string, std::vector<Certificate>> issuers_of(const PolicySet& policies) {
  std::map<std::string, std::vector<Certificate>> issuers;
  for (const auto& [name, root] : policies.trust_roots)
    add_trust(issuers, root->trust);
  for (const auto& policy : policies.policies) {
    for (const Authority& authority : policy->authorities) {
      const auto* const rule = std::get_if<CertificateRule>(&authority.rule);
      if (rule && rule->trust) add_trust(issuers, *rule->trust);
    }
  }
  return issuers;
}

bool are_same(std::span<const Crl> a, std::span<const Crl> b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const Crl& one, const Crl& other) { return one.der() == other.der(); });
}

}  // namespace

TimePoint next_crl_fetch(std::span<const Crl> crls, TimePoint now, unsigned failures) {
  if (failures > 0) {
    const auto wait = kLeast * (1U << std::min(failures - 1, kDoublings));
    return now + std::min<std::chrono::seconds>(wait, std::chrono::minutes(15));
  }
  std::chrono::seconds wait = kMost;
  for (const Crl& crl : crls) {
    const auto left = std::chrono::duration_cast<std::chrono::seconds>(crl.next_update() - now);
    wait = std::min(wait, left / 4);
  }
  return now + std::max<std::chrono::seconds>(wait, kLeast);
}

void CrlRefresher::follow(const PolicySet& policies) {
  auto issuers = issuers_of(policies);
  std::erase_if(known_, [&](const auto& one) { return !issuers.contains(one.first); });
  for (auto& [url, those] : issuers)
    known_[url].issuers = std::move(those);
}

Task<Result<void>> CrlRefresher::run() {
  std::vector<std::string> due;
  const TimePoint now = clock_();
  for (const auto& [url, known] : known_) {
    if (known.due <= now) due.push_back(url);
  }
  for (const std::string& url : due)
    co_await refresh(url);
  co_return Result<void>();
}

Task<void> CrlRefresher::refresh(std::string url) {
  const auto parsed = Url::parse(url);
  Result<HttpReply> reply = Error(Reason::registry_protocol, "this is no URL");
  if (parsed) {
    HttpRequest request("GET", *parsed);
    request.body_limit = kCrlBytes;
    request.plain_ok = true;
    reply = co_await transport_.send(std::move(request), deadline_in(kExchange));
  }
  const auto found = known_.find(url);
  if (found == known_.end()) co_return;  // no policy names it any more
  Known& known = found->second;
  if (!reply) {
    const bool too_long = reply.error().reason() == Reason::limit_exceeded;
    refuse(url, known, too_long ? "rejected" : "failed", reply.error());
  } else if (reply->status != 200) {
    const Error status(Reason::registry_protocol,
                       cat("the answer has the status ", std::to_string(reply->status)));
    refuse(url, known, "failed", status);
  } else if (const auto good = accept(url, known, std::move(reply->body)); !good) {
    refuse(url, known, "rejected", good.error());
  }
}

Result<void> CrlRefresher::accept(const std::string& url, Known& known, Blob body) {
  const TimePoint now = clock_();
  auto crls = accept_crls(body, known.issuers, known.crls, now);
  if (!crls) return crls.error();
  const bool same = are_same(*crls, known.crls);
  metrics_.crl_fetches.add({same ? "unchanged" : "ok"});
  known.crls = std::move(*crls);
  known.failures = 0;
  known.due = next_crl_fetch(known.crls, now, 0);
  if (same && known.told.empty()) return {};
  known.told.clear();
  log_.write(LogLine(LogLevel::info, kLogger, "crl_fetched", "a CRL is as new as it should be")
                 .with("url", printable(url, 256))
                 .with("crls", known.crls.size()));
  if (!same) accepted_(url, std::move(body));
  return {};
}

// What was known stays; `revocation` says what it means when that ends.
void CrlRefresher::refuse(const std::string& url, Known& known, std::string_view result,
                          const Error& error) {
  metrics_.crl_fetches.add({result});
  known.due = next_crl_fetch(known.crls, clock_(), ++known.failures);
  const std::string why = printable(error.what(), 512);
  if (known.told == why) return;
  known.told = why;
  LogLine line(LogLevel::warn, kLogger, "crl_not_fetched",
               "no new CRL: the one that is known stays until it ends");
  line.with("url", printable(url, 256)).with("result", result).with("why", why);
  log_.write(std::move(line));
}

}  // namespace signet
