// What /proc says of this process (proc(5)).

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "server/runtime/metrics.hpp"

namespace signet {
namespace {

// The fields of /proc/self/stat behind the name of the program, which may hold spaces; the first
// is number 3 of the manual.
std::vector<std::string> stat_fields() {
  std::ifstream file("/proc/self/stat");
  std::string line;
  std::getline(file, line);
  std::istringstream rest(line.substr(std::min(line.size(), line.rfind(')') + 1)));
  std::vector<std::string> fields;
  for (std::string field; rest >> field;)
    fields.push_back(field);
  return fields;
}

double number(const std::vector<std::string>& fields, std::size_t manual_number) {
  const std::size_t at = manual_number - 3;
  return at < fields.size() ? std::strtod(fields[at].c_str(), nullptr) : 0;
}

// The soft limit of a line of /proc/self/limits.
double limit(std::string_view name) {
  std::ifstream file("/proc/self/limits");
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with(name)) continue;
    std::istringstream rest(line.substr(name.size()));
    std::string soft;
    rest >> soft;
    return soft == "unlimited" ? -1 : std::strtod(soft.c_str(), nullptr);
  }
  return 0;
}

double open_files() {
  std::error_code failure;
  std::filesystem::directory_iterator files("/proc/self/fd", failure);
  double count = 0;
  for (; !failure && files != std::filesystem::directory_iterator(); files.increment(failure))
    ++count;
  // One of them is this look itself.
  return count > 0 ? count - 1 : 0;
}

MetricName named(std::string name, std::string help) {
  return {std::move(name), std::move(help)};
}

}  // namespace

ProcessMetrics::ProcessMetrics(prometheus::Registry& registry)
    : process_cpu_seconds(registry,
                          named("process_cpu_seconds_total", "User and system time spent"),
                          LabelRows::none()),
      process_open_fds(registry, named("process_open_fds", "Open file descriptors"),
                       LabelRows::none()),
      process_max_fds(registry, named("process_max_fds", "Most open file descriptors allowed"),
                      LabelRows::none()),
      process_virtual_memory_bytes(
          registry, named("process_virtual_memory_bytes", "Virtual memory"), LabelRows::none()),
      process_virtual_memory_max_bytes(
          registry,
          named("process_virtual_memory_max_bytes", "Most virtual memory allowed, -1: no limit"),
          LabelRows::none()),
      process_resident_memory_bytes(
          registry, named("process_resident_memory_bytes", "Resident memory"), LabelRows::none()),
      process_start_time(
          registry, named("process_start_time_seconds", "Start of the process since the epoch"),
          LabelRows::none()),
      process_threads(registry, named("process_threads", "Threads of the process"),
                      LabelRows::none()) {}

void ProcessMetrics::measure() {
  const auto fields = stat_fields();
  const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  const auto page = static_cast<double>(sysconf(_SC_PAGESIZE));
  const double cpu = (number(fields, 14) + number(fields, 15)) / ticks;
  process_cpu_seconds.add({}, cpu - process_cpu_seconds.value({}));
  process_threads.set({}, number(fields, 20));
  process_virtual_memory_bytes.set({}, number(fields, 23));
  process_resident_memory_bytes.set({}, number(fields, 24) * page);
  process_virtual_memory_max_bytes.set({}, limit("Max address space"));
  process_max_fds.set({}, limit("Max open files"));
  process_open_fds.set({}, open_files());
}

}  // namespace signet
