#include "core/policy/import_parts.hpp"

#include <algorithm>

#include "core/base/bytes.hpp"
#include "core/base/limits.hpp"
#include "core/base/text.hpp"
#include "core/crypto/certificate.hpp"
#include "core/crypto/public_key.hpp"
#include "core/oci/reference.hpp"
#include "core/policy/identities.hpp"
#include "core/policy/load_parts.hpp"

namespace signet {
namespace {

constexpr std::size_t kNameBytesOfAuthority = 63;
constexpr std::string_view kEnd = "-----END CERTIFICATE-----";

// The blocks of a PEM text, with what stands between them.
std::vector<std::string> blocks_of(std::string_view pem) {
  std::vector<std::string> blocks;
  for (std::size_t end = pem.find(kEnd); end != std::string_view::npos; end = pem.find(kEnd)) {
    const std::size_t begin = std::min(pem.find("-----BEGIN"), end);
    blocks.push_back(cat(pem.substr(begin, end + kEnd.size() - begin), "\n"));
    pem.remove_prefix(end + kEnd.size());
  }
  return blocks;
}

// Why these certificates cannot stand in a TrustRoot; empty where they can.
std::string fault_of(const std::string& pem) {
  const auto certificates = parse_certificates(pem, kTrustRootCertificates);
  if (!certificates) return certificates.error().what();
  const auto leaf = std::find_if(certificates->begin(), certificates->end(),
                                 [](const Certificate& each) { return !each.is_ca(); });
  if (leaf == certificates->end()) return "";
  return cat("the certificate of ", quoted(leaf->subject(), 120), " is not one of a CA");
}

std::optional<std::string> fault_of_regexp(const std::string& regexp) {
  if (regexp.empty()) return std::nullopt;
  const auto pattern = TextPattern::regexp(regexp);
  return pattern ? std::nullopt : std::optional(pattern.error().what());
}

// What a peer finds in a certificate that names no issuer at all.
bool takes_no_issuer(const std::string& searched) {
  return searched == ".*" || searched == "^.*$";
}

}  // namespace

PeerName read_peer_name(const PeerField& root, ImportComments& comments) {
  const PeerField metadata = root["metadata"];
  const PeerName name{metadata["name"].text(), metadata["namespace"].text(),
                      metadata["name"].place()};
  if (name.name.empty()) metadata["name"].error("is missing; every policy has a name");
  for (const std::string_view key : {"labels", "annotations"}) {
    if (metadata[key]) metadata[key].note(comments, "decide nothing; put back what you need");
  }
  metadata.done();
  root["status"].done();
  return name;
}

void tell_once(ImportWork& work, std::string_view what) {
  ImportComments& head = work.drafts.head;
  if (std::find(head.begin(), head.end(), what) == head.end()) head.emplace_back(what);
}

std::string free_name(ImportWork& work, const std::string& wanted) {
  std::string name = wanted;
  for (int i = 2; !work.names.insert(name).second; ++i)
    name = cat(wanted, "-", std::to_string(i));
  return name;
}

void leave_out(DraftAuthority& authority, const PeerField& field, std::string_view what) {
  field.loss(authority.comments, cat(what, " (this authority is left out)"));
  authority.left_out = true;
}

void leave_out(DraftPolicy& policy, const PeerField& field, std::string_view what) {
  field.loss(policy.comments, cat(what, " (the whole policy is left out)"));
  policy.left_out = true;
}

void drop_log(ImportWork& work, DraftAuthority& authority, const PeerField& field) {
  constexpr std::string_view kWhat =
      "demands a transparency log or an SCT, which Signet does not ask for";
  if (work.options.without_logs) {
    field.loss(authority.comments, cat(kWhat, "; the demand is dropped"));
  } else {
    leave_out(authority, field, cat(kWhat, "; convert without that demand by --without-logs"));
  }
}

void use_name(DraftAuthority& authority, const PeerField& field, std::string_view otherwise) {
  const std::string name = field.text();
  const bool good = !name.empty() && name.size() <= kNameBytesOfAuthority &&
                    std::all_of(name.begin(), name.end(), [](char c) {
                      return is_alnum(c) || c == '-' || c == '_' || c == '.';
                    });
  authority.name = good ? name : std::string(otherwise);
  if (!name.empty() && !good) {
    field.note(authority.comments, cat("is no name here; it is called ", otherwise));
  }
}

void use_key(DraftAuthority& authority, const PeerField& field, const std::string& pem) {
  const auto key = PublicKey::from_pem(pem);
  if (!key) {
    leave_out(authority, field, cat("this key cannot be used: ", key.error().what()));
  } else {
    authority.key = pem;
  }
}

void use_repository(DraftAuthority& authority, const PeerField& field) {
  std::string text = field.text();
  if (text.empty()) return;
  const auto repository = Repository::parse(text);
  if (!repository) return leave_out(authority, field, repository.error().what());
  authority.signature_repository = std::move(text);
}

void use_chain(DraftAuthority& authority, const PeerField& field, const std::string& pem) {
  const std::string fault = fault_of(pem);
  if (!fault.empty()) return leave_out(authority, field, fault);
  const std::vector<std::string> blocks = blocks_of(pem);
  authority.roots = blocks.back();
  authority.intermediates = join({blocks.begin(), blocks.end() - 1}, "");
}

void use_images(DraftPolicy& policy, const PeerField& field, const CarriedGlobs& carried) {
  if (carried.globs.empty()) return leave_out(policy, field, carried.why);
  if (!carried.why.empty()) field.loss(policy.match_comments, carried.why);
  for (const std::string& glob : carried.globs) {
    const auto known = std::find(policy.images.begin(), policy.images.end(), glob);
    if (known == policy.images.end()) policy.images.push_back(glob);
  }
}

void add_identity(DraftAuthority& authority, const PeerField& at, DraftIdentity identity) {
  if (identity.subject.empty() && identity.subject_regexp.empty()) {
    identity.subject_regexp = ".*";
    at.aside(authority.comments, "names no subject, so anybody with that issuer may sign");
  }
  for (const std::string* const regexp : {&identity.subject_regexp, &identity.issuer_regexp}) {
    const auto fault = fault_of_regexp(*regexp);
    if (fault) return leave_out(authority, at, *fault);
  }
  const bool any = identity.issuer.empty() && identity.issuer_regexp.empty();
  if (any) identity.issuer_regexp = ".*";
  const bool also_without = any || identity.issuer_regexp == ".*";
  authority.identities.push_back(identity);
  if (!also_without) return;
  // A certificate without an issuer extension passes at the peer.
  identity.issuer_regexp.clear();
  identity.issuer_dn_regexp = ".*";
  authority.identities.push_back(identity);
  at.aside(authority.comments,
           "asks for no issuer; a certificate that names none passes where the one that issued it "
           "is configured");
}

void use_identity(DraftAuthority& authority, const PeerField& identity) {
  const auto searched = [&](std::string_view key) -> std::string {
    const std::string regexp = identity[key].text();
    if (regexp.empty()) return "";
    const std::string whole = takes_no_issuer(regexp) ? ".*" : carry_search(regexp);
    if (whole.size() > regexp.size()) {
      identity[key].note(authority.comments,
                         "was searched for and matches the whole value here, so `.*` stands where "
                         "it had no ^ or $; take out what you do not mean");
    }
    return whole;
  };
  DraftIdentity made;
  made.subject = identity["subject"].text();
  made.subject_regexp = searched("subjectRegExp");
  made.issuer = identity["issuer"].text();
  made.issuer_regexp = searched("issuerRegExp");
  if (!made.subject.empty() && !made.subject_regexp.empty()) {
    identity.error("has both subject and subjectRegExp");
  }
  if (!made.issuer.empty() && !made.issuer_regexp.empty()) {
    identity.error("has both issuer and issuerRegExp");
  }
  add_identity(authority, identity, std::move(made));
}

std::string pem_of_base64(const PeerField& field) {
  const std::string text = field.text();
  if (text.empty()) return "";
  if (text.find("-----BEGIN") != std::string::npos) return text;
  auto pem = unbase64(text, Base64::with_lines);
  if (!pem) {
    field.error(cat("is not base64: ", pem.error().what()));
    return "";
  }
  return std::move(*pem);
}

void use_namespace_selector(DraftPolicy& policy, const PeerField& selector) {
  for (const auto& [key, value] : selector["matchLabels"].texts())
    policy.namespace_labels.emplace(key, value);
  for (const PeerField& item : selector["matchExpressions"].items()) {
    policy.namespace_expressions.push_back(
        {item["key"].text(), item["operator"].text(), item["values"].words()});
  }
}

}  // namespace signet
