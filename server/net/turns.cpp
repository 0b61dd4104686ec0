#include "server/net/turns.hpp"

#include <tuple>

#include "core/base/text.hpp"

namespace signet {

struct Turns::Ticket {
  using State = TicketState;

  Claim claim;
  // Valid while it waits, for it is counted in them.
  Load* origin = nullptr;
  Share* at_origin = nullptr;
  Share* in_all = nullptr;
  State state = State::waiting;
  Waiters holder;

  // Fewest turns at this origin, then in all, then whose last one is longest ago.
  bool precedes(const Ticket& other) const {
    return std::tie(at_origin->taken, in_all->taken, in_all->served) <
           std::tie(other.at_origin->taken, other.in_all->taken, other.in_all->served);
  }
};

class Turns::Place {
 public:
  Place(Turns& turns, Ticket& ticket) : turns_(turns), ticket_(ticket) { turns_.enter(ticket_); }
  ~Place() {
    if (ticket_.state == Ticket::State::waiting) turns_.leave(ticket_, Ticket::State::refused);
    if (ticket_.state == Ticket::State::granted && !kept_) turns_.release(ticket_.claim);
    turns_.forget_if_idle(ticket_.claim);
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
  if (turns_ != nullptr) turns_->release(claim_);
}

Task<Result<Turn>> Turns::take(Claim claim, Deadline deadline) {
  if (has_room(origins_[claim.origin])) {
    grant(claim);
    co_return Turn(*this, std::move(claim));
  }
  Ticket ticket;
  ticket.claim = claim;
  Place place(*this, ticket);
  bound_the_queue(ticket);
  if (ticket.state == Ticket::State::waiting) co_await ticket.holder.wait(deadline);
  if (ticket.state == Ticket::State::refused) {
    co_return Error(Reason::overloaded,
                    cat("too many requests to ", claim.origin, " are waiting; try again"));
  }
  if (ticket.state == Ticket::State::waiting) {
    co_return Error(Reason::deadline,
                    cat("the deadline passed while others waited for ", claim.origin));
  }
  place.keep();
  co_return Turn(*this, std::move(claim));
}

bool Turns::has_room(const Load& origin) const {
  return all_.taken < limits_.in_all && origin.taken < limits_.per_origin;
}

void Turns::grant(const Claim& claim) {
  ++grants_;
  for (Load* load : {&all_, &origins_[claim.origin]}) {
    ++load->taken;
    Share& share = load->tenants[claim.tenant];
    ++share.taken;
    share.served = grants_;
  }
}

void Turns::release(const Claim& claim) {
  for (Load* load : {&all_, &origins_[claim.origin]}) {
    --load->taken;
    --load->tenants[claim.tenant].taken;
  }
  hand_on();
  forget_if_idle(claim);
}

void Turns::enter(Ticket& ticket) {
  ticket.origin = &origins_[ticket.claim.origin];
  ticket.at_origin = &ticket.origin->tenants[ticket.claim.tenant];
  ticket.in_all = &all_.tenants[ticket.claim.tenant];
  queue_.push_back(&ticket);
  ++all_.waiting;
  ++ticket.origin->waiting;
  ++ticket.in_all->waiting;
  ++ticket.at_origin->waiting;
}

void Turns::leave(Ticket& ticket, TicketState to) {
  queue_.remove(&ticket);
  --all_.waiting;
  --ticket.origin->waiting;
  --ticket.in_all->waiting;
  --ticket.at_origin->waiting;
  ticket.state = to;
  ticket.holder.notify();
}

void Turns::hand_on() {
  Ticket* next = nullptr;
  for (Ticket* ticket : queue_) {
    if (has_room(*ticket->origin) && (next == nullptr || ticket->precedes(*next))) next = ticket;
  }
  if (next == nullptr) return;
  leave(*next, Ticket::State::granted);
  grant(next->claim);
}

void Turns::bound_the_queue(const Ticket& newest) {
  if (newest.origin->waiting > limits_.waiting_per_origin) {
    refuse_one(newest.origin);
  } else if (all_.waiting > limits_.waiting) {
    refuse_one(nullptr);
  }
}

// Among those who wait for `origin`, or among all.
void Turns::refuse_one(const Load* origin) {
  const auto waiting = [&](const Ticket& ticket) {
    return origin == nullptr ? ticket.in_all->waiting : ticket.at_origin->waiting;
  };
  Ticket* last = nullptr;
  for (Ticket* ticket : queue_) {
    if (origin != nullptr && ticket->origin != origin) continue;
    if (last == nullptr || waiting(*ticket) >= waiting(*last)) last = ticket;
  }
  if (last != nullptr) leave(*last, Ticket::State::refused);
}

void Turns::forget_if_idle(const Claim& claim) {
  const auto drop_idle = [&](Load& load) {
    const auto at = load.tenants.find(claim.tenant);
    if (at == load.tenants.end()) return;
    if (at->second.taken == 0 && at->second.waiting == 0) load.tenants.erase(at);
  };
  drop_idle(all_);
  const auto at = origins_.find(claim.origin);
  if (at == origins_.end()) return;
  drop_idle(at->second);
  if (at->second.taken == 0 && at->second.waiting == 0) origins_.erase(at);
}

}  // namespace signet
