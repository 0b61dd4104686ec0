#pragma once
// How far long work has come, on one line of a terminal that is written over and over and gone at
// the end. Says nothing where nobody looks.

#include <chrono>
#include <functional>
#include <optional>
#include <ostream>
#include <string>

namespace signet {

class Progress {
 public:
  using Clock = std::function<std::chrono::steady_clock::time_point()>;

  // "judged 3 of 12 images": `verb`, how many of `all` (0: nobody knows), `things`. `out` is told
  // only if it is a `terminal`, and at most ten times a second.
  Progress(std::ostream& out, bool terminal, std::string verb, std::size_t all, std::string things,
           Clock clock = std::chrono::steady_clock::now);
  ~Progress() { hide(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // So many are done.
  void show(std::size_t done);
  // Takes the line away, so that something else can be written; the next show() brings it back.
  void hide();

 private:
  std::ostream& out_;
  bool terminal_;
  std::string verb_;
  std::size_t all_;
  std::string things_;
  Clock clock_;
  std::optional<std::chrono::steady_clock::time_point> last_;
  bool visible_ = false;
};

}  // namespace signet
