#pragma once
// The blast radius: how many workloads and images would be stopped, by reason, repository, signer
// and root, and until when what is admitted stays so.

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "core/base/json.hpp"
#include "core/policy/verdict.hpp"
#include "server/cli/review_input.hpp"

namespace signet {

// What becomes of an image: let in; let in although a policy objects that does not enforce; not to
// be checked, and stopped for that; refused.
enum class ReviewGrade { admitted, objected, unchecked, denied };
std::string_view name_of(ReviewGrade grade);
ReviewGrade grade_of(const Verdict& verdict);

class ReviewSummary {
 public:
  // Of all the input; `at` is the time of judgement.
  void begin(const ReviewQuestions& questions, TimePoint at);
  void add(const ReviewCase& asked, const Verdict& verdict);

  std::size_t images(ReviewGrade grade) const;
  std::size_t workloads(ReviewGrade grade) const;
  bool has(ReviewGrade grade) const { return images(grade) > 0; }

  // Once, after the last.
  void print(std::ostream& out);
  Json json();

 private:
  static constexpr std::size_t kGrades = 4;
  // Images and workloads, each once: by number.
  struct Count {
    std::vector<std::uint32_t> images;
    std::vector<std::uint32_t> workloads;

    void add(std::uint32_t image, const std::vector<std::uint32_t>& of);
    void settle();
  };
  struct Group {
    std::array<Count, kGrades> by_grade;
    std::optional<TimePoint> until;  // when the first of what is admitted ends
  };
  using Groups = std::map<std::string, Group>;

  void count(Groups& groups, const std::string& name, ReviewGrade grade, const ReviewCase& asked,
             const Verdict& verdict);
  static void print(std::ostream& out, const std::string& title, const Groups& groups);
  static Json json_of(const Groups& groups);
  void settle();

  std::size_t objects_ = 0;
  std::size_t workload_count_ = 0;
  std::size_t problems_ = 0;
  TimePoint at_{};
  std::string last_image_;
  std::uint32_t image_ = 0;  // its number, from 1
  Group total_;
  Groups by_reason_;
  Groups by_repository_;
  Groups by_signer_;
  Groups by_root_;
  std::map<std::string, std::vector<std::uint32_t>> ends_;  // images by the month they end in
};

}  // namespace signet
