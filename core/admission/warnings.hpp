#pragma once
// Warnings within the limits that all webhooks of one request share (webhook.md A.5). A control
// character would make the API server drop the whole warning in silence.

#include <span>
#include <string>
#include <vector>

namespace signet {

// Each once, printable, cut, and at most kWarnings; the last one says how many were left out.
std::vector<std::string> bounded_warnings(std::span<const std::string> warnings);

}  // namespace signet
