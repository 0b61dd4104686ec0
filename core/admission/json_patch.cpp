#include "core/admission/json_patch.hpp"

#include "core/admission/json_text.hpp"

namespace signet {
namespace {

void add_step(std::string& patch, JsonWriter& steps, std::string_view op, std::string_view pointer,
              std::string_view value) {
  steps.begin();
  JsonWriter step(patch, JsonWriter::Shape::object);
  step.text("op", op).text("path", pointer).text("value", value).close();
}

}  // namespace

std::string json_patch(std::span<const Replacement> replacements) {
  std::string patch;
  if (replacements.empty()) return patch;
  JsonWriter steps(patch, JsonWriter::Shape::array);
  for (const Replacement& replacement : replacements) {
    add_step(patch, steps, "test", replacement.pointer, replacement.before);
    add_step(patch, steps, "replace", replacement.pointer, replacement.after);
  }
  steps.close();
  return patch;
}

}  // namespace signet
