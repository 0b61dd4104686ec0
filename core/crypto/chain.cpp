#include "core/crypto/chain.hpp"

#include <algorithm>

#include "core/base/text.hpp"
#include "core/crypto/openssl.hpp"
#include "core/crypto/path_judge.hpp"
#include "core/crypto/path_search.hpp"
#include "core/crypto/profile.hpp"
#include "core/crypto/revocation.hpp"

namespace signet {
namespace {

constexpr std::size_t kReasonsShown = 8;
constexpr std::size_t kReasonBytes = 1024;  // names are an attacker's to choose, and their length

// How far a candidate got before it failed with this reason.
int progress(Reason reason) {
  switch (reason) {
    case Reason::revoked:
      return 5;
    case Reason::crl_stale:
      return 4;
    case Reason::cert_profile:
      return 3;
    case Reason::chain_expired:
      return 2;
    case Reason::limit_exceeded:
      return 1;
    default:
      return 0;
  }
}

// The instants around `at` at which a window is on the same side as at `at`.
void narrow(Validity& stable, const Validity& window, TimePoint at) {
  using std::chrono::seconds;
  const auto not_before = [&](TimePoint start) {
    if (!stable.start || *stable.start < start) stable.start = start;
  };
  const auto not_after = [&](TimePoint end) {
    if (!stable.end || end < *stable.end) stable.end = end;
  };
  if (window.start && at < *window.start) {
    not_after(*window.start - seconds(1));
  } else if (window.end && *window.end < at) {
    not_before(*window.end + seconds(1));
  } else {
    if (window.start) not_before(*window.start);
    if (window.end) not_after(*window.end);
  }
}

// OpenSSL takes the very second of notAfter and nextUpdate for the first one outside; that is the
// safe side, and these windows say the same.
Validity window_of(const Certificate& certificate) {
  return {certificate.not_before(), certificate.not_after() - std::chrono::seconds(1)};
}

Validity window_of(const Crl& crl) {
  return {crl.this_update(), crl.next_update() - std::chrono::seconds(1)};
}

std::vector<Crl> all_crls(const Trust& trust) {
  std::vector<Crl> crls;
  if (trust.revocation == Revocation::off) return crls;
  for (const CertificateAuthority& authority : trust.authorities) {
    crls.insert(crls.end(), authority.crls.begin(), authority.crls.end());
  }
  return crls;
}

bool is_configured(const Trust& trust, const Certificate& certificate) {
  const auto holds = [&](const std::vector<Certificate>& list) {
    return std::find(list.begin(), list.end(), certificate) != list.end();
  };
  return std::any_of(trust.authorities.begin(), trust.authorities.end(),
                     [&](const CertificateAuthority& authority) {
                       return holds(authority.anchors) || holds(authority.intermediates);
                     });
}

Result<void> check_reliance(const CertificateAuthority& authority, const Certificate& anchor,
                            TimePoint at) {
  if (authority.valid_for.contains(at)) return {};
  const auto shown = [](const std::optional<TimePoint>& time) {
    return time ? format_time(*time) : std::string("ever");
  };
  return Error(Reason::chain_expired,
               cat("the CA ", printable(anchor.subject(), 128), " is relied on from ",
                   shown(authority.valid_for.start), " to ", shown(authority.valid_for.end),
                   " (validFor); judged at ", format_time(at)));
}

// Signatures and times first: nothing else is worth saying about a stranger's certificate.
Result<Path> judge(const CandidatePath& candidate, const Trust& trust, CodeSigning code_signing,
                   TimePoint at) {
  const CertificateAuthority& authority = trust.authorities[candidate.authority];
  const auto& certificates = candidate.certificates;
  JudgeOptions options;
  options.at = at;
  const auto genuine = judge_path(certificates, options);
  if (!genuine) return genuine.error();
  const auto relied_on = check_reliance(authority, certificates.back(), at);
  if (!relied_on) return relied_on.error();
  const auto fits = check_profile(certificates, code_signing);
  if (!fits) return fits.error();
  const auto crls = crls_for(certificates, all_crls(trust));
  auto notes = check_revocation(certificates, crls, trust.revocation, at);
  if (!notes) return notes.error();

  Path path;
  path.certificates = certificates;
  path.authority = candidate.authority;
  path.issuer_configured = certificates.size() == 1 || is_configured(trust, certificates[1]);
  path.notes = std::move(*notes);
  narrow(path.stable, authority.valid_for, at);
  for (const Certificate& one : certificates)
    narrow(path.stable, window_of(one), at);
  for (const Crl& one : crls)
    narrow(path.stable, window_of(one), at);
  return path;
}

std::string described(const CandidatePath& candidate) {
  if (candidate.certificates.size() == 1) return "as a configured certificate";
  std::vector<std::string> issuers;
  for (std::size_t i = 1; i < candidate.certificates.size(); ++i) {
    issuers.push_back(printable(candidate.certificates[i].subject(), 128));
  }
  return cat("via ", join(issuers, " > "));
}

// The reason of the candidate that got furthest; every candidate's in the text.
Error summary(const Certificate& leaf, std::vector<Error> failures) {
  std::stable_sort(failures.begin(), failures.end(), [](const Error& a, const Error& b) {
    return progress(a.reason()) > progress(b.reason());
  });
  const std::size_t shown = std::min(failures.size(), kReasonsShown);
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < shown; ++i)
    texts.push_back(failures[i].what());
  if (shown < failures.size()) {
    texts.push_back(cat("and ", std::to_string(failures.size() - shown), " more"));
  }
  return Error(failures.front().reason(), shortened(join(texts, "; "), kReasonBytes))
      .under(cat("no path from ", printable(leaf.subject(), 128), " to a configured CA"));
}

// Each certificate but the anchor is checked, and with CRLs the CRL of each.
std::size_t work_of(const CandidatePath& candidate, const Trust& trust) {
  const std::size_t checked = std::max<std::size_t>(candidate.certificates.size() - 1, 1);
  return trust.revocation == Revocation::off ? checked : 2 * checked;
}

}  // namespace

Result<Path> find_path(const Trust& trust, const Certificate& leaf,
                       std::span<const Certificate> carried, CodeSigning code_signing, TimePoint at,
                       CertificateBudget* budget) {
  if (carried.size() > kCertificates) {
    return too_large(
        cat("the signature carries more than ", std::to_string(kCertificates), " certificates"));
  }
  std::optional<Path> found;
  std::vector<Error> failures;
  PathSearch search(trust, leaf, carried, at, budget);
  search.run([&](const CandidatePath& candidate) {
    if (budget && !budget->take(work_of(candidate, trust))) return true;
    auto judged = judge(candidate, trust, code_signing, at);
    if (judged) {
      found = std::move(*judged);
    } else {
      failures.push_back(judged.error().under(described(candidate)));
    }
    return found.has_value();
  });
  if (found) return std::move(*found);
  if (budget && budget->is_exceeded()) {
    return too_large("too many certificates would have to be checked");
  }
  const auto& dead_ends = search.dead_ends();
  failures.insert(failures.end(), dead_ends.begin(), dead_ends.end());
  if (failures.empty()) return Error(Reason::chain_untrusted, "no CA is configured");
  return summary(leaf, std::move(failures));
}

Validity quiet_period(const Trust& trust, const Certificate& leaf,
                      std::span<const Certificate> carried, TimePoint at) {
  Validity quiet;
  narrow(quiet, window_of(leaf), at);
  for (const Certificate& one : carried)
    narrow(quiet, window_of(one), at);
  for (const CertificateAuthority& authority : trust.authorities) {
    narrow(quiet, authority.valid_for, at);
    for (const Certificate& one : authority.anchors)
      narrow(quiet, window_of(one), at);
    for (const Certificate& one : authority.intermediates)
      narrow(quiet, window_of(one), at);
    for (const Crl& one : authority.crls)
      narrow(quiet, window_of(one), at);
  }
  return quiet;
}

}  // namespace signet
