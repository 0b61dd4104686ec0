#pragma once
// What commands that read registries once and end have in common.

#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>
#include <vector>

#include "server/app/registry_stack.hpp"
#include "server/cli/arguments.hpp"
#include "server/cli/image_argument.hpp"
#include "server/cli/output.hpp"
#include "server/verify/policy_store.hpp"

namespace signet {

// Says what is wrong with the command line or a file it names, and gives the exit code of that.
int usage_error(Output output, std::string_view command, const std::string& what);

// The time to judge by: `at`, else the clock of this machine, unless that is behind the program.
Result<Clock> clock_for(std::optional<TimePoint> at);
int clock_error(Output output, std::string_view command, const Error& error);

// Runs `work` on a loop of its own to its exit code.
int run_to_end(asio::io_context& loop, RegistryStack& registries, Task<int> work);

// The policies of files, all of them good; else policy_invalid with every issue, one a line.
Result<std::shared_ptr<const PolicySet>> good_policies(const std::vector<std::string>& paths,
                                                       NoMatch no_match = NoMatch::deny);

// Images as the command line names them; a layout among them is appended to `layouts`.
Result<std::vector<Reference>> references_of(const std::vector<std::string>& arguments,
                                             Layouts& layouts);

// The flags as settings. Plain HTTP for `images` where the bare flag asks for it; the rules for
// hosts and addresses are off, for here the user chooses what is contacted.
Result<RegistrySettings> settings_from(const RegistryFlags& flags,
                                       const std::vector<Reference>& images);

}  // namespace signet
