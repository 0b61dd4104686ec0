#include "server/app/review.hpp"

#include <unistd.h>

#include <boost/asio/co_spawn.hpp>

#include "core/base/text.hpp"
#include "server/app/cluster.hpp"
#include "server/app/cluster_policies.hpp"
#include "server/app/command_tools.hpp"
#include "server/app/wall_clock.hpp"
#include "server/cli/manifest_file.hpp"
#include "server/cli/review.hpp"
#include "server/cli/steady_tags.hpp"
#include "server/cli/terminal.hpp"

namespace signet {
namespace {

constexpr std::chrono::minutes kClusterTime{2};  // for all its policies and namespaces

template <class Setting>
Setting named(const std::string& word, Setting deny, Setting warn, Setting allow) {
  if (word == "warn") return warn;
  return word == "allow" ? allow : deny;
}

ReviewInputRules rules_of(const ReviewCommand& command) {
  ReviewInputRules rules;
  rules.ns = command.ns;
  for (const auto& [ns, labels] : command.namespace_labels)
    rules.namespace_labels[ns].insert(labels.begin(), labels.end());
  for (const std::string& text : command.extra_resources)
    rules.extra_resources.push_back(*ExtraResource::parse(text));
  if (!command.unpinned.empty()) {
    rules.unpinned = named(command.unpinned, Unpinned::deny, Unpinned::warn, Unpinned::allow);
  }
  return rules;
}

// "pods.yaml:3:1: ..." or "pods.yaml: ..."
std::string said_of(const std::string& file, const Error& error) {
  const std::string name = file == "-" ? "standard input" : file;
  const bool has_place = !error.what().empty() && is_digit(error.what().front());
  return cat(name, has_place ? ":" : ": ", error.what());
}

Result<ReviewQuestions> questions_of(const ReviewCommand& command,
                                     const std::shared_ptr<const PolicySet>& policies,
                                     ReviewInputRules rules) {
  ReviewInput input(policies, std::move(rules));
  for (const std::string& file : command.files) {
    const auto bytes = open_manifest(file);
    if (!bytes) return Error(bytes.error().reason(), said_of(file, bytes.error()));
    const auto read = read_manifests(
        *bytes, [&input](const ManifestObject& object) { return input.add(object); });
    if (!read) return Error(read.error().reason(), said_of(file, read.error()));
  }
  return input.finish();
}

// For the bare flag --plain-http.
std::vector<Reference> references_in(const ReviewQuestions& questions) {
  std::vector<Reference> images;
  for (const ReviewCase& asked : questions.cases) {
    auto image = Reference::parse(asked.image);
    if (image) images.push_back(std::move(*image));
  }
  return images;
}

int judge(const ReviewCommand& command, std::shared_ptr<const PolicySet> policies,
          ReviewInputRules rules, Output output) {
  const auto clock = clock_for(command.at);
  if (!clock) return clock_error(output, "review", clock.error());
  auto asked = questions_of(command, policies, std::move(rules));
  if (!asked) return usage_error(output, "review", asked.error().what());
  if (asked->cases.empty() && asked->problem_count == 0) {
    output.err << "signet review: no image was found in " << std::to_string(asked->objects)
               << " objects; nothing was judged\n";
  }
  auto settings = settings_from(command.registry, references_in(*asked));
  if (!settings) return usage_error(output, "review", settings.error().what());

  asio::io_context loop(1);
  auto registries = RegistryStack::make(loop, std::move(*settings), wall_clock);
  if (!registries) return usage_error(output, "review", registries.error().what());
  SteadyTags source((*registries)->source());
  Verifier verifier(source, *clock);
  ReviewReport report(output, command.output, !command.summary);
  const auto questions = std::make_shared<const ReviewQuestions>(std::move(*asked));
  report.begin(*questions, (*clock)());
  Progress progress(output.err, terminal_at(STDERR_FILENO).there, "judged", questions->cases.size(),
                    "images");
  return run_to_end(
      loop, **registries,
      review_images(questions, command, std::move(policies), verifier, report, progress));
}

NoMatch no_match_of(const ReviewCommand& command) {
  return named(command.no_match, NoMatch::deny, NoMatch::warn, NoMatch::allow);
}

Result<ClusterPolicies> ask_cluster(asio::io_context& loop, const ClusterEnds& ends,
                                    NoMatch no_match) {
  Result<ClusterPolicies> answer = Error(Reason::internal, "no answer came");
  const auto ask = [](KubeClient& client, std::string ns, NoMatch otherwise,
                      Result<ClusterPolicies>& into) -> Task<void> {
    const Deadline deadline = deadline_in(kClusterTime);
    const SetRules rules{otherwise, false};
    into = co_await read_cluster_policies(client, std::move(ns), rules, deadline);
    client.close();
  };
  asio::co_spawn(loop, ask(*ends.client, ends.ns, no_match, answer),
                 [](const std::exception_ptr& failure) {
                   if (failure) std::rethrow_exception(failure);
                 });
  loop.run();
  return answer;
}

}  // namespace

int run(ReviewCommand command, Output output) {
  ReviewInputRules rules = rules_of(command);
  if (!command.policies.empty()) {
    auto policies = good_policies(command.policies, no_match_of(command));
    if (!policies) return usage_error(output, "review", policies.error().what());
    return judge(command, std::move(*policies), std::move(rules), output);
  }
  asio::io_context loop(1);
  KubernetesConfig access;
  access.kubeconfig = command.kubeconfig;
  access.ns = command.kube_namespace;
  auto ends = ClusterEnds::make(loop.get_executor(), access);
  if (!ends) return usage_error(output, "review", ends.error().what());
  auto cluster = ask_cluster(loop, *ends, no_match_of(command));
  if (!cluster) {
    output.err << "signet review: the cluster: " << cluster.error().what() << '\n';
    return kExitUnchecked;
  }
  for (const Issue& issue : cluster->reading.policies.issues)
    output.err << "signet review: invalid in the cluster: " << issue.str() << '\n';
  // What the command line says of a namespace is what it will be.
  rules.namespace_labels.merge(cluster->namespace_labels);
  return judge(command, cluster->reading.policies.set, std::move(rules), output);
}

}  // namespace signet
