#include "server/cli/flags.hpp"

#include <algorithm>

#include "core/base/nearest.hpp"
#include "core/base/text.hpp"

namespace signet {
namespace {

std::string is_pair(const std::string& text) {
  const auto at = text.find('=');
  const bool good = at != std::string::npos && at > 0 && at + 1 < text.size();
  return good ? std::string() : cat(signet::quoted(text), " is not of the form NAME=VALUE");
}

// A day alone is its first instant.
Result<TimePoint> time_in(const std::string& text) {
  constexpr std::size_t kDayBytes = 10;  // 2027-06-01
  return parse_time(text.size() == kDayBytes ? text + "T00:00:00Z" : text);
}

std::string is_time(const std::string& text) {
  const auto parsed = time_in(text);
  return parsed ? std::string() : parsed.error().what();
}

std::string is_seconds(const std::string& text) {
  constexpr std::uint64_t kHour = 3600;
  const auto seconds = parse_number(text);
  const bool good = seconds && *seconds >= 1 && *seconds <= kHour;
  return good ? std::string()
              : cat(signet::quoted(text, 60), " is not a number of seconds from 1 to 3600");
}

}  // namespace

CLI::Validator one_of(std::vector<std::string> words) {
  const auto check = [words = std::move(words)](const std::string& text) {
    if (std::find(words.begin(), words.end(), text) != words.end()) return std::string();
    const std::vector<std::string_view> known(words.begin(), words.end());
    const std::string_view meant = nearest(text, known);
    return cat(signet::quoted(text, 60), " is not one of ", join(words, ", "),
               meant.empty() ? "" : cat("; did you mean ", meant, "?"));
  };
  return {check, ""};
}

std::pair<std::string, std::string> halves(const std::string& text) {
  const auto at = text.find('=');
  return {text.substr(0, at), text.substr(at + 1)};
}

void add_registry_flags(CLI::App& command, RegistryFlags& flags) {
  const FlagGroup group(command, "Registries");
  command
      .add_option("--registry-config", flags.config,
                  "Docker config.json with the credentials to use")
      ->type_name("FILE");
  command
      .add_option("--registry-ca", flags.ca_files,
                  "PEM file of CAs to trust for registries, beside the system's (repeatable)")
      ->type_name("FILE");
  command
      .add_option("--plain-http-host", flags.plain_http_hosts,
                  "A registry that is spoken to without TLS (repeatable)")
      ->type_name("HOST[:PORT]");
  command.add_flag("--plain-http", flags.plain_http, "No TLS for the hosts of the given images");
  command
      .add_option_function<std::vector<std::string>>(
          "--layout",
          [&flags](const std::vector<std::string>& pairs) {
            for (const std::string& pair : pairs)
              flags.layouts.push_back(halves(pair));
          },
          "An OCI image layout that stands in for a registry prefix (repeatable)")
      ->check(CLI::Validator(is_pair, ""))
      ->type_name("PREFIX=DIR");
  command
      .add_option("--evidence", flags.evidence,
                  "Recorded evidence to judge from; no registry is asked (repeatable)")
      ->type_name("FILE");
}

void add_output_flag(CLI::App& command, OutputForm& output) {
  add_choice<OutputForm>(command, "--output,-o", output,
                         {{"text", OutputForm::text}, {"json", OutputForm::json}},
                         "The form of the result, text unless told");
}

void add_timeout_flag(CLI::App& command, std::chrono::seconds& timeout, const std::string& about) {
  command
      .add_option_function<std::string>(
          "--timeout",
          [&timeout](const std::string& text) {
            timeout = std::chrono::seconds(*parse_number(text));
          },
          about)
      ->check(CLI::Validator(is_seconds, ""))
      ->type_name("SECONDS");
}

void add_at_flag(CLI::App& command, std::optional<TimePoint>& at) {
  command
      .add_option_function<std::string>(
          "--at", [&at](const std::string& text) { at = *time_in(text); },
          "Judge as of this time, as in 2027-06-01 or 2027-06-01T12:00:00Z")
      ->check(CLI::Validator(is_time, ""))
      ->type_name("TIME");
}

}  // namespace signet
