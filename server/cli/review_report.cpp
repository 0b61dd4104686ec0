#include "server/cli/review_report.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/base/text.hpp"
#include "core/policy/explain.hpp"

namespace signet {
namespace {

std::string block_of(const Verdict& verdict) {
  std::string text = cat(first_line(verdict), "\n", explanation(verdict, ""));
  for (const std::string& warning : verdict.warnings)
    text += cat("  warning: ", printable(warning, 300), "\n");
  return text;
}

std::string places_of(const ReviewCase& where) {
  std::string text;
  for (const ReviewPlace& place : where.places)
    text += cat("  in ", place.object, ", ", place.field, "\n");
  if (where.uses > where.places.size()) {
    const std::size_t more = where.uses - where.places.size();
    text += cat("  and ", std::to_string(more), more == 1 ? " more place" : " more places", ", ",
                std::to_string(where.workloads.size()),
                where.workloads.size() == 1 ? " workload in all\n" : " workloads in all\n");
  }
  return text;
}

Json json_of(const ReviewCase& where) {
  Json places = Json::array();
  for (const ReviewPlace& place : where.places)
    places.push_back({{"object", place.object}, {"field", printable(place.field)}});
  return places;
}

// The same image with the same verdict, in another namespace.
void merge(ReviewCase& into, const ReviewCase& other) {
  into.uses += other.uses;
  std::vector<std::uint32_t> workloads;
  std::set_union(into.workloads.begin(), into.workloads.end(), other.workloads.begin(),
                 other.workloads.end(), std::back_inserter(workloads));
  into.workloads = std::move(workloads);
  for (const ReviewPlace& place : other.places) {
    if (into.places.size() < kReviewPlaces) into.places.push_back(place);
  }
}

Json problems_json(const ReviewQuestions& questions) {
  Json list = Json::array();
  for (const ReviewProblem& problem : questions.problems) {
    list.push_back({{"object", problem.object},
                    {"reason", name_of(problem.reason)},
                    {"detail", problem.what}});
  }
  return list;
}

Json skipped_json(const ReviewQuestions& questions) {
  Json list = Json::array();
  for (const auto& [why, skip] : questions.skipped)
    list.push_back({{"why", why}, {"objects", skip.count}, {"first", skip.first}});
  return list;
}

}  // namespace

void ReviewReport::begin(const ReviewQuestions& questions, TimePoint at) {
  summary_.begin(questions, at);
  if (form_ == OutputForm::text) return;
  output_.out << R"({"version":"signet.dev/review/v1","time":")" << format_time(at) << '"';
  if (all_) output_.out << R"(,"images":[)";
}

void ReviewReport::add(const ReviewCase& asked, const Verdict& verdict) {
  summary_.add(asked, verdict);
  if (!all_) return;
  std::string text = form_ == OutputForm::json ? verdict_json(verdict).dump() : block_of(verdict);
  if (asked.image == pending_image_ && text == pending_) return merge(where_, asked);
  flush();
  pending_ = std::move(text);
  pending_image_ = asked.image;
  where_ = asked;
}

void ReviewReport::flush() {
  if (pending_.empty()) return;
  if (form_ == OutputForm::json) {
    pending_.pop_back();  // its last brace
    output_.out << (is_first_ ? "\n" : ",\n") << pending_
                << ",\"places\":" << json_of(where_).dump() << ",\"uses\":" << where_.uses
                << ",\"workloads\":" << where_.workloads.size() << '}';
  } else {
    output_.out << pending_ << places_of(where_);
  }
  is_first_ = false;
  pending_.clear();
}

void ReviewReport::finish(const ReviewQuestions& questions) {
  flush();
  if (form_ == OutputForm::json) {
    output_.out << (all_ ? "]" : "") << ",\n\"problems\":" << problems_json(questions).dump()
                << ",\n\"skipped\":" << skipped_json(questions).dump()
                << ",\n\"summary\":" << summary_.json().dump() << "}\n";
  } else {
    print_text(questions);
  }
  output_.out.flush();
}

void ReviewReport::print_text(const ReviewQuestions& questions) {
  for (const ReviewProblem& problem : questions.problems) {
    output_.out << problem.object << ": denied: " << name_of(problem.reason) << " (" << problem.what
                << ")\n";
  }
  if (questions.problem_count > questions.problems.size()) {
    output_.out << "and " << questions.problem_count - questions.problems.size()
                << " more objects that cannot be judged\n";
  }
  for (const auto& [why, skip] : questions.skipped) {
    output_.out << "skipped " << skip.count << (skip.count == 1 ? " object, " : " objects, first ")
                << skip.first << ": " << why << '\n';
  }
  if (!is_first_ || !questions.problems.empty() || !questions.skipped.empty()) output_.out << '\n';
  summary_.print(output_.out);
}

}  // namespace signet
