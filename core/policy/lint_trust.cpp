#include <algorithm>
#include <chrono>

#include "core/base/text.hpp"
#include "core/policy/lint_parts.hpp"

namespace signet {
namespace {

// Long enough to make a successor, and to have every team sign with it.
constexpr std::chrono::days kNotice{90};

bool is_self_issued(const Certificate& certificate) {
  return certificate.subject() == certificate.issuer();
}

class CaLint {
 public:
  CaLint(const LintedDocument& document, std::string field, TimePoint now, LintNotes& notes)
      : document_(document), field_(std::move(field)), now_(now), notes_(notes) {}

  void check(const CertificateAuthority& authority) {
    if (authority.valid_for.end && *authority.valid_for.end < now_) {
      add("window-ended", "validFor.end",
          cat("`validFor` ended on ", format_time(*authority.valid_for.end)));
      return;  // what it holds matters no more
    }
    for (const Certificate& root : authority.anchors)
      check_root(root, authority);
    for (const Certificate& intermediate : authority.intermediates)
      check_intermediate(intermediate, authority);
    for (const Crl& crl : authority.crls) {
      if (crl.next_update() >= now_) continue;
      add("crl-ended", "crls",
          cat("the CRL of ", quoted(crl.issuer(), 120), " was to be renewed by ",
              format_time(crl.next_update())));
    }
  }

 private:
  void add(std::string_view rule, std::string_view part, std::string why) {
    notes_.add(document_, rule, cat(field_, ".", part), std::move(why));
  }

  // An end of the window before that of the certificate is a rotation that is under way.
  void check_end(const Certificate& certificate, const CertificateAuthority& authority,
                 std::string_view part) {
    const TimePoint end = certificate.not_after();
    if (end > now_ + kNotice) return;
    const bool rotating = authority.valid_for.end && *authority.valid_for.end <= end;
    if (rotating && end > now_) return;
    add("certificate-ends", part,
        cat("the certificate of ", quoted(certificate.subject(), 120),
            end < now_ ? " ended on " : " ends on ", format_time(end)));
  }

  void check_root(const Certificate& root, const CertificateAuthority& authority) {
    check_end(root, authority, "roots");
    if (is_self_issued(root)) return;
    add("root-is-intermediate", "roots",
        cat(quoted(root.subject(), 120), " was issued by ", quoted(root.issuer(), 120),
            ", and no CRL is asked about a root"));
  }

  void check_intermediate(const Certificate& intermediate, const CertificateAuthority& authority) {
    check_end(intermediate, authority, "intermediates");
    if (is_self_issued(intermediate)) {
      add("intermediate-is-root", "intermediates",
          cat(quoted(intermediate.subject(), 120), " issued itself, and trusts nobody here"));
    } else if (!authority.anchors.empty() && !leads_to_root(intermediate, authority)) {
      add("stray-intermediate", "intermediates",
          cat(quoted(intermediate.subject(), 120), " was issued by ",
              quoted(intermediate.issuer(), 120), ", which leads to no root of this entry"));
    }
  }

  static bool leads_to_root(const Certificate& from, const CertificateAuthority& authority) {
    std::string issuer = from.issuer();
    for (std::size_t i = 0; i <= authority.intermediates.size(); ++i) {
      const auto issued_it = [&](const Certificate& ca) { return ca.subject() == issuer; };
      const auto& anchors = authority.anchors;
      if (std::any_of(anchors.begin(), anchors.end(), issued_it)) return true;
      const auto& between = authority.intermediates;
      const auto next = std::find_if(between.begin(), between.end(), issued_it);
      if (next == between.end() || next->issuer() == issuer) return false;
      issuer = next->issuer();
    }
    return false;
  }

  const LintedDocument& document_;
  std::string field_;
  TimePoint now_;
  LintNotes& notes_;
};

}  // namespace

void lint_trust(const LintedDocument& document, TimePoint now, LintNotes& notes) {
  if (document.trust_root) {
    const auto& authorities = document.trust_root->trust.authorities;
    for (std::size_t i = 0; i < authorities.size(); ++i) {
      const std::string field = cat("spec.certificateAuthorities[", std::to_string(i), "]");
      CaLint(document, field, now, notes).check(authorities[i]);
    }
    return;
  }
  const auto& authorities = document.policy->authorities;
  for (std::size_t i = 0; i < authorities.size(); ++i) {
    const auto* const rule = std::get_if<CertificateRule>(&authorities[i].rule);
    if (rule == nullptr || !rule->trust) continue;
    const std::string field = cat("spec.authorities[", std::to_string(i), "].certificate");
    for (const CertificateAuthority& authority : rule->trust->authorities)
      CaLint(document, field, now, notes).check(authority);
  }
}

}  // namespace signet
