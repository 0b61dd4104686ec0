#pragma once
// How many exchanges may go on at once, with one origin and in all (registry.md E.5). The rest wait
// in order, each up to its own deadline. One thread.

#include <list>
#include <map>
#include <string>
#include <utility>

#include "server/runtime/task.hpp"
#include "server/runtime/waiters.hpp"

namespace signet {

class Turns;

// The right to one exchange, given back at the end of its scope. The Turns must outlive it.
class Turn {
 public:
  Turn(Turn&& other) noexcept
      : turns_(std::exchange(other.turns_, nullptr)), origin_(std::move(other.origin_)) {}
  Turn& operator=(Turn&&) = delete;
  ~Turn();

 private:
  friend class Turns;
  Turn(Turns& turns, std::string origin) : turns_(&turns), origin_(std::move(origin)) {}

  Turns* turns_;
  std::string origin_;
};

class Turns {
 public:
  Turns(std::size_t per_origin, std::size_t in_all) : per_origin_(per_origin), in_all_(in_all) {}
  Turns(const Turns&) = delete;
  Turns& operator=(const Turns&) = delete;

  // Fails with deadline.
  Task<Result<Turn>> take(std::string origin, Deadline deadline);

  std::size_t taken() const { return taken_; }
  std::size_t waiting() const { return queue_.size(); }

 private:
  friend class Turn;
  struct Ticket {
    std::string origin;
    Waiters holder;
    bool granted = false;
  };
  // In the queue until it is granted; gives back what was granted to a caller who had left.
  class Place;

  bool has_room(const std::string& origin) const;
  void grant(const std::string& origin);
  void release(const std::string& origin);

  std::size_t per_origin_;
  std::size_t in_all_;
  std::size_t taken_ = 0;
  std::map<std::string, std::size_t> taken_by_origin_;
  std::list<Ticket*> queue_;
};

}  // namespace signet
