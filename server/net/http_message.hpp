#pragma once
// One HTTP request and its reply, as values.

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/limits.hpp"
#include "server/net/url.hpp"

namespace signet {

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

enum class RegistryOperation { head_manifest, get_manifest, get_blob, referrers, token };
std::string_view name_of(RegistryOperation operation);

// Takes the body of a reply of 2xx piece by piece as it comes, so that it need never end; an error
// ends the exchange with it.
struct BodyStream {
  std::function<Result<void>(std::string_view octets)> take;
  std::chrono::milliseconds silence;  // between two pieces; only the caller's deadline bounds all
};

class HttpRequest {
 public:
  HttpRequest(std::string method_, Url url_) : method(std::move(method_)), url(std::move(url_)) {}

  std::string method;  // GET, HEAD, POST, PUT or PATCH
  Url url;
  HttpHeaders headers;  // Host, User-Agent and Accept-Encoding: identity are added by the transport
  std::string body;
  std::size_t body_limit =
      kManifestBytes;          // of the reply; beyond it limit_exceeded, while streaming
  std::string tenant;          // whose share of the connections it takes; empty: the program's own
  std::string credential;      // the id of the login that is shown; empty: none
  bool tenants_login = false;  // which is the tenant's own
  unsigned attempt = 1;        // of the same request
  RegistryOperation operation = RegistryOperation::get_manifest;  // what it is counted as
  bool plain_ok = false;               // the body proves itself by a signature: plain HTTP will do
  std::optional<BodyStream> stream{};  // then body_limit does not count
  bool hash_verified = false;          // only then may the reply's body end with the connection
};

struct HttpReply {
  unsigned status = 0;
  HttpHeaders headers;
  std::string body;
  Url url;  // who answered

  // The value of the first field of that name (any case); nullptr where there is none.
  const std::string* header(std::string_view name) const;
  std::vector<std::string_view> headers_named(std::string_view name) const;
};

}  // namespace signet
