#pragma once
// How many bytes of replies may be held while they are read, all of them together, so that hundreds
// of large ones cannot use up the memory. One tenant has at most half. One thread.

#include <cstddef>
#include <map>
#include <string>

namespace signet {

class ByteBudget {
 public:
  explicit ByteBudget(std::size_t bytes) : bytes_(bytes) {}
  ByteBudget(const ByteBudget&) = delete;
  ByteBudget& operator=(const ByteBudget&) = delete;

  std::size_t held() const { return held_; }

  // What one reply holds, given back at the end of its scope. The budget must outlive it.
  class Share {
   public:
    // Without a budget there is no bound.
    Share(ByteBudget* budget, std::string tenant) : budget_(budget), tenant_(std::move(tenant)) {}
    ~Share() { hold(0); }
    Share(const Share&) = delete;
    Share& operator=(const Share&) = delete;

    // Holds as many bytes from now on; false, and as before, where that is too much.
    bool hold(std::size_t bytes);

   private:
    ByteBudget* budget_;
    std::string tenant_;
    std::size_t held_ = 0;
  };

 private:
  bool take(const std::string& tenant, std::size_t bytes);
  void give_back(const std::string& tenant, std::size_t bytes);

  std::size_t bytes_;
  std::size_t held_ = 0;
  std::map<std::string, std::size_t> by_tenant_;
};

}  // namespace signet
