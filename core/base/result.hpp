#pragma once
// Result<T>: the value that was asked for, or why there is none.
//
// Expected failures - bad input, an untrusted chain, a 503 - are Results.
// An exception means a bug or an exhausted machine; core/ catches one only around a third-party
// parser.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "core/base/reason.hpp"

namespace signet {

// A class with a constructor, not an aggregate: g++ 12 miscompiles braced aggregates beside
// co_await.
class [[nodiscard]] Error {
 public:
  Error(Reason reason, std::string what) : reason_(reason), what_(std::move(what)) {}

  Reason reason() const { return reason_; }
  const std::string& what() const { return what_; }

  // The same failure seen one level up: "manifest: connection refused".
  Error under(std::string_view context) const {
    return {reason_, std::string(context) + ": " + what_};
  }
  // The same failure as the caller must report it: a parser's "malformed" becomes
  // "signature_invalid".
  Error as(Reason reason) const { return {reason, what_}; }

  friend bool operator==(const Error&, const Error&) = default;

 private:
  Reason reason_;
  std::string what_;
};

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  explicit operator bool() const { return state_.index() == 0; }
  bool has_value() const { return state_.index() == 0; }

  T& operator*() & { return std::get<0>(state_); }
  const T& operator*() const& { return std::get<0>(state_); }
  T&& operator*() && { return std::get<0>(std::move(state_)); }
  T* operator->() { return &std::get<0>(state_); }
  const T* operator->() const { return &std::get<0>(state_); }

  const Error& error() const { return std::get<1>(state_); }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}

  explicit operator bool() const { return !error_; }
  bool has_value() const { return !error_; }
  const Error& error() const { return *error_; }

 private:
  std::optional<Error> error_;
};

// Shorthands for the two reasons every parser needs; callers rename them with as().
inline Error malformed(std::string what) {
  return {Reason::malformed_object, std::move(what)};
}
inline Error too_large(std::string what) {
  return {Reason::limit_exceeded, std::move(what)};
}

}  // namespace signet
