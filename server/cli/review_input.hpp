#pragma once
// What manifests ask: each distinct image of each kind of workload once, with where it stands; and
// what is not judged, and why. Read as the webhook reads, for each object is put to its reader as
// the review of its creation.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/admission/decision.hpp"
#include "core/admission/image_path.hpp"
#include "core/policy/plan.hpp"
#include "server/cli/manifests.hpp"

namespace signet {

// What is kept for people; the rest is counted.
inline constexpr std::size_t kReviewPlaces = 5;      // of one image
inline constexpr std::size_t kReviewProblems = 100;  // objects that cannot be judged
inline constexpr std::size_t kReviewSkips = 100;     // different reasons not to judge

struct ReviewPlace {
  std::string object;  // "Deployment shop/web"
  std::string field;   // spec.template.spec.containers[0].image
};

struct ReviewCase {
  std::string image;  // as it is written
  Workload workload;
  Unpinned unpinned = Unpinned::allow;   // of Pods, else allow
  std::size_t uses = 0;                  // by containers and volumes
  std::vector<std::uint32_t> workloads;  // by number, sorted, each once
  std::vector<ReviewPlace> places;       // the first
};

// An object that the webhook would refuse as it stands.
struct ReviewProblem {
  std::string object;
  std::uint32_t workload = 0;
  Reason reason = Reason::malformed_object;
  std::string what;
};

struct ReviewSkip {
  std::size_t count = 0;
  std::string first;  // the object
};

struct ReviewQuestions {
  std::vector<ReviewCase> cases;  // by image
  std::vector<ReviewProblem> problems;
  std::size_t problem_count = 0;
  std::map<std::string, ReviewSkip> skipped;  // by why, a sentence
  std::size_t objects = 0;
  std::size_t workloads = 0;
};

struct ReviewInputRules {
  std::string ns = "default";                      // of objects that name none
  std::map<std::string, Labels> namespace_labels;  // known beforehand
  std::vector<ExtraResource> extra_resources;
  std::optional<Unpinned> unpinned;  // nothing: deny in reviews, allow in manifests
};

class ReviewInput {
 public:
  ReviewInput(std::shared_ptr<const PolicySet> policies, ReviewInputRules rules);
  ~ReviewInput();

  // Fails with malformed_object where it is no manifest, naming the line.
  Result<void> add(const ManifestObject& object);
  // Everything, once.
  ReviewQuestions finish();

 private:
  struct Read;

  Result<void> add(const ManifestObject& object, std::size_t depth);
  Result<void> add_nested(const Read& list, std::size_t depth);
  Result<void> add_review(std::string_view json);
  void add_object(Read& object);
  void note_namespace(const Read& object);
  std::string resource_of(const Read& object);
  void skip(const std::string& why, const Read& object);
  void ask(const Review& review, const Read& object, Unpinned unpinned);
  ReviewCase& case_of(const Review& review, const std::string& image, Unpinned unpinned);
  std::uint32_t workload_of(const Read& object, const PodObject& pod);

  std::shared_ptr<const PolicySet> policies_;
  ReviewInputRules rules_;
  LabelNames labels_;  // that are read
  ReviewScratch scratch_;
  struct Parser;
  std::unique_ptr<Parser> parser_;
  std::unordered_map<std::string, std::size_t> known_;           // cases
  std::unordered_map<std::size_t, std::uint32_t> workload_ids_;  // by the hash of their names
  ReviewQuestions questions_;
};

}  // namespace signet
