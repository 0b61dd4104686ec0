#pragma once
// What a review found, as text or as one JSON document of the form signet.dev/review/v1. An image
// that has one verdict everywhere is told once.

#include <functional>
#include <string>

#include "server/cli/arguments.hpp"
#include "server/cli/output.hpp"
#include "server/cli/review_summary.hpp"

namespace signet {

class ReviewReport {
 public:
  // What is given must outlive this. `all`: image by image, else the summary alone.
  ReviewReport(Output output, OutputForm form, bool all)
      : output_(output), form_(form), all_(all) {}

  void begin(const ReviewQuestions& questions, TimePoint at);
  void add(const ReviewCase& asked, const Verdict& verdict);
  // The rest. A JSON document is whole after this alone.
  void finish(const ReviewQuestions& questions);

  const ReviewSummary& summary() const { return summary_; }
  // Whether add() may write.
  bool tells_each() const { return all_; }

 private:
  void flush();
  void print_text(const ReviewQuestions& questions);

  Output output_;
  OutputForm form_;
  bool all_;
  ReviewSummary summary_;
  // The image that is told next, as soon as another verdict comes.
  std::string pending_;  // as it is told, but for where it stands
  std::string pending_image_;
  ReviewCase where_;
  bool is_first_ = true;
};

}  // namespace signet
