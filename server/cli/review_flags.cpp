#include "core/admission/image_path.hpp"
#include "core/base/text.hpp"
#include "server/cli/flags.hpp"

namespace signet {
namespace {

// NAMESPACE=KEY=VALUE; the value may be empty.
std::string is_namespace_label(const std::string& text) {
  const auto pieces = split(text, '=');
  const bool good = pieces.size() == 3 && !pieces[0].empty() && !pieces[1].empty();
  return good ? std::string()
              : cat(signet::quoted(text), " is not of the form NAMESPACE=KEY=VALUE");
}

std::string is_extra_resource(const std::string& text) {
  const auto extra = ExtraResource::parse(text);
  return extra ? std::string() : extra.error().what();
}

class ReviewFlags final : public CommandFlags {
 public:
  explicit ReviewFlags(CLI::App& parent)
      : CommandFlags(parent, "review", "Judge the images of manifests, of a file or a cluster") {
    command_.add_option("FILE", review_.files, "Manifests in YAML or JSON; - is standard input")
        ->required()
        ->type_name("FILE");
    add_policy_flags();
    add_workload_flags();
    add_at_flag(command_, review_.at);
    add_timeout_flag(command_, review_.timeout);
    add_output_flag(command_, review_.output);
    command_.add_flag("--summary", review_.summary,
                      "What would be denied in all, instead of image by image");
    add_choice<FailOn>(command_, "--fail-on", review_.fail_on,
                       {{"deny", FailOn::deny},
                        {"unchecked", FailOn::unchecked},
                        {"warn", FailOn::warn},
                        {"never", FailOn::never}},
                       "The least that ends with another exit code than 0: an image that is "
                       "denied, one that could not be checked (unless told), or one that is let "
                       "through although a policy objects");
    add_registry_flags(command_, review_.registry);
    describe();
  }

  Command chosen() override {
    const std::string conflict = conflict_in(review_);
    if (!conflict.empty()) return Exit{kExitUsage, cat("signet review: ", conflict, "\n")};
    return review_;
  }

 private:
  void add_policy_flags() {
    const FlagGroup group(command_, "Policies");
    command_.add_option("--policy", review_.policies, "Policy file or directory (repeatable)")
        ->type_name("PATH");
    command_
        .add_option("--kubeconfig", review_.kubeconfig,
                    "Judge by the policies of the cluster that its current context names")
        ->type_name("FILE");
    command_.add_flag("--kubernetes", review_.in_cluster,
                      "The same for the cluster that this Pod runs in");
    command_
        .add_option("--kubernetes-namespace", review_.kube_namespace,
                    "Where Signet itself is in that cluster, with what its policies name")
        ->type_name("NAMESPACE");
    command_
        .add_option("--no-match", review_.no_match,
                    "What becomes of images that no policy covers, as the setting noMatch has it; "
                    "deny unless told")
        ->check(one_of({"deny", "warn", "allow"}))
        ->type_name("deny|warn|allow");
    command_
        .add_option("--unpinned", review_.unpinned,
                    "What becomes of Pods whose images are named by a tag; unless told deny in an "
                    "AdmissionReview, which comes after the mutating hook, and allow in a "
                    "manifest, which comes before it")
        ->check(one_of({"deny", "warn", "allow"}))
        ->type_name("deny|warn|allow");
  }

  void add_workload_flags() {
    const FlagGroup group(command_, "Workloads");
    command_
        .add_option("--namespace,-n", review_.ns,
                    "The namespace of objects that name none, \"default\" unless told")
        ->type_name("NAMESPACE");
    command_
        .add_option_function<std::vector<std::string>>(
            "--namespace-label",
            [this](const std::vector<std::string>& labels) {
              for (const std::string& label : labels) {
                const auto pieces = split(label, '=');
                review_.namespace_labels[std::string(pieces[0])][std::string(pieces[1])] =
                    pieces[2];
              }
            },
            "A label of a namespace, where neither the input nor a cluster tells them "
            "(repeatable)")
        ->check(CLI::Validator(is_namespace_label, ""))
        ->type_name("NAMESPACE=KEY=VALUE");
    command_
        .add_option("--extra-resource", review_.extra_resources,
                    "Where a custom kind names images, as in "
                    "tekton.dev=taskruns=v1=spec.taskSpec.steps[*].image (repeatable)")
        ->check(CLI::Validator(is_extra_resource, ""))
        ->type_name("GROUP=RESOURCE=VERSION=PATH");
  }

  static std::string conflict_in(const ReviewCommand& review) {
    const int sources = static_cast<int>(!review.policies.empty()) +
                        static_cast<int>(!review.kubeconfig.empty()) +
                        static_cast<int>(review.in_cluster);
    if (sources == 0) return "by which policies? give --policy, --kubeconfig or --kubernetes";
    if (sources > 1) return "--policy, --kubeconfig and --kubernetes exclude each other";
    return "";
  }

  void describe() {
    set_manual(
        command_,
        {"Reads an AdmissionReview, a Pod, any kind of workload, a List, or many documents, of any "
         "length, and judges each distinct image once, by the code that decides in the cluster. "
         "--summary tells how many workloads and images would be denied before anything is "
         "enforced, by reason, repository, signer and root. JSON is of the form "
         "signet.dev/review/v1 (tests/schema/review.schema.json).",
         {{"0", "every image is admitted, or --fail-on asks for less"},
          {"1", "an image or an object is denied"},
          {"2", "an image, or the cluster, could not be asked"},
          {"78", "the clock is behind the program; set it, or give --at"}},
         {{"a file, by the policies of a directory",
           "signet review --policy policies/ deployment.yaml"},
          {"what Helm would install",
           "helm template web ./web | signet review --policy policies/ -"},
          {"a whole cluster, by its own policies",
           "kubectl get pods -A -o yaml | signet review --kubeconfig ~/.kube/config --summary -"},
          {"what a day will have ended",
           "signet review --policy policies/ --at 2027-06-01 "
           "--summary pods.yaml"}}});
  }

  ReviewCommand review_;
};

}  // namespace

std::unique_ptr<CommandFlags> review_flags(CLI::App& parent) {
  return std::make_unique<ReviewFlags>(parent);
}

}  // namespace signet
