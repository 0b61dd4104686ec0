#pragma once
// Text as a value in the query of a URL or in a form.

#include <string>
#include <string_view>

namespace signet {

// RFC 3986: all but the unreserved characters as %XX.
std::string percent_encoded(std::string_view text);

}  // namespace signet
