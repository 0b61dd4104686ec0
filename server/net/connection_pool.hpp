#pragma once
// Idle connections that may serve the next request of their origin, and the turns that keep an
// origin from opening connections without bound (registry.md E.5).

#include <boost/asio/any_io_executor.hpp>
#include <deque>
#include <list>
#include <map>
#include <memory>
#include <string>

#include "server/net/connection.hpp"
#include "server/net/settings.hpp"

namespace signet {

class ConnectionPool {
 public:
  explicit ConnectionPool(PoolSettings settings) : settings_(settings) {}

  // A connection to that origin that is young, quiet and open; nullptr where there is none.
  std::unique_ptr<Connection> take(const std::string& origin, Deadline now);
  // Keeps a connection whose last reply was complete.
  void put(const std::string& origin, std::unique_ptr<Connection> connection, Deadline now);

  void clear();
  std::size_t size() const { return size_; }

 private:
  struct Idle {
    std::unique_ptr<Connection> connection;
    Deadline since;
  };

  void drop_old(Deadline now);
  bool is_old(const Idle& idle, Deadline now) const;

  PoolSettings settings_;
  std::map<std::string, std::deque<Idle>> idle_;  // the one used last at the back
  std::size_t size_ = 0;
};

}  // namespace signet
