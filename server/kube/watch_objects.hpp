#pragma once
// What lists and watches say, read strictly: objects with a name, and events about them. What
// cannot be read is told apart from what is absent.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/kube/api.hpp"

namespace signet {

struct KubeObject {
  std::string ns;
  std::string name;
  std::string uid;
  std::string resource_version;
  std::int64_t generation = 0;
  // Without what changes with every write of a status, so that it is the same text as before then:
  // status, managedFields, resourceVersion.
  std::string json;
};

// A list, or a page of it.
struct KubePage {
  std::vector<KubeObject> items;
  std::string resource_version;
  std::string next;         // the continue token; empty: there is no more
  std::size_t ignored = 0;  // items without a name
};

enum class WatchEventKind { added, modified, deleted, bookmark, error };

struct WatchEvent {
  WatchEventKind kind = WatchEventKind::bookmark;
  KubeObject object;               // of a bookmark only its resource_version
  std::optional<KubeReply> error;  // the Status as an answer
};

// All fail with malformed_object or limit_exceeded.
Result<KubeObject> parse_kube_object(std::string_view json);
Result<KubePage> parse_kube_page(std::string_view json);
Result<WatchEvent> parse_watch_event(std::string_view line);

}  // namespace signet
