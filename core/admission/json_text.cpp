#include "core/admission/json_text.hpp"

namespace signet {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";

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
  if (octet >= 0x20) {
    json.push_back(c);
    return;
  }
  json.append("\\u00");
  json.push_back(kHex[octet >> 4]);
  json.push_back(kHex[octet & 0xf]);
}

}  // namespace

void append_quoted(std::string& json, std::string_view text) {
  json.push_back('"');
  for (const char c : text)
    append_escaped(json, c);
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
