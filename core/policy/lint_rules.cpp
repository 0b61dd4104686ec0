#include "core/policy/lint_rules.hpp"

#include <algorithm>
#include <array>

namespace signet {
namespace {

constexpr LintSeverity kError = LintSeverity::error;
constexpr LintSeverity kWarning = LintSeverity::warning;

constexpr std::array kRules = {
    LintRule{"not-yaml", kError, "the text is not the plain YAML that policies are written in",
             "correct the YAML at this place"},
    LintRule{"unknown-kind", kError, "the document is of no kind or version that is known here",
             "write signet.dev/v1alpha1 and TrustRoot, ClusterTrustPolicy or TrustPolicy"},
    LintRule{"unknown-field", kError, "the field is not known at this place",
             "take it out, or write the field that was meant"},
    LintRule{"missing-field", kError, "a field that must be there is not", "write the field"},
    LintRule{"invalid-value", kError, "the value cannot be what is meant here",
             "write a value that the field takes"},
    LintRule{"duplicate-name", kError, "two documents of one kind have the same name",
             "keep one, or rename the other"},
    LintRule{"missing-trust-root", kError, "no TrustRoot of this name is among the files",
             "make it, correct the name, or name its file too"},
    LintRule{"missing-material", kError, "what the field names is not there",
             "put the file there, or correct the path"},
    LintRule{"invalid-pem", kError, "the PEM is not what belongs here",
             "paste the whole block, line by line, under `pem: |`"},
    LintRule{"weak-key", kError, "the key is weaker than RSA 2048 or P-256",
             "make a stronger key, and a new certificate for it"},
    LintRule{"root-not-ca", kError, "the certificate is not of a CA, so it can certify nobody",
             "put the certificate of the CA here, and who may sign under `identities`"},
    LintRule{"on-error-wildcard", kError,
             "a registry that anybody can run would decide by failing (`onError`)",
             "name the registries by literal hosts in a policy of their own"},

    LintRule{"anybody", kWarning, "every subject of every issuer that the roots certify may sign",
             "say who may sign, at least by the domain of the subject"},
    LintRule{"regexp-dot", kWarning, "a dot in a regular expression stands for any character",
             "write `\\.` for a dot"},
    LintRule{
        "other-domain", kWarning, "the regular expression matches values of other domains too",
        "end it with the domain, put `@`, `/` or `\\.` before that, and take `[^@/]*` for `.*`"},
    LintRule{"too-intricate", kWarning,
             "what the regular expressions match was not looked at in full",
             "write shorter ones, an identity for each alternative"},
    LintRule{"never-matches", kWarning, "nothing can ever match this pattern",
             "correct the pattern or take it out"},
    LintRule{"glob-in-regexp", kWarning,
             "`*` repeats the character before it in a regular expression",
             "write `.*` for any text"},
    LintRule{"pattern-in-exact", kWarning, "the value is compared as it stands, not as a pattern",
             "move it to the field that ends in RegExp, and write it as a regular expression"},
    LintRule{"dn-as-issuer", kWarning,
             "`issuer` is the issuer extension of the certificate, mostly a URL, never a DN",
             "write issuerDN"},
    LintRule{"exclude-without-effect", kWarning, "no image of the policy matches this exclusion",
             "correct it or take it out"},
    LintRule{"any-image-unsigned", kWarning, "every image that the policy matches passes unsigned",
             "name the digests that may pass, or ask for a signature"},
    LintRule{"break-glass-without-end", kWarning, "the exception never ends",
             "write `expires` with the day by which the images are signed"},
    LintRule{"break-glass-ended", kWarning, "the exception is over and allows nothing any more",
             "take it out, or give it a new end"},
    LintRule{"shadowed", kWarning, "another policy decides all that this one could decide",
             "take one of them out, or narrow the other"},
    LintRule{"contradiction", kWarning, "one policy allows what another one denies; the deny wins",
             "take the digest out of one of them"},
    LintRule{"without-effect", kWarning, "the policy changes no decision",
             "take it out, or ask for something in it"},
    LintRule{"no-delegate", kWarning, "the policy cannot satisfy the delegation above it",
             "give it a `certificate` with `trustRootRef` to a TrustRoot that is delegated"},
    LintRule{"unused-trust-root", kWarning, "no policy among the files refers to the TrustRoot",
             "refer to it, take it out, or lint it together with the policies that do"},
    LintRule{"certificate-ends", kWarning, "the certificate ends soon or has ended",
             "add its successor beside it now, and move signers over before it ends"},
    LintRule{"window-ended", kWarning, "`validFor` is over, so the CA is relied on no more",
             "take the entry out, or write another end"},
    LintRule{"crl-ended", kWarning, "the CRL is past its next update",
             "put the newest one there, or give its URL under `urls`"},
    LintRule{"root-is-intermediate", kWarning,
             "another CA issued this root, and no CRL is asked about a root",
             "put the certificate of the CA that issued it under `roots`, and this one under "
             "`intermediates`"},
    LintRule{"intermediate-is-root", kWarning,
             "a self-issued certificate stands under `intermediates`, where it trusts nobody",
             "put it under `roots` if it is to be trusted, else take it out"},
    LintRule{"stray-intermediate", kWarning, "the intermediate leads to no root of its entry",
             "put the CA that issued it beside it, or take it out"},
    LintRule{"empty-file", kWarning, "the file holds no document", "write a policy or take it out"},
    LintRule{"bad-suppression", kWarning, "the comment suppresses nothing as it is written",
             "write `# signet-lint: ignore RULE because REASON`"},
    LintRule{"unused-suppression", kWarning, "there is nothing here that the comment suppresses",
             "take the comment out"},
};

}  // namespace

std::string_view name_of(LintSeverity severity) {
  return severity == LintSeverity::error ? "error" : "warning";
}

std::span<const LintRule> lint_rules() {
  return kRules;
}

const LintRule* find_lint_rule(std::string_view id) {
  const auto* const found = std::find_if(kRules.begin(), kRules.end(),
                                         [&](const LintRule& rule) { return rule.id == id; });
  return found == kRules.end() ? nullptr : found;
}

}  // namespace signet
