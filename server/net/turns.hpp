#pragma once
// How many exchanges may go on at once, with one origin and in all (registry.md E.5, H.14). The
// rest wait, each up to its own deadline; a free turn goes to the tenant that has fewest, so that
// no namespace's herd holds back another. One thread.

#include <cstdint>
#include <list>
#include <map>
#include <string>
#include <utility>

#include "server/runtime/task.hpp"
#include "server/runtime/waiters.hpp"

namespace signet {

class Turns;

struct TurnLimits {
  std::size_t per_origin = 16;
  std::size_t in_all = 256;
  std::size_t waiting_per_origin = 512;
  std::size_t waiting = 4096;
};

// Who asks for a turn, and where.
struct Claim {
  std::string origin;
  std::string tenant;
};

// The right to one exchange, given back at the end of its scope. The Turns must outlive it.
class Turn {
 public:
  Turn(Turn&& other) noexcept
      : turns_(std::exchange(other.turns_, nullptr)), claim_(std::move(other.claim_)) {}
  Turn& operator=(Turn&&) = delete;
  ~Turn();

 private:
  friend class Turns;
  Turn(Turns& turns, Claim claim) : turns_(&turns), claim_(std::move(claim)) {}

  Turns* turns_;
  Claim claim_;
};

class Turns {
 public:
  explicit Turns(TurnLimits limits) : limits_(limits) {}
  Turns(const Turns&) = delete;
  Turns& operator=(const Turns&) = delete;

  // Fails with deadline, or at once with overloaded: a full queue refuses the newest of the tenant
  // that has most in it.
  Task<Result<Turn>> take(Claim claim, Deadline deadline);

  std::size_t taken() const { return all_.taken; }
  std::size_t waiting() const { return all_.waiting; }

 private:
  friend class Turn;
  // What one tenant has, at one origin or in all.
  struct Share {
    std::size_t taken = 0;
    std::size_t waiting = 0;
    std::uint64_t served = 0;  // which grant was its last
  };
  // Of one origin, or of all.
  struct Load {
    std::size_t taken = 0;
    std::size_t waiting = 0;
    std::map<std::string, Share> tenants;
  };
  enum class TicketState { waiting, granted, refused };
  struct Ticket;
  // In the queue until it is granted; gives back what was granted to a caller who had left.
  class Place;

  bool has_room(const Load& origin) const;
  void grant(const Claim& claim);
  void release(const Claim& claim);
  void enter(Ticket& ticket);
  void leave(Ticket& ticket, TicketState to);
  void hand_on();
  void bound_the_queue(const Ticket& newest);
  void refuse_one(const Load* origin);
  void forget_if_idle(const Claim& claim);

  TurnLimits limits_;
  Load all_;
  std::map<std::string, Load> origins_;
  std::list<Ticket*> queue_;
  std::uint64_t grants_ = 0;
};

}  // namespace signet
