#pragma once
// What a registry's refusal means to us: status and error body to an Error with its reason. The
// body is a stranger's text and never reaches a message; of it only a code of the specification
// does.

#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace signet {

// The first code of a distribution error body, if it is one that the specification knows.
std::string error_code_of(std::string_view body);
// The first message of the body for a log: printable, at most 200 characters.
std::string error_message_of(std::string_view body);

// `what` names the thing that was asked for ("quay.io/a/b:1"), `host` the registry. Any status that
// is no success.
Error refusal(unsigned status, std::string_view body, std::string_view what, std::string_view host);

}  // namespace signet
