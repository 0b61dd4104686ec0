#pragma once
// Names one request in its answer, its log lines and its audit annotation: 16 hex digits. To be
// found, not to be kept secret.

#include <random>
#include <string>

namespace signet {

class RequestIds {
 public:
  RequestIds() : numbers_(std::random_device()()) {}

  std::string next() {
    constexpr char kHex[] = "0123456789abcdef";
    std::uint64_t number = numbers_();
    std::string id(16, '0');
    for (char& digit : id) {
      digit = kHex[number & 0xf];
      number >>= 4;
    }
    return id;
  }

 private:
  std::mt19937_64 numbers_;
};

}  // namespace signet
