#pragma once
// How much memory the process may have and how much it has, so that new work is refused before the
// kernel ends everything. One thread.

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

namespace signet {

// The least limit of the control groups that this process is in, versions 1 and 2; nothing where
// there is none. `root`: before /proc and /sys, for tests.
std::optional<std::size_t> cgroup_memory_limit(const std::string& root = "");

// Resident memory, in bytes: all of it, and without the pages of files.
struct Resident {
  std::size_t all = 0;
  std::size_t anonymous = 0;
};

// Sets the allocator so that large blocks go back to the system when they are freed, and that
// threads share their blocks. Once, at start.
void tune_allocator();

class Memory {
 public:
  // `limit` 0: none.
  explicit Memory(std::size_t limit);
  ~Memory();
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;

  std::size_t limit() const { return limit_; }
  // Whether more than four fifths of the limit are in use; asked before new work is taken. Measured
  // at most once a millisecond.
  bool is_short();
  // Gives free memory back where much is held for nothing. Now and then; takes a millisecond.
  void trim();

 private:
  Resident measure() const;

  std::size_t limit_;
  int statm_ = -1;  // kept open, for there may be no descriptor when it matters
  std::size_t page_;
  std::chrono::steady_clock::time_point measured_{};
  bool short_ = false;
};

}  // namespace signet
