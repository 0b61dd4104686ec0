#pragma once
// What the listeners hand to handlers and get back. A request is complete and within its bounds
// when a handler sees it.

#include <memory>
#include <optional>
#include <string>

#include "server/runtime/task.hpp"

namespace signet {

// The part of a budget that a request holds while it lives.
class BudgetHold;
// Bytes of bodies that may be in memory at one time. One thread; must outlive its holds.
class Budget {
 public:
  explicit Budget(std::size_t size) : left_(size) {}
  Budget(const Budget&) = delete;
  Budget& operator=(const Budget&) = delete;

  std::optional<BudgetHold> take(std::size_t part);
  std::size_t left() const { return left_; }

 private:
  friend class BudgetHold;
  std::size_t left_;
};

class BudgetHold {
 public:
  BudgetHold() = default;
  BudgetHold(BudgetHold&& other) noexcept
      : budget_(std::exchange(other.budget_, nullptr)), part_(other.part_) {}
  BudgetHold& operator=(BudgetHold&& other) noexcept {
    release();
    budget_ = std::exchange(other.budget_, nullptr);
    part_ = other.part_;
    return *this;
  }
  ~BudgetHold() { release(); }

  void release() {
    if (budget_ != nullptr) budget_->left_ += part_;
    budget_ = nullptr;
  }

 private:
  friend class Budget;
  BudgetHold(Budget& budget, std::size_t part) : budget_(&budget), part_(part) {}

  Budget* budget_ = nullptr;
  std::size_t part_ = 0;
};

inline std::optional<BudgetHold> Budget::take(std::size_t part) {
  if (part > left_) return std::nullopt;
  left_ -= part;
  return BudgetHold(*this, part);
}

struct WebRequest {
  std::string method;
  std::string path;
  std::string query;  // without "?"
  std::string body;
  Deadline::clock::time_point received{};  // when its first byte came
  BudgetHold hold;                         // for the body
};

struct WebReply {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
  std::string allow;         // of a 405
  bool retry_after = false;  // of a 503: one second, which makes the API server try another replica
  bool close = false;

  static WebReply text(int status, std::string body) {
    WebReply reply;
    reply.status = status;
    reply.body = std::move(body);
    return reply;
  }
};

// The value of a parameter of a query, percent-decoding left out: ours are plain words.
std::optional<std::string> query_value(std::string_view query, std::string_view name);
bool query_has(std::string_view query, std::string_view name);

// The head of an answer with everything that is always in it; never a redirect, for API servers
// follow them (security.md SR-36).
std::string reply_head(const WebReply& reply, std::size_t body_bytes, bool close);

}  // namespace signet
