#pragma once
// What the listeners hand to handlers and get back. A request is complete and within its bounds
// when a handler sees it.

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "server/runtime/task.hpp"

namespace signet {

// Bytes of bodies that may be in memory at one time. One thread; must outlive its holds.
class Budget {
 public:
  explicit Budget(std::size_t size) : left_(size) {}
  Budget(const Budget&) = delete;
  Budget& operator=(const Budget&) = delete;

  std::size_t left() const { return left_; }

 private:
  friend class BudgetHold;
  std::size_t left_;
};

// The part of a budget that a request holds while it lives: what has come of its body, not what
// was announced, so that a silent connection holds nothing.
class BudgetHold {
 public:
  BudgetHold() = default;
  explicit BudgetHold(Budget& budget) : budget_(&budget) {}
  BudgetHold(BudgetHold&& other) noexcept
      : budget_(std::exchange(other.budget_, nullptr)), part_(std::exchange(other.part_, 0)) {}
  BudgetHold& operator=(BudgetHold&& other) noexcept {
    release();
    budget_ = std::exchange(other.budget_, nullptr);
    part_ = std::exchange(other.part_, 0);
    return *this;
  }
  ~BudgetHold() { release(); }

  // Takes `more`; false where the budget has not that much left, and nothing changes.
  [[nodiscard]] bool grow(std::size_t more) {
    if (more > budget_->left_) return false;
    budget_->left_ -= more;
    part_ += more;
    return true;
  }
  void release() {
    if (budget_ != nullptr) budget_->left_ += part_;
    budget_ = nullptr;
    part_ = 0;
  }

 private:
  Budget* budget_ = nullptr;
  std::size_t part_ = 0;
};

struct WebRequest {
  std::string method;
  std::string path;
  std::string query;   // without "?"
  std::string accept;  // the Accept header
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
  std::shared_ptr<void> held;  // what counts the reply until it is written

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
