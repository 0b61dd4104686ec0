#include "core/admission/custom_images.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "core/admission/json_view.hpp"
#include "core/admission/object_metadata.hpp"
#include "core/base/limits.hpp"
#include "core/base/text.hpp"

namespace signet {
namespace {

using Steps = std::span<const ImagePath::Step>;

// RFC 6901 section 3.
std::string escaped(std::string_view member) {
  std::string text;
  for (const char c : member) {
    if (c == '~') {
      text.append("~0");
    } else if (c == '/') {
      text.append("~1");
    } else {
      text.push_back(c);
    }
  }
  return text;
}

bool has_parameter(std::string_view text) {
  constexpr std::array<std::string_view, 3> kOpenings = {"$(", "{{", "${"};
  return std::any_of(kOpenings.begin(), kOpenings.end(), [text](std::string_view opening) {
    return text.find(opening) != std::string_view::npos;
  });
}

// A place in the object, as people and as patches write it.
struct Place {
  std::string field;
  std::string pointer;

  Place below(std::string_view member) const {
    return Place{field.empty() ? std::string(member) : cat(field, ".", member),
                 cat(pointer, "/", escaped(member))};
  }
  Place at(std::size_t index) const {
    const std::string number = std::to_string(index);
    return Place{cat(field, "[", number, "]"), cat(pointer, "/", number)};
  }
};

class CustomReader {
 public:
  explicit CustomReader(PodObject& into) : into_(into) {}

  // `element` stands at `place`; `name` is that of the last list entry on the way.
  Result<void> follow(JsonElement element, const Place& place, Steps steps,
                      const std::string& name) {
    if (element.is_null()) return {};
    if (steps.empty()) return take(element, place, name);
    JsonObject object;
    if (element.get_object().get(object) != simdjson::SUCCESS) {
      return malformed(cat(place.field, " must be an object"));
    }
    const auto next = member_of(object, steps[0].member);
    if (!next) return {};
    const Place below = place.below(steps[0].member);
    if (steps[0].each) return each(*next, below, steps.subspan(1));
    return follow(*next, below, steps.subspan(1), name);
  }

 private:
  Result<void> each(JsonElement element, const Place& place, Steps rest) {
    JsonArray list;
    if (element.get_array().get(list) != simdjson::SUCCESS) {
      return malformed(cat(place.field, " must be a list"));
    }
    std::size_t index = 0;
    for (const JsonElement entry : list) {
      const Place at = place.at(index++);
      auto done = follow(entry, at, rest, name_of_entry(entry));
      if (!done) return done;
    }
    return {};
  }

  // What tells an entry from its neighbours when they are put in another order.
  static std::string name_of_entry(JsonElement entry) {
    JsonObject object;
    if (entry.get_object().get(object) != simdjson::SUCCESS) return {};
    const auto name = name_in(object, "name", "");
    return name ? *name : std::string();
  }

  Result<void> take(JsonElement element, const Place& place, const std::string& name) {
    std::string_view text;
    if (element.get_string().get(text) != simdjson::SUCCESS) {
      return malformed(cat(place.field, " must be a string"));
    }
    if (has_parameter(text)) return note(into_.placeholders, place);
    if (trim(text).empty()) return note(into_.empty, place);
    PodImage image{ImageSlot::custom, name.empty() ? place.field : name,
                   std::string(text.substr(0, kReferenceBytes + 1)), place.pointer, place.field};
    return add_image(into_, std::move(image));
  }

  static Result<void> note(std::vector<std::string>& fields, const Place& place) {
    if (fields.size() < kImagesPerReview) fields.push_back(place.field);
    return {};
  }

  PodObject& into_;
};

}  // namespace

Result<PodObject> read_custom_object(const simdjson::dom::element& element,
                                     const ExtraResource& extra, const LabelNames* wanted) {
  JsonObject object;
  if (element.get_object().get(object) != simdjson::SUCCESS) {
    return malformed("request.object must be an object");
  }
  PodObject found;
  found.holder = PodObject::Holder::custom;
  if (auto done = read_metadata(object, found); !done) return done.error();
  if (auto done = read_labels(object, "", wanted, found.labels); !done) return done.error();
  CustomReader reader(found);
  for (const ImagePath& path : extra.paths) {
    if (auto done = reader.follow(element, Place{}, path.steps(), ""); !done) return done.error();
  }
  return found;
}

}  // namespace signet
