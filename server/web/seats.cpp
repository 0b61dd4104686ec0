#include "server/web/seats.hpp"

namespace signet {
namespace {

using boost::asio::ip::address;

// ::ffff:10.0.0.1 is 10.0.0.1: a listener for both families must not count it twice.
address plain(const address& source) {
  if (!source.is_v6() || !source.to_v6().is_v4_mapped()) return source;
  return boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, source.to_v6());
}

}  // namespace

std::optional<Seat> Seats::take(address source) {
  source = plain(source);
  const auto known = by_source_.find(source);
  const std::size_t held = known == by_source_.end() ? 0 : known->second;
  if (taken_ >= limits_.all || held >= limits_.one_source) return std::nullopt;
  if (taken_ + limits_.reserved >= limits_.all && held >= limits_.few) return std::nullopt;
  ++taken_;
  ++by_source_[source];
  return Seat(*this, source);
}

Seat::~Seat() {
  if (seats_ == nullptr) return;
  --seats_->taken_;
  const auto held = seats_->by_source_.find(source_);
  if (--held->second == 0) seats_->by_source_.erase(held);
}

}  // namespace signet
