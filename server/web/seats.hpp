#pragma once
// Who may have a connection: a number in all, a number for one source address, and the last of the
// places only for sources that hold few, so that one source never shuts out another.

#include <boost/asio/ip/address.hpp>
#include <cstddef>
#include <map>
#include <optional>
#include <utility>

namespace signet {

struct SeatLimits {
  std::size_t all = 4096;
  std::size_t one_source = 1024;
  std::size_t reserved = 512;  // of `all`: for sources that hold less than `few`
  std::size_t few = 16;
};

class Seats;

// One connection's place; given back when it goes. `Seats` outlives it.
class Seat {
 public:
  Seat(Seat&& other) noexcept
      : seats_(std::exchange(other.seats_, nullptr)), source_(other.source_) {}
  Seat& operator=(Seat&&) = delete;
  ~Seat();

 private:
  friend class Seats;
  Seat(Seats& seats, boost::asio::ip::address source) : seats_(&seats), source_(source) {}

  Seats* seats_;
  boost::asio::ip::address source_;
};

class Seats {
 public:
  explicit Seats(SeatLimits limits) : limits_(limits) {}
  Seats(const Seats&) = delete;
  Seats& operator=(const Seats&) = delete;

  std::optional<Seat> take(boost::asio::ip::address source);
  std::size_t taken() const { return taken_; }

 private:
  friend class Seat;
  SeatLimits limits_;
  std::size_t taken_ = 0;
  std::map<boost::asio::ip::address, std::size_t> by_source_;
};

}  // namespace signet
