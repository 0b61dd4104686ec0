#include "server/cli/inspect.hpp"

#include <nlohmann/json.hpp>

#include "core/base/text.hpp"
#include "core/sigstore/identity.hpp"
#include "core/sigstore/intoto.hpp"
#include "core/sigstore/signed_entity.hpp"
#include "core/sigstore/simple_signing.hpp"
#include "server/verify/gatherer.hpp"

namespace signet {
namespace {

Json text_or_null(const std::optional<std::string>& text) {
  return text ? Json(printable(*text)) : Json();
}

Json certificate_json(const Certificate& certificate) {
  return {{"subject", printable(certificate.subject())},
          {"issuer", printable(certificate.issuer())},
          {"serial", certificate.serial()},
          {"notBefore", format_time(certificate.not_before())},
          {"notAfter", format_time(certificate.not_after())},
          {"key", certificate.public_key().kind_name()},
          {"ca", certificate.is_ca()},
          {"sha256", certificate.fingerprint().hex_part()}};
}

Json identity_json(const Certificate& leaf) {
  const auto identity = identity_of(leaf);
  if (!identity) return {{"error", identity.error().what()}};
  Json subjects = Json::array();
  for (const SubjectName& name : identity->subjects) {
    subjects.push_back({{"type", name_of(name.type)}, {"value", printable(name.value)}});
  }
  return {{"subjects", subjects}, {"issuer", text_or_null(identity->issuer)}};
}

// What the payload says, whoever signed it.
Json payload_json(const SignedEntity& entity, const Digest& image) {
  const auto claims = entity.format == SignatureFormat::legacy
                          ? simple_signing_claims(entity.claims, image)
                          : statement_claims(entity.claims, image);
  if (!claims) return {{"error", claims.error().what()}};
  Json annotations = Json::object();
  for (const auto& [key, value] : claims->annotations)
    annotations[printable(key)] = printable(value);
  return {{"digest", claims->image.str()},
          {"dockerReference", text_or_null(claims->docker_reference)},
          {"annotations", annotations}};
}

// Whether the bytes were signed by the key of the first certificate; says nothing about trust.
std::string signature_state(const SignedEntity& entity) {
  if (entity.certificates.empty()) return "made with a bare key: needs that key to be checked";
  const EcdsaForm form =
      entity.format == SignatureFormat::legacy ? EcdsaForm::der : EcdsaForm::der_or_raw;
  const auto matches =
      entity.certificates.front().public_key().verify(entity.signed_bytes, entity.signature, form);
  return matches ? "matches its certificate" : "does not match its certificate";
}

Json candidate_json(const Candidate& candidate, const Digest& image) {
  Json json = {{"format", name_of(candidate.format)}, {"origin", candidate.origin}};
  auto entity = parse_signature(candidate, Material::certificate);
  if (!entity) entity = parse_signature(candidate, Material::key);
  if (!entity) {
    json["error"] = cat(name_of(entity.error().reason()), ": ", entity.error().what());
    return json;
  }
  Json certificates = Json::array();
  for (const Certificate& certificate : entity->certificates) {
    certificates.push_back(certificate_json(certificate));
  }
  json["certificates"] = certificates;
  if (!entity->certificates.empty()) json["identity"] = identity_json(entity->certificates.front());
  json["signature"] = signature_state(*entity);
  json["payload"] = payload_json(*entity, image);
  return json;
}

std::string text_of(const Json& object, const char* name) {
  const Json* const member = find_member(object, name);
  return member != nullptr && member->is_string() ? member->get<std::string>() : "none";
}

void print_certificates(const Json& certificates, std::ostream& out) {
  for (const Json& certificate : certificates) {
    out << (&certificate == &certificates.front() ? "  leaf      " : "  carried   ")
        << text_of(certificate, "subject") << "\n            " << text_of(certificate, "key")
        << ", valid " << text_of(certificate, "notBefore") << " to "
        << text_of(certificate, "notAfter") << "\n            issued by "
        << text_of(certificate, "issuer") << "\n";
  }
}

void print_identity(const Json& identity, std::ostream& out) {
  if (find_member(identity, "error") != nullptr) {
    out << "  identity  " << text_of(identity, "error") << "\n";
    return;
  }
  for (const Json& subject : identity["subjects"]) {
    out << "  subject   " << text_of(subject, "value") << " (" << text_of(subject, "type") << ")\n";
  }
  if (identity["subjects"].empty()) out << "  subject   none\n";
  out << "  issuer    " << text_of(identity, "issuer") << "\n";
}

void print_payload(const Json& payload, std::ostream& out) {
  if (find_member(payload, "error") != nullptr) {
    out << "  payload   " << text_of(payload, "error") << "\n";
    return;
  }
  out << "  payload   is about this digest";
  if (find_member(payload, "dockerReference") != nullptr) {
    out << ", named " << text_of(payload, "dockerReference");
  }
  out << "\n";
  for (const auto& [key, value] : payload["annotations"].items()) {
    out << "            " << key << "=" << value.get<std::string>() << "\n";
  }
}

void print_signature(const Json& signature, std::size_t number, std::ostream& out) {
  out << "\nsignature " << number << ": " << text_of(signature, "format") << ", "
      << text_of(signature, "origin") << "\n";
  if (find_member(signature, "error") != nullptr) {
    out << "  unusable  " << text_of(signature, "error") << "\n";
    return;
  }
  if (find_member(signature, "identity") != nullptr) print_identity(signature["identity"], out);
  print_certificates(signature["certificates"], out);
  out << "  signature " << text_of(signature, "signature") << "\n";
  print_payload(signature["payload"], out);
}

void print(const Json& report, Output output) {
  output.out << "image     " << text_of(report, "image") << "\ndigest    "
             << text_of(report, "digest") << "\n";
  for (const Json& place : report["searched"])
    output.out << "searched  " << place.get<std::string>() << "\n";
  std::size_t number = 0;
  for (const Json& signature : report["signatures"])
    print_signature(signature, ++number, output.out);
  if (number == 0) output.out << "\nno signatures\n";
  for (const Json& failure : report["failures"])
    output.err << failure.get<std::string>() << "\n";
}

void add(Json& report, const FoundSignatures& found, const Digest& image) {
  for (const Candidate& candidate : found.candidates) {
    report["signatures"].push_back(candidate_json(candidate, image));
  }
  for (const std::string& place : found.searched)
    report["searched"].push_back(place);
  if (!found.failure) return;
  const std::string what = cat("could not read everything: ", name_of(found.failure->reason()),
                               ": ", found.failure->what());
  Json& failures = report["failures"];
  if (failures.empty() || failures.back() != what) failures.push_back(what);
}

}  // namespace

Task<int> inspect_image(Reference image, const InspectCommand& command, ImageSource& source,
                        Output output) {
  const Deadline deadline = deadline_in(command.timeout);
  Result<Digest> digest = Error(Reason::internal, "not resolved");
  if (image.digest()) {
    digest = *image.digest();
  } else {
    digest = co_await within(
        deadline, source.resolve(image.repository(), *image.tag(), Access::own, deadline));
  }
  if (!digest) {
    output.err << image.original() << ": " << name_of(digest.error().reason()) << ": "
               << digest.error().what() << "\n";
    co_return kExitUnchecked;
  }
  Json report = {{"version", "signet.dev/inspect/v1"},
                 {"image", image.original()},
                 {"digest", digest->str()},
                 {"signatures", Json::array()},
                 {"searched", Json::array()},
                 {"failures", Json::array()}};
  Gatherer gatherer(source);
  const Search search{image.repository(), image.repository(), *digest, Access::own};
  const ReferrerSignatures hanging = co_await gatherer.referrers(search, deadline);
  add(report, hanging.bundles, *digest);
  add(report, hanging.legacy, *digest);
  const FoundSignatures tagged = co_await gatherer.signature_tag(search, deadline);
  add(report, tagged, *digest);

  if (command.output == OutputForm::json) {
    output.out << report.dump(2) << "\n";
  } else {
    print(report, output);
  }
  if (!report["failures"].empty()) co_return kExitUnchecked;
  co_return report["signatures"].empty() ? kExitNotTrusted : kExitTrusted;
}

}  // namespace signet
