#pragma once
// `signet verify`: images against policies, explained.

#include <memory>

#include "core/policy/model.hpp"
#include "server/cli/arguments.hpp"
#include "server/cli/output.hpp"
#include "server/verify/verifier.hpp"

namespace signet {

// Judges every image, each within its own timeout, and prints as it goes. The exit code is that of
// the worst image: not trusted before could not check before trusted.
Task<int> verify_images(std::vector<Reference> images, const VerifyCommand& command,
                        std::shared_ptr<const PolicySet> policies, Verifier& verifier,
                        Output output);

}  // namespace signet
