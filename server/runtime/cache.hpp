#pragma once
// A bounded map whose entries expire; what was used longest ago goes first. Takes "now", so it
// never reads a clock. One thread.

#include <cstddef>
#include <functional>
#include <iterator>
#include <list>
#include <optional>
#include <unordered_map>
#include <utility>

#include "server/runtime/task.hpp"

namespace signet {

// Time is Deadline (steady) for things that age, TimePoint (wall) for what ends on a date.
template <class K, class V, class Time = Deadline, class Hash = std::hash<K>>
class Cache {
 public:
  // `capacity` is in units of weight: entries where every weight is 1, or bytes.
  explicit Cache(std::size_t capacity) : capacity_(capacity) {}

  // Valid before `until`. Replaces an entry of that key; one heavier than the whole cache is not
  // kept.
  void put(const K& key, V value, Time until, std::size_t weight = 1) {
    erase(key);
    if (weight > capacity_) return;
    while (weight_ + weight > capacity_) {
      erase(*by_age_.back());
      ++evictions_;
    }
    const auto [at, added] = entries_.emplace(key, Entry{std::move(value), until, weight, {}});
    by_age_.push_front(&at->first);
    at->second.age = by_age_.begin();
    weight_ += weight;
  }

  std::optional<V> get(const K& key, Time now) {
    const V* found = find(key, now);
    return found == nullptr ? std::nullopt : std::optional<V>(*found);
  }
  // Valid until the next put or erase; nullptr where there is none. An expired entry is dropped.
  V* find(const K& key, Time now) {
    const auto at = entries_.find(key);
    if (at == entries_.end()) return nullptr;
    if (at->second.until <= now) {
      erase(key);
      return nullptr;
    }
    by_age_.splice(by_age_.begin(), by_age_, at->second.age);
    return &at->second.value;
  }

  void erase(const K& key) {
    const auto at = entries_.find(key);
    if (at != entries_.end()) drop(at);
  }
  // Those of whose key `is_it` says so.
  template <class Predicate>
  void erase_if(Predicate is_it) {
    drop_if([&](const K& key, const Entry&) { return is_it(key); });
  }
  // Frees what has expired without waiting for a look-up.
  void drop_expired(Time now) {
    drop_if([&](const K&, const Entry& entry) { return entry.until <= now; });
  }
  void clear() {
    entries_.clear();
    by_age_.clear();
    weight_ = 0;
  }

  std::size_t size() const { return entries_.size(); }
  std::size_t weight() const { return weight_; }
  // Entries that made room for others, so far.
  std::size_t evictions() const { return evictions_; }

 private:
  using Ages = std::list<const K*>;
  struct Entry {
    V value;
    Time until;
    std::size_t weight;
    typename Ages::iterator age;
  };

  template <class Predicate>
  void drop_if(Predicate is_it) {
    for (auto at = entries_.begin(); at != entries_.end();) {
      const auto next = std::next(at);
      if (is_it(at->first, at->second)) drop(at);
      at = next;
    }
  }
  void drop(typename std::unordered_map<K, Entry, Hash>::iterator at) {
    weight_ -= at->second.weight;
    by_age_.erase(at->second.age);
    entries_.erase(at);
  }

  std::size_t capacity_;
  std::size_t weight_ = 0;
  std::size_t evictions_ = 0;
  Ages by_age_;  // most recently used first; the keys lie in the map
  std::unordered_map<K, Entry, Hash> entries_;
};

}  // namespace signet
