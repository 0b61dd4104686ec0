#include "server/web/router.hpp"

namespace signet {
namespace {

bool covers(const Route& route, const RequestHead& head) {
  if (route.path.ends_with('/')) {
    return head.path.size() > route.path.size() && head.path.starts_with(route.path);
  }
  return head.path == route.path;
}

bool allows(const Route& route, const RequestHead& head) {
  return route.method == head.method || (route.method == "GET" && head.method == "HEAD");
}

}  // namespace

std::variant<const Route*, WebReply> Router::find(const RequestHead& head) const {
  std::string allowed;
  for (const Route& route : routes_) {
    if (!covers(route, head)) continue;
    if (!allows(route, head)) {
      allowed.append(allowed.empty() ? "" : ", ").append(route.method);
      if (route.method == "GET") allowed.append(", HEAD");
      continue;
    }
    if (route.method == "POST" && head.content_type != "application/json") {
      return WebReply::text(415, "Content-Type must be application/json\n");
    }
    return &route;
  }
  if (allowed.empty()) return WebReply::text(404, "no such path\n");
  WebReply reply = WebReply::text(405, "this path takes " + allowed + "\n");
  reply.allow = std::move(allowed);
  return reply;
}

std::string Router::label_of(const RequestHead& head) const {
  for (const Route& route : routes_) {
    if (!covers(route, head)) continue;
    return route.path.ends_with('/') ? route.path.substr(0, route.path.size() - 1) : route.path;
  }
  return "other";
}

}  // namespace signet
