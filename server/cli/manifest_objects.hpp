#pragma once
// What a parser of YAML or JSON says, one event at a time -> objects as JSON text, each handed on
// as soon as it is whole, the items of a list one by one: no more than one is held. Left out is
// what no decision depends on and what is large: `status` and `managedFields`.

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/limits.hpp"
#include "core/base/result.hpp"

namespace signet {

// What the aliases of one document stand for, written out: a manifest has a few lines of it, and
// one that grows without end has the more.
inline constexpr std::size_t kAliasBytes = 1 * kMiB;
// The same, as often as it is written out.
inline constexpr std::size_t kWrittenAliasBytes = 16 * kMiB;

struct ManifestObject {
  std::string_view json;      // until the handler returns
  std::string_view list_api;  // of the list it stands in, for items that do not say their own
  std::string_view list_kind;
};
// An error ends the reading.
using OnManifest = std::function<Result<void>(const ManifestObject&)>;

class ManifestObjects {
 public:
  enum class Shape { map, list };

  explicit ManifestObjects(OnManifest on_object) : on_object_(std::move(on_object)) {}

  // Where the next event stands, from 1; messages begin with it.
  void place(std::size_t line, std::size_t column) { at_ = {line, column}; }
  // Events. False: there is a problem, and none may follow. An empty anchor is none.
  bool open(Shape shape, std::string_view anchor = {});
  bool close();
  bool text(std::string_view value, std::string_view anchor = {});    // or a key
  bool literal(std::string_view json, std::string_view anchor = {});  // null, true, 12
  bool alias(std::string_view name);
  bool end_document();
  bool refuse(const Error& problem);

  const std::optional<Error>& problem() const { return problem_; }
  std::size_t documents() const { return documents_; }  // that are not empty

 private:
  struct At {
    std::size_t line = 0;
    std::size_t column = 0;
  };
  struct Level {
    Shape shape = Shape::map;
    std::string anchor;
    std::size_t begin = 0;  // in text_
    bool is_empty = true;
    bool wants_key = false;
    std::string key;  // whose value comes next
  };

  bool refuse(const Error& problem, At at);
  bool key(std::string_view name);
  bool scalar(std::string_view json, std::string_view anchor);
  void begin_value();
  void end_value(std::string_view anchor, std::size_t begin);
  bool hand_on();
  bool has_room();
  bool is_left_out(std::string_view name) const;
  bool is_items(Shape shape) const;

  OnManifest on_object_;
  At at_;
  std::string text_;      // of the object
  std::string envelope_;  // of the list whose items are read
  std::vector<Level> open_;
  bool in_items_ = false;
  bool had_items_ = false;
  bool leaves_out_ = false;   // the value that comes next
  std::size_t left_out_ = 0;  // levels of it that are open
  At begins_;                 // the object
  std::string list_api_;
  std::string list_kind_;
  std::map<std::string, std::string, std::less<>> anchors_;
  std::size_t anchored_ = 0;
  std::size_t written_ = 0;
  std::size_t documents_ = 0;
  std::optional<Error> problem_;
};

}  // namespace signet
