#pragma once
// The bytes of an answer (webhook.md A.4): status, causes and warnings where they belong, a patch
// only with its type, the uid as it came.

#include <string>

#include "core/admission/decision.hpp"

namespace signet {

std::string render_response(const Review& review, const Decision& decision);

// The `status.reason` that goes with a status code.
std::string_view status_reason(int code);

}  // namespace signet
