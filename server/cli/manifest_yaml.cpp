// YAML by libyaml: cluster dumps have tens of megabytes, and the reader of policies takes seven
// times as long for them.

#include <yaml.h>

#include <algorithm>
#include <memory>
#include <new>

#include "core/base/text.hpp"
#include "core/policy/yaml_scalars.hpp"
#include "server/cli/manifest_input.hpp"

namespace signet {
namespace {

constexpr std::string_view kTextTag = "tag:yaml.org,2002:str";

std::string_view text_of(const yaml_char_t* text) {
  return text == nullptr ? std::string_view() : reinterpret_cast<const char*>(text);
}

// Types count here, not numbers: what JSON does not spell that way is another one.
std::string_view json_number(std::string_view text) {
  const bool is_whole = std::all_of(text.begin(), text.end(), is_digit);
  return is_whole && (text.size() == 1 || text.front() != '0') ? text : std::string_view("0.5");
}

class YamlEvents {
 public:
  YamlEvents(ManifestInput& input, ManifestObjects& objects) : input_(input), objects_(objects) {
    if (yaml_parser_initialize(&parser_) == 0) throw std::bad_alloc();
    yaml_parser_set_input(&parser_, read, &input_);
  }
  ~YamlEvents() { yaml_parser_delete(&parser_); }
  YamlEvents(const YamlEvents&) = delete;
  YamlEvents& operator=(const YamlEvents&) = delete;

  void run() {
    while (step()) {
    }
  }

 private:
  static int read(void* input, unsigned char* to, std::size_t most, std::size_t* count) {
    auto& bytes = *static_cast<ManifestInput*>(input);
    *count = static_cast<std::size_t>(
        bytes.sgetn(reinterpret_cast<char*>(to), static_cast<std::streamsize>(most)));
    return 1;
  }

  bool step() {
    yaml_event_t event;
    if (yaml_parser_parse(&parser_, &event) == 0) return fail();
    const std::unique_ptr<yaml_event_t, void (*)(yaml_event_t*)> owner(&event, yaml_event_delete);
    input_.heard();
    objects_.place(event.start_mark.line + 1, event.start_mark.column + 1);
    return event.type != YAML_STREAM_END_EVENT && tell(event);
  }

  bool tell(const yaml_event_t& event) {
    const auto& data = event.data;
    switch (event.type) {
      case YAML_SCALAR_EVENT:
        return tell_scalar(event);
      case YAML_MAPPING_START_EVENT:
        return has_no_tag(data.mapping_start.tag) &&
               objects_.open(ManifestObjects::Shape::map, text_of(data.mapping_start.anchor));
      case YAML_SEQUENCE_START_EVENT:
        return has_no_tag(data.sequence_start.tag) &&
               objects_.open(ManifestObjects::Shape::list, text_of(data.sequence_start.anchor));
      case YAML_MAPPING_END_EVENT:
      case YAML_SEQUENCE_END_EVENT:
        return objects_.close();
      case YAML_ALIAS_EVENT:
        return objects_.alias(text_of(data.alias.anchor));
      case YAML_DOCUMENT_END_EVENT:
        return objects_.end_document();
      default:
        return true;
    }
  }

  bool tell_scalar(const yaml_event_t& event) {
    const auto& scalar = event.data.scalar;
    const std::string_view value(reinterpret_cast<const char*>(scalar.value), scalar.length);
    const std::string_view anchor = text_of(scalar.anchor);
    const std::string_view tag = text_of(scalar.tag);
    if (tag != kTextTag && tag != "!" && !has_no_tag(scalar.tag)) return false;
    const bool is_text = !tag.empty() || scalar.style != YAML_PLAIN_SCALAR_STYLE;
    const YamlNode::Kind kind = is_text ? YamlNode::Kind::string : kind_of_plain(value);
    switch (kind) {
      case YamlNode::Kind::null:
        return objects_.literal("null", anchor);
      case YamlNode::Kind::boolean:
        return objects_.literal(to_lower(value), anchor);
      case YamlNode::Kind::number:
        return objects_.literal(json_number(value), anchor);
      default:
        return objects_.text(value, anchor);
    }
  }

  bool has_no_tag(const yaml_char_t* tag) {
    if (tag == nullptr) return true;
    return objects_.refuse(
        malformed(cat("tags (", quoted(text_of(tag), 60), ") are not read; take it out")));
  }

  bool fail() {
    const std::string what = parser_.problem == nullptr ? "it cannot be read" : parser_.problem;
    const bool of_bytes = parser_.error == YAML_READER_ERROR;
    const yaml_mark_t& mark = of_bytes ? parser_.mark : parser_.problem_mark;
    objects_.place(mark.line + 1, mark.column + 1);
    return objects_.refuse(malformed(cat("this is neither YAML nor JSON: ", printable(what))));
  }

  ManifestInput& input_;
  ManifestObjects& objects_;
  yaml_parser_t parser_{};
};

}  // namespace

void read_yaml_manifests(ManifestInput& input, ManifestObjects& objects) {
  YamlEvents(input, objects).run();
}

}  // namespace signet
