#pragma once
// Strict access to the fields of signature documents: a member or a character that nobody expects
// is an error, because two readers may understand it differently.

#include <initializer_list>
#include <map>
#include <string>
#include <string_view>

#include "core/base/bytes.hpp"
#include "core/base/json.hpp"

namespace signet {

// Fails with malformed_object where `object` has a member that is not in `known`, naming it.
Result<void> only_members(const Json& object, std::initializer_list<std::string_view> known);

// Decodes `text`; fails with malformed_object unless the encoding is the one an encoder writes
// (unused trailing bits are zero), and with limit_exceeded beyond `most` decoded bytes, before
// anything is decoded.
Result<Blob> decode_base64(std::string_view text, Base64 variant, std::size_t most);

// The members of `object` whose values are strings; the others are no annotations.
std::map<std::string, std::string> string_members(const Json& object);

// What a document's parser said, told as `reason`; a bound that was exceeded stays one.
Error told_as(const Error& error, Reason reason);

}  // namespace signet
