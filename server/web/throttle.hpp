#pragma once
// Lets the first of equal things through in each interval and counts the others, so that neither a
// busy cluster nor one broken registry fills the logs.

#include <chrono>
#include <cstdint>
#include <optional>
#include <unordered_map>

#include "server/runtime/task.hpp"

namespace signet {

class Throttle {
 public:
  using Time = Deadline;

  // Keys beyond `keys` make it forget: it bounds memory, and lets through more rather than less.
  Throttle(std::chrono::seconds interval, std::size_t keys) : interval_(interval), keys_(keys) {}

  // Nothing: held back. Otherwise how many were held back since the last one of this key.
  std::optional<std::uint64_t> pass(std::size_t key, Time now) {
    const auto [at, added] = entries_.try_emplace(key, Entry{now, 0});
    if (added) {
      if (entries_.size() > keys_) forget_but(key, now);
      return 0;
    }
    Entry& entry = at->second;
    if (now < entry.since + interval_) {
      ++entry.held;
      return std::nullopt;
    }
    const std::uint64_t held = entry.held;
    entry = Entry{now, 0};
    return held;
  }

 private:
  struct Entry {
    Time since;
    std::uint64_t held;
  };

  void forget_but(std::size_t key, Time now) {
    std::erase_if(entries_, [&](const auto& entry) {
      return now >= entry.second.since + interval_ && entry.second.held == 0;
    });
    if (entries_.size() <= keys_) return;
    entries_.clear();
    entries_.emplace(key, Entry{now, 0});
  }

  std::chrono::seconds interval_;
  std::size_t keys_;
  std::unordered_map<std::size_t, Entry> entries_;
};

}  // namespace signet
