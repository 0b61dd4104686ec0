#include "server/cli/manifests.hpp"

#include <algorithm>
#include <cstring>

#include "core/base/text.hpp"
#include "server/cli/manifest_input.hpp"

namespace signet {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// Behind what may stand before a document; empty where none has begun yet.
std::string_view content_of(std::string_view start) {
  const bool is_mark = kByteOrderMark.starts_with(start.substr(0, kByteOrderMark.size()));
  if (is_mark) start.remove_prefix(std::min(start.size(), kByteOrderMark.size()));
  return trim(start);
}

}  // namespace

// ---- bytes

ManifestInput::int_type ManifestInput::underflow() {
  if (problem_) return traits_type::eof();
  if (unheard_ > kReviewBytes) {
    problem_ = too_large("one value is longer than 7 MiB, and the API server takes 3");
    return traits_type::eof();
  }
  chunk_.resize(kChunk);
  const auto count = read_(chunk_);
  if (!count) problem_ = count.error();
  if (!count || *count == 0) return traits_type::eof();
  unheard_ += *count;
  setg(chunk_.data(), chunk_.data(), chunk_.data() + *count);
  return traits_type::to_int_type(*gptr());
}

// What there is, instead of all that is asked for.
std::streamsize ManifestInput::xsgetn(char* to, std::streamsize most) {
  if (gptr() == egptr() && underflow() == traits_type::eof()) return 0;
  const std::streamsize count = std::min<std::streamsize>(most, egptr() - gptr());
  std::memcpy(to, gptr(), static_cast<std::size_t>(count));
  gbump(static_cast<int>(count));
  return count;
}

// A pipe may give what comes first in pieces.
bool ManifestInput::begins_with_brace() {
  std::string start;
  std::string piece(kChunk, '\0');
  while (start.size() < kChunk && content_of(start).empty()) {
    const auto count = read_(std::span(piece).first(kChunk - start.size()));
    if (!count) problem_ = count.error();
    if (!count || *count == 0) break;
    start.append(piece, 0, *count);
  }
  chunk_ = std::move(start);
  unheard_ = chunk_.size();
  const std::size_t mark = chunk_.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
  setg(chunk_.data(), chunk_.data() + mark, chunk_.data() + chunk_.size());
  return content_of(chunk_).starts_with('{');
}

// ---- objects

Result<void> read_manifests(const ReadBytes& read, const OnManifest& on_object) {
  ManifestInput input(read);
  ManifestObjects objects([&](const ManifestObject& object) { return on_object(object); });
  if (input.begins_with_brace()) {
    read_json_manifests(input, objects);
  } else {
    read_yaml_manifests(input, objects);
  }
  // An input that broke off makes a parser complain, too.
  if (input.problem()) return *input.problem();
  if (objects.problem()) return *objects.problem();
  if (objects.documents() == 0) return malformed("there is no object in it");
  return {};
}

}  // namespace signet
