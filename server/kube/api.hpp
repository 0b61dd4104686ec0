#pragma once
// The API server as everybody here sees it: one exchange, or one stream of lines. The real one is
// client.hpp; tests script theirs.

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/limits.hpp"
#include "core/base/result.hpp"
#include "server/runtime/task.hpp"

namespace signet {

class KubeRequest {
 public:
  KubeRequest(std::string method_, std::string path_)
      : method(std::move(method_)), path(std::move(path_)) {}

  std::string method;                 // GET, POST, PUT or PATCH
  std::string path;                   // with its query: "/api/v1/namespaces?limit=500"
  std::string body;                   // JSON
  std::string content_type;           // of the body; empty: application/json
  std::size_t body_limit = 4 * kMiB;  // of the answer, or of one line of a stream
};

// An answer, whatever its status: 404 and 409 are answers that callers act upon.
class KubeReply {
 public:
  unsigned status = 0;
  std::string body;  // an object, a list, or a Status
  std::optional<std::chrono::milliseconds> retry_after;

  bool ok() const { return status >= 200 && status < 300; }
  // What the API server says is wrong: `secrets "regcred" is forbidden: ...`; never empty.
  std::string message() const;
};

class KubeApi {
 public:
  using OnLine = std::function<Result<void>(std::string_view line)>;

  virtual ~KubeApi() = default;
  // Any status is a reply. Fails with config_not_ready where there is no address or no token, and
  // as the transport does; what failed for its connection may be asked again.
  virtual Task<Result<KubeReply>> send(KubeRequest request, Deadline deadline) = 0;
  // Hands out each line of a reply of status 200 as it comes, without its end; an error of
  // `on_line` ends the stream with it. Any other status is given as a whole, as send() does; a
  // stream that the server ended is a reply of status 200 without body.
  virtual Task<Result<KubeReply>> stream(KubeRequest request, OnLine on_line,
                                         std::chrono::milliseconds silence, Deadline deadline) = 0;
};

}  // namespace signet
