#pragma once
// Which handler answers which method and path; everything else gets its plain answer before a body
// is read.

#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "server/web/message.hpp"
#include "server/web/request_head.hpp"

namespace signet {

using Handler = std::function<Task<WebReply>(WebRequest)>;

struct Route {
  std::string method;  // GET also answers HEAD
  std::string path;    // ends with "/": everything below it
  Handler handler;
};

class Router {
 public:
  void add(Route route) { routes_.push_back(std::move(route)); }

  // The route, or 404, 405, 415 (what is posted here is JSON).
  std::variant<const Route*, WebReply> find(const RequestHead& head) const;
  // The path as a label: of a known route, else "other".
  std::string label_of(const RequestHead& head) const;

 private:
  std::vector<Route> routes_;
};

}  // namespace signet
