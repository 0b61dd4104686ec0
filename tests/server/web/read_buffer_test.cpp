#include "server/web/read_buffer.hpp"

#include <gtest/gtest.h>

namespace signet {
namespace {

// As a socket fills it.
void receive(ReadBuffer& buffer, std::string_view bytes, std::size_t room) {
  const auto place = buffer.room(room);
  ASSERT_EQ(place.size(), room);
  std::memcpy(place.data(), bytes.data(), bytes.size());
  buffer.commit(bytes.size());
}

TEST(ReadBufferTest, KeepsWhatWasReadAndNotUsed) {
  ReadBuffer buffer;
  receive(buffer, "head and body", 64);
  buffer.consume(5);
  EXPECT_EQ(buffer.view(), "and body");
  receive(buffer, " go on", 64);
  EXPECT_EQ(buffer.view(), "and body go on");
  buffer.consume(buffer.size());
  EXPECT_TRUE(buffer.empty());
}

TEST(ReadBufferTest, MakesRoomWhateverIsStillThere) {
  ReadBuffer buffer;
  std::string all;
  for (int i = 0; i < 100; ++i) {
    const std::string piece(static_cast<std::size_t>(i), static_cast<char>('a' + i % 26));
    receive(buffer, piece, 100);
    all += piece;
    buffer.consume(7);
    all.erase(0, 7);
    ASSERT_EQ(buffer.view(), all);
  }
}

TEST(ReadBufferTest, UsesNoMoreThanThereIs) {
  ReadBuffer buffer;
  receive(buffer, "abc", 8);
  buffer.consume(100);
  EXPECT_EQ(buffer.size(), 0u);
  receive(buffer, "def", 8);
  EXPECT_EQ(buffer.view(), "def");
  buffer.clear();
  EXPECT_TRUE(buffer.empty());
}

}  // namespace
}  // namespace signet
