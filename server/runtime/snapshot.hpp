#pragma once
// The current value of something that is reloaded: readers keep the one they took, a reload swaps
// the pointer and never changes a value. One thread.

#include <memory>
#include <utility>

namespace signet {

template <class T>
class Snapshot {
 public:
  Snapshot() = default;
  explicit Snapshot(std::shared_ptr<const T> first) : current_(std::move(first)) {}
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;

  // nullptr before the first swap.
  std::shared_ptr<const T> get() const { return current_; }
  void swap(std::shared_ptr<const T> next) { current_ = std::move(next); }
  void swap(T next) { current_ = std::make_shared<const T>(std::move(next)); }

 private:
  std::shared_ptr<const T> current_;
};

}  // namespace signet
