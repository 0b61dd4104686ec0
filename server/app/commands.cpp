#include "server/app/commands.hpp"

#include "server/app/command_tools.hpp"
#include "server/app/wall_clock.hpp"
#include "server/cli/flag_policy.hpp"
#include "server/cli/inspect.hpp"
#include "server/cli/verify.hpp"

namespace signet {
namespace {

// A key or certificate that is well-formed and too weak was understood, and trusts nothing: a
// verdict. All else that is wrong with the flags or files is a matter of usage.
int refuse_trust(Output output, const Error& error) {
  const int code = usage_error(output, "verify", error.what());
  return error.reason() == Reason::cert_profile ? kExitNotTrusted : code;
}

Result<std::shared_ptr<const PolicySet>> policies_of(const VerifyCommand& command) {
  return command.policies.empty() ? policy_from_flags(command.trust)
                                  : good_policies(command.policies);
}

}  // namespace

int run(VerifyCommand command, Output output) {
  auto images = references_of(command.images, command.registry.layouts);
  if (!images) return usage_error(output, "verify", images.error().what());
  const auto clock = clock_for(command.at);
  if (!clock) return clock_error(output, "verify", clock.error());
  auto policies = policies_of(command);
  if (!policies) return refuse_trust(output, policies.error());
  auto settings = settings_from(command.registry, *images);
  if (!settings) return usage_error(output, "verify", settings.error().what());

  asio::io_context loop(1);
  auto registries = RegistryStack::make(loop, std::move(*settings), wall_clock);
  if (!registries) return usage_error(output, "verify", registries.error().what());
  Verifier verifier((*registries)->source(), *clock);
  return run_to_end(loop, **registries,
                    verify_images(*images, command, *policies, verifier, output));
}

int run(InspectCommand command, Output output) {
  auto images = references_of({command.image}, command.registry.layouts);
  if (!images) return usage_error(output, "inspect", images.error().what());
  auto settings = settings_from(command.registry, *images);
  if (!settings) return usage_error(output, "inspect", settings.error().what());

  asio::io_context loop(1);
  auto registries = RegistryStack::make(loop, std::move(*settings), wall_clock);
  if (!registries) return usage_error(output, "inspect", registries.error().what());
  return run_to_end(loop, **registries,
                    inspect_image(images->front(), command, (*registries)->source(), output));
}

}  // namespace signet
