#include "server/cli/arguments.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "core/base/text.hpp"
#include "server/runtime/config.hpp"

namespace signet {
namespace {

constexpr std::string_view kAbout =
    "Verifies images that were signed with cosign under an organisation's own PKI.";

std::string is_pair(const std::string& text) {
  const auto at = text.find('=');
  const bool good = at != std::string::npos && at > 0 && at + 1 < text.size();
  return good ? std::string() : cat(signet::quoted(text), " is not of the form NAME=VALUE");
}

std::string is_annotation(const std::string& text) {
  const auto at = text.find('=');
  const bool good = at != std::string::npos && at > 0;
  return good ? std::string() : cat(signet::quoted(text), " is not of the form KEY=VALUE");
}

std::string is_time(const std::string& text) {
  const auto parsed = parse_time(text);
  return parsed ? std::string() : parsed.error().what();
}

std::pair<std::string, std::string> halves(const std::string& text) {
  const auto at = text.find('=');
  return {text.substr(0, at), text.substr(at + 1)};
}

void add_registry_flags(CLI::App& command, RegistryFlags& flags) {
  command.add_option("--registry-config", flags.config,
                     "Docker config.json with the credentials to use");
  command.add_option("--registry-ca", flags.ca_files,
                     "PEM file of CAs to trust for registries, beside the system's (repeatable)");
  command.add_option("--plain-http-host", flags.plain_http_hosts,
                     "HOST[:PORT] that is spoken to without TLS (repeatable)");
  command.add_flag("--plain-http", flags.plain_http, "No TLS for the hosts of the given images");
  command
      .add_option_function<std::vector<std::string>>(
          "--layout",
          [&flags](const std::vector<std::string>& pairs) {
            for (const std::string& pair : pairs)
              flags.layouts.push_back(halves(pair));
          },
          "PREFIX=DIR: an OCI image layout that stands in for a registry prefix (repeatable)")
      ->check(CLI::Validator(is_pair, ""));
}

void add_output_flag(CLI::App& command, OutputForm& output) {
  static const std::map<std::string, OutputForm> kForms = {{"text", OutputForm::text},
                                                           {"json", OutputForm::json}};
  command.add_option("--output,-o", output, "text or json")
      ->transform(CLI::CheckedTransformer(kForms))
      ->type_name("FORM");
}

void add_timeout_flag(CLI::App& command, std::chrono::seconds& timeout) {
  command
      .add_option_function<int>(
          "--timeout", [&timeout](int seconds) { timeout = std::chrono::seconds(seconds); },
          "Seconds for each image, 60 unless told")
      ->check(CLI::Range(1, 3600));
}

void add_trust_flags(CLI::App& command, TrustFlags& trust, bool& ignored) {
  command.add_option("--ca-roots", trust.ca_roots, "PEM file of the Root CAs to trust");
  command.add_option("--ca-intermediates", trust.ca_intermediates,
                     "PEM file of intermediates that signatures do not carry");
  command.add_option("--certificate-chain", trust.certificate_chain,
                     "PEM file: the last certificate is the root, the others are intermediates");
  command.add_option("--key", trust.key, "PEM file of a public key, instead of certificates");
  command.add_option("--certificate-identity", trust.identity, "The subject that must have signed");
  command.add_option("--certificate-identity-regexp", trust.identity_regexp,
                     "The same as a regular expression over the whole value");
  command.add_option("--certificate-oidc-issuer", trust.issuer, "The issuer the leaf must name");
  command.add_option("--certificate-oidc-issuer-regexp", trust.issuer_regexp,
                     "The same as a regular expression over the whole value");
  command
      .add_option_function<std::vector<std::string>>(
          "--annotations,-a",
          [&trust](const std::vector<std::string>& pairs) {
            for (const std::string& pair : pairs)
              trust.annotations.insert(halves(pair));
          },
          "KEY=VALUE that the signed payload must hold (repeatable)")
      ->check(CLI::Validator(is_annotation, ""));
  // What cosign needs to leave its public logs alone; Signet asks for neither.
  command.add_flag("--insecure-ignore-tlog,--insecure-ignore-sct,--private-infrastructure", ignored,
                   "Accepted as cosign's lines have it; no log is asked for anyway");
}

std::string conflict_in(const VerifyCommand& command) {
  const TrustFlags& trust = command.trust;
  if (!command.policies.empty() && trust.given()) {
    return "--policy and the flags for roots, keys, identities and annotations exclude each other";
  }
  if (!command.policies.empty()) return "";
  const bool roots = !trust.ca_roots.empty();
  const bool chain = !trust.certificate_chain.empty();
  const bool key = !trust.key.empty();
  const bool identities =
      trust.identity || trust.identity_regexp || trust.issuer || trust.issuer_regexp;
  if (!roots && !chain && !key) {
    return "nothing to trust: give --policy, --ca-roots, --certificate-chain or --key";
  }
  if (roots && chain) return "--ca-roots and --certificate-chain exclude each other";
  if (key && (roots || chain || !trust.ca_intermediates.empty() || identities)) {
    return "--key excludes roots, intermediates and identities: a bare key proves none of them";
  }
  if (key) return "";
  if (!trust.ca_intermediates.empty() && !roots) return "--ca-intermediates needs --ca-roots";
  if (trust.identity && trust.identity_regexp) {
    return "--certificate-identity and --certificate-identity-regexp exclude each other";
  }
  if (trust.issuer && trust.issuer_regexp) {
    return "--certificate-oidc-issuer and --certificate-oidc-issuer-regexp exclude each other";
  }
  if (!trust.identity && !trust.identity_regexp) {
    return "who must have signed? give --certificate-identity or --certificate-identity-regexp "
           "('.*' accepts anybody under the root)";
  }
  if (!trust.issuer && !trust.issuer_regexp) {
    return "give --certificate-oidc-issuer or --certificate-oidc-issuer-regexp ('.*' accepts any)";
  }
  return "";
}

// All commands with the values that their flags write into.
struct Commands {
  VerifyCommand verify;
  InspectCommand inspect;
  ServeCommand serve;
  DemoCommand demo;
  bool ignored = false;

  void declare_verify(CLI::App& program) {
    CLI::App& command = *program.add_subcommand("verify", "Judge images and explain the verdict");
    command.add_option("IMAGE", verify.images, "References, or oci:DIR")->required();
    command.add_option("--policy", verify.policies, "Policy file or directory (repeatable)");
    command.add_option("--namespace,-n", verify.ns, "The namespace of the workload");
    add_trust_flags(command, verify.trust, ignored);
    add_registry_flags(command, verify.registry);
    command
        .add_option_function<std::string>(
            "--at", [this](const std::string& text) { verify.at = *parse_time(text); },
            "Judge as of this time (RFC 3339)")
        ->check(CLI::Validator(is_time, ""));
    add_timeout_flag(command, verify.timeout);
    add_output_flag(command, verify.output);
  }

  void declare_inspect(CLI::App& program) {
    CLI::App& command = *program.add_subcommand("inspect", "Show every signature of an image");
    command.add_option("IMAGE", inspect.image, "A reference, or oci:DIR")->required();
    add_registry_flags(command, inspect.registry);
    add_timeout_flag(command, inspect.timeout);
    add_output_flag(command, inspect.output);
  }

  void declare_serve(CLI::App& program) {
    CLI::App& command = *program.add_subcommand("serve", "Answer AdmissionReviews over HTTPS");
    command.add_option("--config", serve.config, "YAML file with the settings below");
    for (const Setting& setting : settings()) {
      CLI::Option& option = *command.add_option_function<std::vector<std::string>>(
          std::string(setting.flag),
          [this, name = setting.name](const std::vector<std::string>& values) {
            for (const std::string& value : values)
              serve.settings.emplace_back(name, value);
          },
          std::string(setting.help));
      option.type_name(std::string(setting.value));
      // A list may be given in several flags; anything else once.
      if (setting.clear == nullptr) option.expected(1);
    }
  }

  void declare_demo(CLI::App& program) {
    CLI::App& command =
        *program.add_subcommand("demo", "The whole service on loopback with a PKI of its own");
    command.add_flag("--keep", demo.keep, "Stay up and print a line to try");
    add_output_flag(command, demo.output);
  }

  Command chosen(const CLI::App& program) {
    const std::string name = program.get_subcommands().front()->get_name();
    if (name == "inspect") return inspect;
    if (name == "serve") return serve;
    if (name == "demo") return demo;
    const std::string conflict = conflict_in(verify);
    if (!conflict.empty()) return Exit{kExitUsage, cat("signet verify: ", conflict, "\n")};
    return verify;
  }
};

// CLI11 would only say that a command is missing.
std::string unknown_command(const CLI::App& program, int argc, const char* const* argv) {
  if (argc < 2 || *argv[1] == '-') return "";
  std::vector<std::string> names;
  for (const CLI::App* const command : program.get_subcommands(nullptr))
    names.push_back(command->get_name());
  if (std::find(names.begin(), names.end(), argv[1]) != names.end()) return "";
  return cat("signet: there is no command ", signet::quoted(std::string_view(argv[1]), 64),
             "; there are: ", join(names, ", "), "\n");
}

// A repeatable flag takes one value each time, so that it may stand before the image.
void take_one_value_a_flag(CLI::App& program) {
  for (CLI::App* const command : program.get_subcommands({})) {
    for (CLI::Option* const option : command->get_options()) {
      if (option->nonpositional()) option->allow_extra_args(false);
    }
  }
}

}  // namespace

Command parse_arguments(int argc, const char* const* argv) {
  CLI::App program(std::string(kAbout), "signet");
  program.set_version_flag("--version", "signet " SIGNET_VERSION);
  program.require_subcommand(1);
  Commands commands;
  commands.declare_serve(program);
  commands.declare_verify(program);
  commands.declare_inspect(program);
  commands.declare_demo(program);
  take_one_value_a_flag(program);
  const std::string unknown = unknown_command(program, argc, argv);
  if (!unknown.empty()) return Exit{kExitUsage, unknown};
  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& stop) {
    std::ostringstream out;
    std::ostringstream err;
    const bool asked = program.exit(stop, out, err) == 0;
    return Exit{asked ? 0 : kExitUsage, out.str() + err.str()};
  }
  return commands.chosen(program);
}

}  // namespace signet
