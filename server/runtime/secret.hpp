#pragma once
// A text that must not be shown: it has no output operator, no conversion and no way into a log
// line. reveal() is the one door, so that every use can be found.

#include <string>
#include <utility>

namespace signet {

class SecretString {
 public:
  SecretString() = default;
  explicit SecretString(std::string text) : text_(std::move(text)) {}

  const std::string& reveal() const { return text_; }
  bool empty() const { return text_.empty(); }

  friend bool operator==(const SecretString&, const SecretString&) = default;

 private:
  std::string text_;
};

}  // namespace signet
