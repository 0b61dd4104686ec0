#pragma once
// Bytes that were read and not yet used. Storage is made once and kept, so that a read does not
// clear what it is about to fill.

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <cstring>
#include <string>
#include <string_view>

namespace signet {

class ReadBuffer {
 public:
  std::string_view view() const { return std::string_view(storage_).substr(begin_, end_ - begin_); }
  bool empty() const { return begin_ == end_; }
  std::size_t size() const { return end_ - begin_; }

  // Room for `count` more bytes, valid until the next call of anything but commit().
  boost::asio::mutable_buffer room(std::size_t count) {
    if (begin_ > 0) move_to_front();
    if (storage_.size() - end_ < count) storage_.resize(end_ + count);
    return {storage_.data() + end_, count};
  }
  void commit(std::size_t count) { end_ += count; }
  void consume(std::size_t count) {
    begin_ += std::min(count, size());
    if (begin_ == end_) begin_ = end_ = 0;
  }
  void clear() { begin_ = end_ = 0; }

 private:
  void move_to_front() {
    std::memmove(storage_.data(), storage_.data() + begin_, size());
    end_ -= begin_;
    begin_ = 0;
  }

  std::string storage_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace signet
