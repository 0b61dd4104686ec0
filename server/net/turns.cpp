#include "server/net/turns.hpp"

#include <algorithm>

namespace signet {

class Turns::Place {
 public:
  Place(Turns& turns, Ticket& ticket) : turns_(turns), ticket_(ticket) {
    turns_.queue_.push_back(&ticket_);
  }
  ~Place() {
    if (!ticket_.granted) turns_.queue_.remove(&ticket_);
    if (ticket_.granted && !kept_) turns_.release(ticket_.origin);
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

  void keep() { kept_ = true; }

 private:
  Turns& turns_;
  Ticket& ticket_;
  bool kept_ = false;
};

Turn::~Turn() {
  if (turns_ != nullptr) turns_->release(origin_);
}

Task<Result<Turn>> Turns::take(std::string origin, Deadline deadline) {
  if (has_room(origin)) {
    grant(origin);
    co_return Turn(*this, std::move(origin));
  }
  Ticket ticket;
  ticket.origin = origin;
  Place place(*this, ticket);
  co_await ticket.holder.wait(deadline);
  if (!ticket.granted) co_return Error(Reason::deadline, "the deadline passed");
  place.keep();
  co_return Turn(*this, std::move(origin));
}

bool Turns::has_room(const std::string& origin) const {
  const auto at = taken_by_origin_.find(origin);
  return taken_ < in_all_ && (at == taken_by_origin_.end() || at->second < per_origin_);
}

void Turns::grant(const std::string& origin) {
  ++taken_;
  ++taken_by_origin_[origin];
}

// The first in the queue whose origin has room is next.
void Turns::release(const std::string& origin) {
  --taken_;
  const auto at = taken_by_origin_.find(origin);
  if (--at->second == 0) taken_by_origin_.erase(at);
  const auto next = std::find_if(queue_.begin(), queue_.end(),
                                 [&](const Ticket* ticket) { return has_room(ticket->origin); });
  if (next == queue_.end()) return;
  Ticket& ticket = **next;
  queue_.erase(next);
  grant(ticket.origin);
  ticket.granted = true;
  ticket.holder.notify();
}

}  // namespace signet
