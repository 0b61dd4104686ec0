#pragma once
// How long, and how much of, what registries said is remembered (rulings.md 15).

#include <chrono>
#include <cstddef>

namespace signet {

struct MemorySettings {
  std::chrono::milliseconds tag{30'000};
  std::chrono::milliseconds missing_tag{5'000};
  std::chrono::milliseconds discovery{600'000};
  std::chrono::milliseconds negative{15'000};
  // Served in place of a registry that cannot be reached; 0: never.
  std::chrono::milliseconds stale_tag{300'000};
  std::chrono::milliseconds stale_discovery{3'600'000};
  std::chrono::milliseconds flight{20'000};  // longest, whoever still waits for it
  std::size_t flights = 2048;                // in the air at one time, of tags and of discoveries
  std::size_t begun = 256;                   // verifications that nobody waits for yet
  std::size_t tags = 16'384;
  std::size_t discovery_bytes = std::size_t{32} << 20;
  std::size_t plans = 4096;
  std::size_t verdicts = 4096;
};

}  // namespace signet
