#pragma once
// A text that must not be shown: it has no output operator, no conversion and no way into a log
// line, and its memory is cleared when it ends. reveal() is the one door, so that every use can be
// found.

#include <cstddef>
#include <string>
#include <utility>

namespace signet {

// Clears the whole buffer of a text; what its copies held is theirs to clear.
inline void wipe(std::string& text) {
  text.resize(text.capacity());
  volatile char* const bytes = text.data();
  for (std::size_t i = 0; i < text.size(); ++i)
    bytes[i] = 0;
  text.clear();
}

class SecretString {
 public:
  SecretString() = default;
  explicit SecretString(std::string text) : text_(std::move(text)) {}
  SecretString(const SecretString&) = default;
  SecretString(SecretString&&) noexcept = default;
  SecretString& operator=(const SecretString&) = default;
  SecretString& operator=(SecretString&&) noexcept = default;
  ~SecretString() { wipe(text_); }

  const std::string& reveal() const { return text_; }
  bool empty() const { return text_.empty(); }

  friend bool operator==(const SecretString&, const SecretString&) = default;

 private:
  std::string text_;
};

}  // namespace signet
