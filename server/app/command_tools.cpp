#include "server/app/command_tools.hpp"

#include <boost/asio/co_spawn.hpp>
#include <cstdlib>

#include "core/base/limits.hpp"
#include "core/base/text.hpp"
#include "server/app/build_time.hpp"
#include "server/app/wall_clock.hpp"
#include "server/runtime/files.hpp"

namespace signet {
namespace {

// Where docker, crane and cosign keep logins; nothing where there is no such file.
std::string usual_credentials_file() {
  const char* const directory = std::getenv("DOCKER_CONFIG");
  const char* const home = std::getenv("HOME");
  std::string file;
  if (directory != nullptr && *directory != '\0') {
    file = cat(directory, "/config.json");
  } else if (home != nullptr && *home != '\0') {
    file = cat(home, "/.docker/config.json");
  }
  return kind_of(file) == PathKind::file ? file : std::string();
}

}  // namespace

int usage_error(Output output, std::string_view command, const std::string& what) {
  output.err << "signet " << command << ": " << what << '\n';
  return kExitUsage;
}

Result<Clock> clock_for(std::optional<TimePoint> at) {
  if (at) return Clock([when = *at] { return when; });
  const auto sound = sound_clock(wall_clock());
  if (!sound) return Error(Reason::clock, cat(sound.error().what(), ", or give --at TIME"));
  return Clock(wall_clock);
}

int clock_error(Output output, std::string_view command, const Error& error) {
  usage_error(output, command, error.what());
  return kExitConfig;
}

int run_to_end(asio::io_context& loop, RegistryStack& registries, Task<int> work) {
  int code = kExitUnchecked;
  std::exception_ptr failure;
  const auto body = [](Task<int> task, int& exit_code) -> Task<void> {
    exit_code = co_await std::move(task);
  };
  asio::co_spawn(loop, body(std::move(work), code), [&](const std::exception_ptr& thrown) {
    failure = thrown;
    registries.close();
  });
  loop.run();
  if (failure) std::rethrow_exception(failure);
  return code;
}

Result<std::shared_ptr<const PolicySet>> good_policies(const std::vector<std::string>& paths,
                                                       NoMatch no_match) {
  auto files = load_policy_files(paths, no_match);
  if (!files) return files.error();
  if (files->issues.empty() && !files->set->policies.empty()) return files->set;
  if (files->issues.empty()) return no_policies_in(paths);
  std::vector<std::string> lines;
  for (const Issue& issue : files->issues)
    lines.push_back(issue.str());
  return Error(Reason::policy_invalid,
               cat("policies with errors decide nothing; mend these:\n", join(lines, "\n")));
}

Result<std::vector<Reference>> references_of(const std::vector<std::string>& arguments,
                                             Layouts& layouts) {
  std::vector<Reference> images;
  for (const std::string& argument : arguments) {
    auto image = parse_image_argument(argument, layouts);
    if (!image) return image.error();
    images.push_back(std::move(*image));
  }
  return images;
}

Result<RegistrySettings> settings_from(const RegistryFlags& flags,
                                       const std::vector<Reference>& images) {
  RegistrySettings settings;
  settings.net.addresses.enabled = false;
  settings.net.plain_http = flags.plain_http_hosts;
  if (flags.plain_http) {
    for (const Reference& image : images)
      settings.net.plain_http.push_back(image.repository().domain);
  }
  for (const std::string& file : flags.ca_files) {
    auto pem = read_file(file, kTrustPemBytes);
    if (!pem) return pem.error();
    auto certificates = parse_certificates(*pem, kTrustRootCertificates);
    if (!certificates) return certificates.error().under(file);
    settings.net.ca_pem += cat(*pem, "\n");
  }
  settings.evidence = flags.evidence;
  settings.credentials_file = flags.config;
  if (flags.config.empty() && flags.evidence.empty()) {
    settings.credentials_file = usual_credentials_file();
  }
  for (const auto& [prefix, directory] : flags.layouts) {
    settings.layouts.push_back(LayoutMount{prefix, directory});
  }
  return settings;
}

}  // namespace signet
