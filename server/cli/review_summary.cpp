#include "server/cli/review_summary.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "core/base/text.hpp"
#include "core/oci/reference.hpp"

namespace signet {
namespace {

constexpr std::size_t kLinesShown = 20;  // of one grouping; JSON has them all
constexpr std::size_t kMonthBytes = 7;   // 2027-06
constexpr std::size_t kNameShown = 200;
// As people want to hear it.
constexpr std::array kWorstFirst = {ReviewGrade::denied, ReviewGrade::unchecked,
                                    ReviewGrade::objected, ReviewGrade::admitted};

std::size_t index_of(ReviewGrade grade) {
  return static_cast<std::size_t>(grade);
}

void sort_once(std::vector<std::uint32_t>& numbers) {
  std::sort(numbers.begin(), numbers.end());
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
}

std::string number_of(std::size_t count, std::string_view thing) {
  return cat(std::to_string(count), " ", thing, count == 1 ? "" : "s");
}

std::string repository_of(const std::string& image) {
  const auto reference = Reference::parse(image);
  return reference ? reference->repository().canonical() : "(no readable reference)";
}

std::string signer_of(const SignatureFinding& finding) {
  const std::string who = finding.subject.empty() ? "(no subject)" : finding.subject;
  if (!finding.issuer.empty()) return cat(who, " by ", finding.issuer);
  if (!finding.subject.empty()) return who;
  return finding.counted ? finding.detail : std::string("(no readable certificate)");
}

// Whose signatures let it in; of what is not let in, whose there are.
std::set<std::string> signers_of(const Verdict& verdict) {
  std::set<std::string> counted;
  std::set<std::string> found;
  for (const PolicyFinding& policy : verdict.policies) {
    for (const AuthorityFinding& authority : policy.authorities) {
      for (const SignatureFinding& signature : authority.signatures)
        (signature.counted ? counted : found).insert(signer_of(signature));
    }
  }
  if (!counted.empty()) return counted;
  if (!found.empty()) return found;
  return {verdict.reason == Reason::no_signature ? "(not signed)" : "(no signature was looked at)"};
}

std::set<std::string> roots_of(const Verdict& verdict) {
  std::set<std::string> roots;
  for (const PolicyFinding& policy : verdict.policies) {
    for (const AuthorityFinding& authority : policy.authorities) {
      for (const SignatureFinding& signature : authority.signatures) {
        if (!signature.anchor) continue;
        roots.insert(cat(signature.anchor->subject, " ", signature.anchor->fingerprint.str()));
      }
    }
  }
  return roots;
}

}  // namespace

std::string_view name_of(ReviewGrade grade) {
  switch (grade) {
    case ReviewGrade::admitted:
      return "admitted";
    case ReviewGrade::objected:
      return "objected";
    case ReviewGrade::unchecked:
      return "unchecked";
    case ReviewGrade::denied:
      return "denied";
  }
  return "denied";
}

ReviewGrade grade_of(const Verdict& verdict) {
  if (!verdict.allowed()) {
    const bool unchecked = standing_of(verdict.reason) == Standing::unchecked;
    return unchecked ? ReviewGrade::unchecked : ReviewGrade::denied;
  }
  const bool objected = decisive(verdict) != nullptr || !verdict.warnings.empty();
  return objected ? ReviewGrade::objected : ReviewGrade::admitted;
}

// ---- counting

void ReviewSummary::Count::add(std::uint32_t image, const std::vector<std::uint32_t>& of) {
  if (images.empty() || images.back() != image) images.push_back(image);
  workloads.insert(workloads.end(), of.begin(), of.end());
}

void ReviewSummary::Count::settle() {
  sort_once(images);
  sort_once(workloads);
}

void ReviewSummary::begin(const ReviewQuestions& questions, TimePoint at) {
  objects_ = questions.objects;
  workload_count_ = questions.workloads;
  problems_ = questions.problem_count;
  at_ = at;
}

void ReviewSummary::count(Groups& groups, const std::string& name, ReviewGrade grade,
                          const ReviewCase& asked, const Verdict& verdict) {
  Group& group = groups[printable(name, kNameShown)];
  group.by_grade[index_of(grade)].add(image_, asked.workloads);
  if (verdict.allowed()) group.until = earlier(group.until, verdict.certificates_until);
}

void ReviewSummary::add(const ReviewCase& asked, const Verdict& verdict) {
  if (image_ == 0 || asked.image != last_image_) ++image_;
  last_image_ = asked.image;
  const ReviewGrade grade = grade_of(verdict);
  total_.by_grade[index_of(grade)].add(image_, asked.workloads);
  count(by_reason_, std::string(name_of(verdict.reason)), grade, asked, verdict);
  count(by_repository_, repository_of(asked.image), grade, asked, verdict);
  for (const std::string& signer : signers_of(verdict))
    count(by_signer_, signer, grade, asked, verdict);
  for (const std::string& root : roots_of(verdict))
    count(by_root_, root, grade, asked, verdict);
  if (!verdict.allowed() || !verdict.certificates_until) return;
  total_.until = earlier(total_.until, verdict.certificates_until);
  ends_[format_time(*verdict.certificates_until).substr(0, kMonthBytes)].push_back(image_);
}

void ReviewSummary::settle() {
  for (Count& count : total_.by_grade)
    count.settle();
  for (Groups* const groups : {&by_reason_, &by_repository_, &by_signer_, &by_root_}) {
    for (auto& [name, group] : *groups) {
      for (Count& count : group.by_grade)
        count.settle();
    }
  }
  for (auto& [month, images] : ends_)
    sort_once(images);
}

std::size_t ReviewSummary::images(ReviewGrade grade) const {
  return total_.by_grade[index_of(grade)].images.size();
}

std::size_t ReviewSummary::workloads(ReviewGrade grade) const {
  return total_.by_grade[index_of(grade)].workloads.size();
}

// ---- text

namespace {

std::string sentence_for(ReviewGrade grade) {
  switch (grade) {
    case ReviewGrade::admitted:
      return "admitted";
    case ReviewGrade::objected:
      return "let through, although a policy that does not enforce objects";
    case ReviewGrade::unchecked:
      return "could not be checked";
    case ReviewGrade::denied:
      return "denied";
  }
  return "denied";
}

}  // namespace

void ReviewSummary::print(std::ostream& out, const std::string& title, const Groups& groups) {
  if (groups.empty()) return;
  const auto stopped = [](const Group& group) {
    return group.by_grade[index_of(ReviewGrade::denied)].workloads.size() +
           group.by_grade[index_of(ReviewGrade::unchecked)].workloads.size();
  };
  std::vector<const Groups::value_type*> sorted;
  for (const auto& entry : groups)
    sorted.push_back(&entry);
  std::stable_sort(sorted.begin(), sorted.end(), [&](const auto* a, const auto* b) {
    return stopped(a->second) > stopped(b->second);
  });
  out << '\n' << title << ":\n";
  for (std::size_t i = 0; i < std::min(sorted.size(), kLinesShown); ++i) {
    const auto& [name, group] = *sorted[i];
    std::vector<std::string> parts;
    for (const ReviewGrade grade : kWorstFirst) {
      const Count& count = group.by_grade[index_of(grade)];
      if (count.images.empty()) continue;
      parts.push_back(cat(number_of(count.images.size(), "image"), " in ",
                          number_of(count.workloads.size(), "workload"), " ", name_of(grade)));
    }
    const std::string until =
        group.until ? cat(", the first until ", format_time(*group.until)) : std::string();
    out << "  " << name << ": " << join(parts, "; ") << until << '\n';
  }
  if (sorted.size() > kLinesShown) {
    out << "  and " << sorted.size() - kLinesShown << " more; --output json has them all\n";
  }
}

void ReviewSummary::print(std::ostream& out) {
  settle();
  out << "As of " << format_time(at_) << ": " << number_of(objects_, "object") << ", "
      << number_of(workload_count_, "workload") << ", " << number_of(image_, "image") << ".\n";
  for (const ReviewGrade grade : kWorstFirst) {
    out << "  " << number_of(images(grade), "image") << " in "
        << number_of(workloads(grade), "workload") << ": " << sentence_for(grade) << '\n';
  }
  if (problems_ > 0)
    out << "  " << number_of(problems_, "object") << ": cannot be judged, denied\n";
  print(out, "By reason", by_reason_);
  print(out, "By repository", by_repository_);
  print(out, "By signer", by_signer_);
  print(out, "By root, of what is let in", by_root_);
  if (!ends_.empty()) out << "\nWhat is let in stays so until its certificates end:\n";
  for (const auto& [month, ending] : ends_)
    out << "  " << month << ": " << number_of(ending.size(), "image") << '\n';
}

// ---- JSON

Json ReviewSummary::json_of(const Groups& groups) {
  Json list = Json::array();
  for (const auto& [name, group] : groups) {
    Json entry = {{"name", name},
                  {"until", group.until ? Json(format_time(*group.until)) : Json(nullptr)}};
    for (const ReviewGrade grade : kWorstFirst) {
      const Count& count = group.by_grade[index_of(grade)];
      entry[std::string(name_of(grade))] = {{"images", count.images.size()},
                                            {"workloads", count.workloads.size()}};
    }
    list.push_back(std::move(entry));
  }
  return list;
}

Json ReviewSummary::json() {
  settle();
  Json ends = Json::array();
  for (const auto& [month, ending] : ends_)
    ends.push_back({{"month", month}, {"images", ending.size()}});
  Json all = std::move(json_of({{"all", total_}}).front());
  all.erase("name");
  return {{"objects", objects_},
          {"workloads", workload_count_},
          {"images", image_},
          {"problems", problems_},
          {"all", std::move(all)},
          {"by_reason", json_of(by_reason_)},
          {"by_repository", json_of(by_repository_)},
          {"by_signer", json_of(by_signer_)},
          {"by_root", json_of(by_root_)},
          {"ends", std::move(ends)}};
}

}  // namespace signet
