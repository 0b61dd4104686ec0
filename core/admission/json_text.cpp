#include "core/admission/json_text.hpp"

#include <algorithm>
#include <array>

namespace signet {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";

// Which octets stand for themselves.
constexpr std::array<bool, 256> kPlain = [] {
  std::array<bool, 256> plain{};
  for (std::size_t octet = 0x20; octet < plain.size(); ++octet)
    plain[octet] = octet != '"' && octet != '\\';
  return plain;
}();

// One character that is not plain.
void append_escaped(std::string& json, char c) {
  const auto octet = static_cast<unsigned char>(c);
  switch (c) {
    case '"':
      json.append("\\\"");
      return;
    case '\\':
      json.append("\\\\");
      return;
    case '\n':
      json.append("\\n");
      return;
    default:
      break;
  }
  json.append("\\u00");
  json.push_back(kHex[octet >> 4]);
  json.push_back(kHex[octet & 0xf]);
}

}  // namespace

void append_quoted(std::string& json, std::string_view text) {
  json.push_back('"');
  const auto is_plain = [](char c) { return kPlain[static_cast<unsigned char>(c)]; };
  while (!text.empty()) {
    const auto other = std::find_if_not(text.begin(), text.end(), is_plain);
    const auto run = static_cast<std::size_t>(other - text.begin());
    json.append(text.substr(0, run));
    text.remove_prefix(run);
    if (text.empty()) break;
    append_escaped(json, text.front());
    text.remove_prefix(1);
  }
  json.push_back('"');
}

JsonWriter::JsonWriter(std::string& json, Shape shape) : json_(json), shape_(shape) {
  json_.push_back(shape == Shape::object ? '{' : '[');
}

JsonWriter& JsonWriter::text(std::string_view name, std::string_view value) {
  begin(name);
  append_quoted(json_, value);
  return *this;
}

JsonWriter& JsonWriter::raw(std::string_view name, std::string_view json) {
  begin(name);
  json_.append(json);
  return *this;
}

JsonWriter& JsonWriter::element(std::string_view text) {
  begin();
  append_quoted(json_, text);
  return *this;
}

JsonWriter& JsonWriter::raw_element(std::string_view json) {
  begin();
  json_.append(json);
  return *this;
}

void JsonWriter::begin(std::string_view name) {
  begin();
  append_quoted(json_, name);
  json_.push_back(':');
}

void JsonWriter::begin() {
  if (!first_) json_.push_back(',');
  first_ = false;
}

void JsonWriter::close() {
  json_.push_back(shape_ == Shape::object ? '}' : ']');
}

}  // namespace signet
