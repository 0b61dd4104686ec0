#pragma once
// Writes JSON into a text, member by member; for answers, whose shape is fixed and whose writing is
// on the warm path.

#include <string>
#include <string_view>

namespace signet {

// `text` as a JSON string with its quotes; must be UTF-8.
void append_quoted(std::string& json, std::string_view text);

// One object or array under construction; closed by close().
class JsonWriter {
 public:
  enum class Shape { object, array };
  JsonWriter(std::string& json, Shape shape);

  JsonWriter& text(std::string_view name, std::string_view value);
  JsonWriter& raw(std::string_view name, std::string_view json);
  JsonWriter& element(std::string_view text);
  JsonWriter& raw_element(std::string_view json);
  // Starts a member or element whose value the caller appends.
  void begin(std::string_view name);
  void begin();
  void close();

 private:
  std::string& json_;
  Shape shape_;
  bool first_ = true;
};

}  // namespace signet
