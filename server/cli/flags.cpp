#include "server/cli/flags.hpp"

#include "core/base/text.hpp"

namespace signet {
namespace {

std::string is_pair(const std::string& text) {
  const auto at = text.find('=');
  const bool good = at != std::string::npos && at > 0 && at + 1 < text.size();
  return good ? std::string() : cat(signet::quoted(text), " is not of the form NAME=VALUE");
}

std::string is_time(const std::string& text) {
  const auto parsed = parse_time(text);
  return parsed ? std::string() : parsed.error().what();
}

}  // namespace

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

void add_at_flag(CLI::App& command, std::optional<TimePoint>& at) {
  command
      .add_option_function<std::string>(
          "--at", [&at](const std::string& text) { at = *parse_time(text); },
          "Judge as of this time (RFC 3339)")
      ->check(CLI::Validator(is_time, ""));
}

}  // namespace signet
