#include "server/web/seats.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace signet {
namespace {

using boost::asio::ip::make_address;

std::size_t taken_by(Seats& seats, std::vector<Seat>& held, const std::string& source,
                     std::size_t wanted) {
  std::size_t got = 0;
  for (std::size_t i = 0; i < wanted; ++i) {
    if (auto seat = seats.take(make_address(source))) {
      held.push_back(std::move(*seat));
      ++got;
    }
  }
  return got;
}

TEST(SeatsTest, OneSourceGetsItsNumberAndNotOneMore) {
  Seats seats(SeatLimits{100, 3, 0, 0});
  std::vector<Seat> held;
  EXPECT_EQ(taken_by(seats, held, "10.0.0.1", 4), 3u);
  EXPECT_EQ(taken_by(seats, held, "10.0.0.2", 1), 1u) << "another is not bound by it";
  held.clear();
  EXPECT_EQ(seats.taken(), 0u);
  EXPECT_EQ(taken_by(seats, held, "10.0.0.1", 4), 3u) << "given back";
}

TEST(SeatsTest, AllSourcesTogetherGetTheirNumberAndNotOneMore) {
  Seats seats(SeatLimits{4, 3, 0, 0});
  std::vector<Seat> held;
  EXPECT_EQ(taken_by(seats, held, "10.0.0.1", 3), 3u);
  EXPECT_EQ(taken_by(seats, held, "10.0.0.2", 3), 1u);
}

TEST(SeatsTest, TheLastPlacesAreForSourcesThatHoldFew) {
  Seats seats(SeatLimits{10, 10, 3, 2});
  std::vector<Seat> held;
  EXPECT_EQ(taken_by(seats, held, "10.0.0.1", 10), 7u);
  EXPECT_EQ(taken_by(seats, held, "10.0.0.2", 10), 2u) << "fewer than two are few";
  EXPECT_EQ(taken_by(seats, held, "10.0.0.3", 10), 1u) << "until all are taken";
  EXPECT_EQ(seats.taken(), 10u);
}

TEST(SeatsTest, AMappedAddressIsTheAddressItself) {
  Seats seats(SeatLimits{10, 1, 0, 0});
  std::vector<Seat> held;
  EXPECT_EQ(taken_by(seats, held, "10.0.0.1", 1), 1u);
  EXPECT_EQ(taken_by(seats, held, "::ffff:10.0.0.1", 1), 0u);
  EXPECT_EQ(taken_by(seats, held, "fd00::1", 1), 1u);
}

}  // namespace
}  // namespace signet
