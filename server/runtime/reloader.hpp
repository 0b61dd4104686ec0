#pragma once
// Keeps one configured value as its files say: looks at them now and then, waits until they rest,
// builds the new value whole and swaps it in. Where the new one is bad the old one stays, which is
// told once; it is tried again, for the reason may pass without the files changing.

#include <functional>
#include <optional>
#include <string>

#include "server/runtime/files.hpp"
#include "server/runtime/log.hpp"
#include "server/runtime/metrics.hpp"
#include "server/runtime/task.hpp"

namespace signet {

// A new value that waits to be put in force.
struct Built {
  std::function<void()> swap;
  std::optional<Error> flaw;  // a part of it is bad, and stands as it was before
};

struct Watched {
  std::string what;  // policies, credentials, certificate, client_ca, registry_ca
  std::function<FileStamps()> look;
  std::function<Result<Built>()> build;  // changes nothing
};

class Reloader {
 public:
  Reloader(Watched watched, Clock clock, Metrics& metrics, Log& log);
  Reloader(const Reloader&) = delete;
  Reloader& operator=(const Reloader&) = delete;

  // The first value, before the loop runs: made here, or already made of these files.
  Result<void> load();
  void begin(FileStamps in_force);
  // For Background. A change is in force when it was seen unchanged by two looks.
  Task<Result<void>> look();
  // The next look loads, whether something changed or not.
  void insist() { insisted_ = true; }

 private:
  void take(Built built, FileStamps seen);
  void refuse(const Error& error, FileStamps seen);
  bool is_due(const FileStamps& now);
  void show(bool good);

  Watched watched_;
  Clock clock_;
  Metrics& metrics_;
  Log& log_;
  std::optional<FileStamps> in_force_;  // what the current value was made of
  std::optional<FileStamps> last_;      // what the look before saw
  std::optional<FileStamps> refused_;   // what could not be loaded
  std::string told_;
  unsigned looks_since_refusal_ = 0;
  bool insisted_ = false;
};

}  // namespace signet
