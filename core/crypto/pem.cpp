#include "core/crypto/pem.hpp"

#include "core/base/text.hpp"

namespace signet {
namespace {

constexpr std::string_view kBegin = "-----BEGIN ";
constexpr std::string_view kEnd = "-----END ";
constexpr std::string_view kDashes = "-----";
constexpr std::size_t kPemLabelBytes = 64;

bool good_label(std::string_view label) {
  for (const char c : label) {
    if (!is_upper(c) && !is_digit(c) && c != ' ' && c != '-') return false;
  }
  return !label.empty() && label.size() <= kPemLabelBytes && trim(label) == label;
}

std::string without_white_space(std::string_view text) {
  std::string kept;
  kept.reserve(text.size());
  for (const char c : text) {
    if (c != ' ' && c != '\t' && c != '\r' && c != '\n') kept.push_back(c);
  }
  return kept;
}

// Text outside of blocks may say anything but the markers of a block.
Result<void> check_outside(std::string_view text) {
  if (text.find(kEnd) != std::string_view::npos) return malformed("PEM END without its BEGIN");
  return {};
}

// Cuts the label off a text that begins behind "-----BEGIN ".
Result<std::string_view> take_label(std::string_view& text) {
  const auto end = text.find(kDashes);
  if (end == std::string_view::npos || !good_label(text.substr(0, end))) {
    return malformed("a PEM block without a proper label");
  }
  const std::string_view label = text.substr(0, end);
  text.remove_prefix(end + kDashes.size());
  return label;
}

// Cuts one block off a text that begins behind "-----BEGIN ".
Result<PemBlock> take_block(std::string_view& text) {
  const auto label = take_label(text);
  if (!label) return label.error();
  const std::string name = cat("PEM block ", *label);
  const std::string closing = cat(kEnd, *label, kDashes);
  const auto end = text.find(kDashes);
  if (end == std::string_view::npos || !text.substr(end).starts_with(closing)) {
    return malformed(cat(name, " does not end with its own END line"));
  }
  auto der = unbase64(without_white_space(text.substr(0, end)), Base64::standard);
  if (!der) return der.error().under(name);
  if (der->empty()) return malformed(cat(name, " is empty"));
  text.remove_prefix(end + closing.size());
  if (!text.empty() && text.front() != '\n' && text.front() != '\r') {
    return malformed(cat(name, ": text behind its END"));
  }
  return PemBlock{std::string(*label), std::move(*der)};
}

// The first octets of every certificate and key in DER: a SEQUENCE of more than 127 octets.
bool is_der(std::string_view text) {
  return text.size() > 1 && text[0] == '\x30' && (text[1] == '\x81' || text[1] == '\x82');
}

}  // namespace

Result<std::vector<PemBlock>> parse_pem(Bytes text, std::size_t most) {
  std::string_view rest = trim(text);
  if (rest.empty()) return malformed("an empty text where PEM should be");
  std::vector<PemBlock> blocks;
  while (!rest.empty()) {
    const auto begin = rest.find(kBegin);
    if (begin == std::string_view::npos) break;
    if (begin != 0 && rest[begin - 1] != '\n') {
      return malformed("a PEM block that does not begin at the start of a line");
    }
    const auto outside = check_outside(rest.substr(0, begin));
    if (!outside) return outside.error();
    if (blocks.size() == most) {
      return too_large(cat("more than ", std::to_string(most), " PEM blocks"));
    }
    rest.remove_prefix(begin + kBegin.size());
    auto block = take_block(rest);
    if (!block) return block.error();
    blocks.push_back(std::move(*block));
  }
  if (blocks.empty() && is_der(text)) {
    return malformed("this is DER; make PEM of it with openssl (-inform DER)");
  }
  if (blocks.empty()) return malformed("no PEM block (-----BEGIN ...-----) in the text");
  if (!trim(rest).empty()) return malformed("text after the last PEM block");
  return blocks;
}

}  // namespace signet
