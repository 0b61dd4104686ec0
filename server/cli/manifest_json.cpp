// JSON, one document behind the other, event by event.

#include <istream>
#include <nlohmann/json.hpp>

#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "server/cli/manifest_input.hpp"

namespace signet {
namespace {

// Every member is an event of nlohmann's SAX interface.
class JsonEvents {
 public:
  JsonEvents(ManifestInput& input, ManifestObjects& objects) : input_(input), objects_(objects) {}

  bool null() { return literal("null"); }
  bool boolean(bool value) { return literal(value ? "true" : "false"); }
  bool number_integer(Json::number_integer_t) { return literal("0"); }
  bool number_unsigned(Json::number_unsigned_t) { return literal("0"); }
  bool number_float(Json::number_float_t, const std::string&) { return literal("0.5"); }
  bool string(const std::string& value) { return text(value); }
  bool key(const std::string& name) { return text(name); }
  bool binary(const Json::binary_t&) { return false; }
  bool start_object(std::size_t) { return open(ManifestObjects::Shape::map); }
  bool start_array(std::size_t) { return open(ManifestObjects::Shape::list); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }

  bool parse_error(std::size_t, const std::string&, const Json::exception& error) {
    // "[json.exception.parse_error.101] parse error at line 1, column 2: ..."
    const std::string_view what = error.what();
    const std::size_t name_ends = what.find("] ");
    const std::size_t begin = name_ends == std::string_view::npos ? 0 : name_ends + 2;
    return objects_.refuse(malformed(cat("this is not JSON: ", printable(what.substr(begin)))));
  }

 private:
  bool literal(std::string_view json) {
    input_.heard();
    return objects_.literal(json);
  }
  bool text(const std::string& value) {
    input_.heard();
    return objects_.text(value);
  }
  bool open(ManifestObjects::Shape shape) {
    input_.heard();
    return objects_.open(shape);
  }
  bool close() {
    input_.heard();
    return objects_.close();
  }

  ManifestInput& input_;
  ManifestObjects& objects_;
};

}  // namespace

void read_json_manifests(ManifestInput& input, ManifestObjects& objects) {
  std::istream stream(&input);
  JsonEvents events(input, objects);
  constexpr bool kWholeInput = false;
  while (stream >> std::ws && !stream.eof()) {
    const bool good = Json::sax_parse(stream, &events, Json::input_format_t::json, kWholeInput);
    if (!good || !objects.end_document()) return;
  }
}

}  // namespace signet
