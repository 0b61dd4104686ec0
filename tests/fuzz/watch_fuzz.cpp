// Feeds LineSplitter and the reader of watch events (server/kube): the first octet says how the
// rest is cut. However it is cut, the same lines come out.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "server/kube/line_splitter.hpp"
#include "server/kube/watch_objects.hpp"

namespace {

constexpr std::size_t kLongest = 4096;

// The lines until one is too long.
std::vector<std::string> lines_of(std::string_view octets, std::size_t piece) {
  std::vector<std::string> lines;
  signet::LineSplitter splitter(kLongest, [&lines](std::string_view line) {
    lines.emplace_back(line);
    return signet::Result<void>();
  });
  while (!octets.empty()) {
    if (!splitter.feed(octets.substr(0, piece))) break;
    octets.remove_prefix(std::min(piece, octets.size()));
  }
  return lines;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view octets(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::vector<std::string> lines = lines_of(octets, octets.size() + 1);
  if (lines != lines_of(octets, 1 + data[0])) std::abort();
  for (const std::string& line : lines) {
    if (line.empty() || line.size() > kLongest) std::abort();
    const auto event = signet::parse_watch_event(line);
    if (!event) continue;
    const bool is_object = event->kind != signet::WatchEventKind::bookmark &&
                           event->kind != signet::WatchEventKind::error;
    if (is_object && event->object.name.empty()) std::abort();
    if (event->kind == signet::WatchEventKind::error && !event->error) std::abort();
  }
  (void)signet::parse_kube_page(octets);
  return 0;
}
