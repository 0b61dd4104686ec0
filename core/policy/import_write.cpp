// Drafts as YAML. A writer of its own: comments belong to their places here, and text is quoted
// whenever it could be read as anything else.

#include <algorithm>
#include <array>

#include "core/base/text.hpp"
#include "core/policy/import_draft.hpp"
#include "core/policy/yaml_scalars.hpp"

namespace signet {
namespace {

constexpr std::size_t kColumns = 100;

// Text to every reader, those of YAML 1.1 too, to whom `on` is true.
bool is_plain(std::string_view text) {
  constexpr std::array<std::string_view, 6> kWords = {"y", "n", "yes", "no", "on", "off"};
  const std::string lowered = to_lower(text);
  const bool word = std::find(kWords.begin(), kWords.end(), lowered) != kWords.end();
  const bool simple = std::all_of(text.begin(), text.end(), [](char c) {
    return is_alnum(c) || c == '.' || c == '-' || c == '_' || c == '/' || c == '@';
  });
  return simple && !word && !text.empty() && is_alnum(text.front()) && !is_digit(text.front()) &&
         kind_of_plain(text) == YamlNode::Kind::string;
}

// One line: plain where that is certain, in single quotes where they need no escapes.
std::string scalar(std::string_view text) {
  if (is_plain(text)) return std::string(text);
  const bool printable_ascii =
      std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
  if (printable_ascii && text.find('\'') == std::string_view::npos) return cat("'", text, "'");
  std::string quoted_text = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      quoted_text += {'\\', c};
    } else if (byte < 0x20 || byte == 0x7f) {
      constexpr std::string_view kDigits = "0123456789abcdef";
      quoted_text += cat("\\x", std::string{kDigits[byte >> 4], kDigits[byte & 15]});
    } else {
      quoted_text += c;
    }
  }
  return quoted_text + '"';
}

std::string list_of(const std::vector<std::string>& texts) {
  std::vector<std::string> scalars;
  for (const std::string& text : texts)
    scalars.push_back(scalar(text));
  return cat("[", join(scalars, ", "), "]");
}

class Writer {
 public:
  void line(std::size_t indent, std::string_view text) {
    text_ += cat(std::string(indent, ' '), text, "\n");
  }
  void comments(std::size_t indent, const ImportComments& comments) {
    text_ += write_comments(comments, indent);
  }
  // Nothing where there is no text.
  void field(std::size_t indent, std::string_view key, std::string_view text) {
    if (!text.empty()) line(indent, cat(key, ": ", scalar(text)));
  }
  void list(std::size_t indent, std::string_view key, const std::vector<std::string>& texts) {
    if (!texts.empty()) line(indent, cat(key, ": ", list_of(texts)));
  }
  void map(std::size_t indent, std::string_view key,
           const std::map<std::string, std::string>& texts) {
    if (texts.empty()) return;
    line(indent, cat(key, ":"));
    for (const auto& [name, text] : texts)
      line(indent + 2, cat(scalar(name), ": ", scalar(text)));
  }
  void pem(std::size_t indent, std::string_view key, std::string_view pem) {
    if (pem.empty()) return;
    line(indent, cat(key, ":"));
    const std::size_t inside = indent + (key.starts_with('-') ? 4 : 2);
    line(inside, "pem: |");
    for (const std::string_view each : split(pem, '\n')) {
      const std::string_view text = trim(each);
      const bool plain =
          std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
      if (!text.empty() && plain) line(inside + 2, text);
    }
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

void write_identity(Writer& out, const DraftIdentity& identity) {
  std::string_view first = "- ";
  const auto field = [&](std::string_view key, const std::string& text) {
    if (text.empty()) return;
    out.line(10, cat(first, key, ": ", scalar(text)));
    first = "  ";
  };
  field("subject", identity.subject);
  field("subjectRegExp", identity.subject_regexp);
  field("subjectType", identity.subject_type);
  field("issuer", identity.issuer);
  field("issuerRegExp", identity.issuer_regexp);
  field("issuerDNRegExp", identity.issuer_dn_regexp);
}

void write_certificate(Writer& out, const DraftAuthority& authority) {
  out.line(6, "certificate:");
  if (!authority.trust_root.empty()) {
    out.line(8, cat("trustRootRef: {name: ", scalar(authority.trust_root), "}"));
  }
  out.pem(8, "roots", authority.roots);
  out.pem(8, "intermediates", authority.intermediates);
  if (!authority.carried_intermediates) out.line(8, "chain: {annotation: false}");
  out.line(8, "identities:");
  for (const DraftIdentity& identity : authority.identities)
    write_identity(out, identity);
  if (authority.code_signing) out.line(8, "requireCodeSigning: true");
}

void write_signature_rules(Writer& out, const DraftAuthority& authority) {
  out.map(6, "annotations", authority.annotations);
  out.field(6, "signatureRepository", authority.signature_repository);
  out.list(6, "formats", authority.formats);
  if (authority.signed_identity.empty()) return;
  out.line(6, "signedIdentity:");
  out.field(8, "match", authority.signed_identity);
  out.field(8, "prefix", authority.prefix);
  out.field(8, "signedPrefix", authority.signed_prefix);
}

void write_authority(Writer& out, const DraftAuthority& authority) {
  out.comments(4, authority.comments);
  if (authority.left_out) return;
  out.line(4, cat("- name: ", scalar(authority.name)));
  if (!authority.static_action.empty()) {
    out.line(6, "static:");
    out.field(8, "action", authority.static_action);
    out.field(8, "message", authority.static_message);
  } else if (!authority.key.empty()) {
    out.pem(6, "key", authority.key);
  } else {
    write_certificate(out, authority);
  }
  write_signature_rules(out, authority);
}

void write_match(Writer& out, const DraftPolicy& policy) {
  out.line(2, "match:");
  out.comments(4, policy.match_comments);
  out.line(4, "images:");
  for (const std::string& image : policy.images)
    out.line(6, cat("- ", scalar(image)));
  out.list(4, "exclude", policy.exclude);
  out.list(4, "namespaces", policy.namespaces);
  if (policy.namespace_labels.empty() && policy.namespace_expressions.empty()) return;
  out.line(4, "namespaceSelector:");
  out.map(6, "matchLabels", policy.namespace_labels);
  if (policy.namespace_expressions.empty()) return;
  out.line(6, "matchExpressions:");
  for (const DraftExpression& expression : policy.namespace_expressions) {
    out.line(8, cat("- key: ", scalar(expression.key)));
    out.field(10, "operator", expression.op);
    out.list(10, "values", expression.values);
  }
}

void write_head(Writer& out, std::string_view kind, const std::string& name) {
  out.line(0, "apiVersion: signet.dev/v1alpha1");
  out.line(0, cat("kind: ", kind));
  out.line(0, "metadata:");
  out.line(2, cat("name: ", scalar(name)));
  out.line(0, "spec:");
}

std::string commented(std::string_view text) {
  std::string comment;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    comment += cat(end == 0 ? "#" : "# ", text.substr(0, end), "\n");
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return comment;
}

}  // namespace

std::string write_comments(const ImportComments& comments, std::size_t indent) {
  const std::string margin = cat(std::string(indent, ' '), "#");
  std::string text;
  for (const std::string& comment : comments) {
    std::string line = margin;
    std::string_view gap = " ";
    const std::string safe = printable(comment, 2000);
    for (const std::string_view word : split(safe, ' ')) {
      if (line.size() + 1 + word.size() > kColumns && line.size() > margin.size() + 2) {
        text += line + '\n';
        line = margin;
        gap = "   ";  // what follows belongs to the line above
      }
      line += cat(gap, word);
      gap = " ";
    }
    text += line + '\n';
  }
  return text;
}

bool is_left_out(const DraftPolicy& policy) {
  const auto stays = [](const DraftAuthority& authority) { return !authority.left_out; };
  const auto left = static_cast<std::size_t>(
      std::count_if(policy.authorities.begin(), policy.authorities.end(), stays));
  return policy.left_out || left == 0 || left < policy.threshold || policy.images.empty();
}

std::string write_draft(const DraftPolicy& policy) {
  Writer out;
  write_head(out, "ClusterTrustPolicy", policy.name);
  out.field(2, "mode", policy.mode);
  write_match(out, policy);
  out.line(2, "authorities:");
  for (const DraftAuthority& authority : policy.authorities)
    write_authority(out, authority);
  if (policy.threshold != 1) out.line(2, cat("threshold: ", std::to_string(policy.threshold)));
  if (policy.require_digest) out.line(2, "requireDigest: true");
  std::string text = write_comments(policy.comments, 0);
  if (!is_left_out(policy)) return text + out.take();
  text += "# This policy is left out, and nothing here stands for it:\n";
  return text + commented(out.take());
}

std::string write_draft(const DraftTrustRoot& root) {
  Writer out;
  write_head(out, "TrustRoot", root.name);
  out.line(2, "certificateAuthorities:");
  for (const DraftTrustRoot::Ca& ca : root.authorities) {
    out.comments(4, ca.comments);
    out.pem(4, "- roots", ca.roots);
    out.pem(6, "intermediates", ca.intermediates);
  }
  if (!root.carried_intermediates) out.line(2, "chain: {annotation: false}");
  const std::string comments = write_comments(root.comments, 0);
  return comments + (root.left_out ? commented(out.take()) : out.take());
}

}  // namespace signet
