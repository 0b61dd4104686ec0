#include "server/app/commands.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdlib>

#include "core/base/limits.hpp"
#include "core/base/text.hpp"
#include "server/app/registry_stack.hpp"
#include "server/app/wall_clock.hpp"
#include "server/cli/flag_policy.hpp"
#include "server/cli/image_argument.hpp"
#include "server/cli/inspect.hpp"
#include "server/cli/verify.hpp"
#include "server/runtime/files.hpp"
#include "server/verify/policy_store.hpp"

namespace signet {
namespace {

int usage(Output output, std::string_view command, const std::string& what) {
  output.err << "signet " << command << ": " << what << '\n';
  return kExitUsage;
}

// A key or certificate that is well-formed and too weak was understood, and trusts nothing: a
// verdict. All else that is wrong with the flags or files is a matter of usage.
int refuse_trust(Output output, const Error& error) {
  const int code = usage(output, "verify", error.what());
  return error.reason() == Reason::cert_profile ? kExitNotTrusted : code;
}

// Runs `work` on a loop of its own to its exit code.
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

Result<std::shared_ptr<const PolicySet>> policies_of(const VerifyCommand& command) {
  if (command.policies.empty()) return policy_from_flags(command.trust);
  auto files = load_policy_files(command.policies, NoMatch::deny);
  if (!files) return files.error();
  if (files->issues.empty()) return files->set;
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

// The flags as settings. Plain HTTP for `images` where the bare flag asks for it; the rules for
// hosts and addresses are off, for here the user chooses what is contacted.
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
  settings.credentials_file = flags.config.empty() ? usual_credentials_file() : flags.config;
  for (const auto& [prefix, directory] : flags.layouts) {
    settings.layouts.push_back(LayoutMount{prefix, directory});
  }
  return settings;
}

}  // namespace

int run_verify(VerifyCommand command, Output output) {
  auto images = references_of(command.images, command.registry.layouts);
  if (!images) return usage(output, "verify", images.error().what());
  auto policies = policies_of(command);
  if (!policies) return refuse_trust(output, policies.error());
  auto settings = settings_from(command.registry, *images);
  if (!settings) return usage(output, "verify", settings.error().what());

  asio::io_context loop(1);
  auto registries = RegistryStack::make(loop, std::move(*settings), wall_clock);
  if (!registries) return usage(output, "verify", registries.error().what());
  const Clock clock = command.at ? Clock([at = *command.at] { return at; }) : Clock(wall_clock);
  Verifier verifier((*registries)->source(), clock);
  return run_to_end(loop, **registries,
                    verify_images(*images, command, *policies, verifier, output));
}

int run_inspect(InspectCommand command, Output output) {
  auto images = references_of({command.image}, command.registry.layouts);
  if (!images) return usage(output, "inspect", images.error().what());
  auto settings = settings_from(command.registry, *images);
  if (!settings) return usage(output, "inspect", settings.error().what());

  asio::io_context loop(1);
  auto registries = RegistryStack::make(loop, std::move(*settings), wall_clock);
  if (!registries) return usage(output, "inspect", registries.error().what());
  return run_to_end(loop, **registries,
                    inspect_image(images->front(), command, (*registries)->source(), output));
}

}  // namespace signet
