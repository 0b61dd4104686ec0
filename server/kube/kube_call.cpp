#include <algorithm>

#include "core/base/text.hpp"
#include "server/kube/client.hpp"

namespace signet {
namespace {

std::string_view written(std::string_view method) {
  if (method == "POST") return "create";
  return method == "PUT" ? "update" : "patch";
}

}  // namespace

// /api/v1/... and /apis/GROUP/VERSION/..., then [namespaces/NAMESPACE/]RESOURCE[/NAME[/PART]].
KubeCall KubeCall::of(std::string_view method, std::string_view path) {
  const std::size_t query = std::min(path.find('?'), path.size());
  const bool watches = path.substr(query).find("watch=1") != std::string_view::npos;
  auto parts = split(path.substr(0, query), '/');
  const std::size_t prefix = path.starts_with("/apis/") ? 4 : 3;
  parts.erase(parts.begin(), parts.begin() + static_cast<long>(std::min(prefix, parts.size())));
  if (parts.size() > 2 && parts[0] == "namespaces") parts.erase(parts.begin(), parts.begin() + 2);
  KubeCall call;
  if (!parts.empty()) call.resource = parts[0];
  if (method != "GET") {
    call.verb = written(method);
  } else if (watches) {
    call.verb = "watch";
  } else {
    call.verb = parts.size() > 1 ? "get" : "list";
  }
  return call;
}

}  // namespace signet
