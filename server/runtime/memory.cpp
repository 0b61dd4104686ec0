#include "server/runtime/memory.hpp"

#include <fcntl.h>
#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

#include "core/base/text.hpp"
#include "server/runtime/files.hpp"

namespace signet {
namespace {

constexpr std::size_t kFileBytes = 64 * 1024;
constexpr std::size_t kNoLimit = std::size_t{1} << 50;  // version 1 says 2^63 for "none"
constexpr std::size_t kHeldForNothing = 16 * 1024 * 1024;
constexpr int kMappedBytes = 256 * 1024;  // blocks from here on are mapped one by one
constexpr int kTopBytes = 8 * 1024 * 1024;
constexpr int kArenas = 2;
constexpr std::chrono::milliseconds kFresh{1};

std::optional<std::size_t> number_in(const std::string& path) {
  const auto text = read_file(path, kFileBytes);
  if (!text) return std::nullopt;
  const auto number = parse_number(trim(*text));  // "max" is no number
  if (!number || *number >= kNoLimit) return std::nullopt;
  return static_cast<std::size_t>(*number);
}

// The limit of a group and of those above it: `file` in `mount`/`group` up to `mount`.
std::optional<std::size_t> least_above(const std::string& mount, std::string group,
                                       std::string_view file) {
  std::optional<std::size_t> least;
  while (true) {
    const auto limit = number_in(cat(mount, group == "/" ? "" : group, "/", file));
    if (limit) least = std::min(least.value_or(*limit), *limit);
    if (group.empty() || group == "/") return least;
    group.resize(group.rfind('/'));
  }
}

bool names_memory(std::string_view controllers) {
  const auto names = split(controllers, ',');
  return std::find(names.begin(), names.end(), "memory") != names.end();
}

}  // namespace

std::optional<std::size_t> cgroup_memory_limit(const std::string& root) {
  const auto groups = read_file(root + "/proc/self/cgroup", kFileBytes);
  if (!groups) return std::nullopt;
  std::optional<std::size_t> least;
  for (const std::string_view line : split(*groups, '\n')) {
    // "0::/path" of version 2, "4:memory:/path" of version 1.
    const auto parts = split(line, ':');
    if (parts.size() != 3 || !parts[2].starts_with('/')) continue;
    std::optional<std::size_t> limit;
    if (parts[1].empty()) {
      limit = least_above(root + "/sys/fs/cgroup", std::string(parts[2]), "memory.max");
    } else if (names_memory(parts[1])) {
      limit = least_above(root + "/sys/fs/cgroup/memory", std::string(parts[2]),
                          "memory.limit_in_bytes");
    }
    if (limit) least = std::min(least.value_or(*limit), *limit);
  }
  return least;
}

void tune_allocator() {
  mallopt(M_ARENA_MAX, kArenas);
  mallopt(M_MMAP_THRESHOLD, kMappedBytes);
  mallopt(M_TRIM_THRESHOLD, kTopBytes);
}

Memory::Memory(std::size_t limit)
    : limit_(limit),
      statm_(::open("/proc/self/statm", O_RDONLY | O_CLOEXEC)),
      page_(static_cast<std::size_t>(::sysconf(_SC_PAGESIZE))) {}

Memory::~Memory() {
  if (statm_ >= 0) ::close(statm_);
}

Resident Memory::measure() const {
  char text[256];
  const ssize_t got = statm_ < 0 ? -1 : ::pread(statm_, text, sizeof(text), 0);
  if (got <= 0) return {};
  // Pages: size, resident, of these shared with files.
  const auto words = split(std::string_view(text, static_cast<std::size_t>(got)), ' ');
  if (words.size() < 3) return {};
  const std::size_t resident = parse_number(words[1]).value_or(0);
  const std::size_t shared = parse_number(words[2]).value_or(0);
  return {resident * page_, (resident - std::min(shared, resident)) * page_};
}

bool Memory::is_short() {
  if (limit_ == 0) return false;
  const auto now = std::chrono::steady_clock::now();
  if (now - measured_ < kFresh) return short_;
  measured_ = now;
  short_ = measure().all > limit_ / 5 * 4;
  return short_;
}

void Memory::trim() {
  const auto heap = ::mallinfo2();
  if (measure().anonymous > heap.uordblks + heap.hblkhd + kHeldForNothing) ::malloc_trim(0);
}

}  // namespace signet
