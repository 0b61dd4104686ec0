#include "server/app/case_recorder.hpp"

#include <set>
#include <sstream>

#include "core/base/limits.hpp"
#include "core/base/text.hpp"
#include "server/app/case_runner.hpp"
#include "server/app/command_tools.hpp"
#include "server/app/wall_clock.hpp"
#include "server/cli/case_writer.hpp"
#include "server/registry/recorded.hpp"
#include "server/runtime/files.hpp"
#include "server/verify/gatherer.hpp"

namespace signet {
namespace {

constexpr std::string_view kTestCommand = "policy test";

// A place where signatures of the image may lie, and whether our logins are shown there.
using Shelves = std::set<std::pair<Repository, bool>>;

Shelves shelves_of(const Reference& image, const PolicySet& policies) {
  Shelves shelves = {{image.repository(), true}};
  for (const auto& policy : policies.policies) {
    for (const Authority& authority : policy->authorities) {
      if (!authority.signature_repository) continue;
      shelves.emplace(*authority.signature_repository, policy->kind == PolicyKind::cluster);
    }
  }
  return shelves;
}

// Asks for everything that a verdict may ever ask for, so that the case stands when its policies
// change.
Task<void> gather(ImageSource* source, const Reference* image, Digest digest,
                  const Shelves* shelves, Deadline deadline) {
  Gatherer gatherer(*source);
  for (const auto& [repository, own_credentials] : *shelves) {
    const Access access = own_credentials ? Access::own : Access::anonymous;
    const Search search{repository, image->repository(), digest, access};
    static_cast<void>(co_await gatherer.referrers(search, deadline));
    static_cast<void>(co_await gatherer.signature_tag(search, deadline));
  }
}

// What the recording says could not be fetched.
std::optional<Error> gap_in(const Recording& recording) {
  if (recording.failures.empty()) return std::nullopt;
  const auto& [name, error] = *recording.failures.begin();
  return error.under(name);
}

int nothing_recorded(const Error& error, Output output) {
  output.err << "signet " << kTestCommand << ": nothing was recorded: " << error.what() << '\n';
  return kExitUnchecked;
}

// The recording then holds all there is to say; 2 where an image cannot be had.
Task<int> fetch(RecordingSource* source, const std::vector<Reference>* images,
                const PolicySet* policies, std::chrono::seconds timeout, Output output) {
  for (const Reference& image : *images) {
    const Deadline deadline = deadline_in(timeout);
    std::optional<Digest> digest = image.digest();
    if (!digest) {
      const auto resolved =
          co_await source->resolve(image.repository(), *image.tag(), Access::own, deadline);
      if (!resolved) co_return nothing_recorded(resolved.error(), output);
      digest = *resolved;
    }
    const Shelves shelves = shelves_of(image, *policies);
    co_await gather(source, &image, *digest, &shelves, deadline);
  }
  if (const auto gap = gap_in(source->recording())) co_return nothing_recorded(*gap, output);
  co_return 0;
}

// Beside what the file holds already.
Result<Recording> joined(Recording recording, const std::string& file) {
  if (kind_of(file) == PathKind::missing) return recording;
  auto before = Recording::read({file});
  if (!before) return before.error();
  const auto added = recording.add(*std::move(before));
  if (!added) return added.error().under(file);
  return recording;
}

// The text of the file with a case of each image, as it is decided from the evidence.
Result<std::string> with_cases(const PolicyTestCommand& command, std::string text,
                               const Recording& evidence, Output output) {
  for (const std::string& image : command.record) {
    const RecordedCase recorded{image, command.paths, command.ns,
                                command.at ? *command.at : wall_clock()};
    // Once as if it were allowed, to run it; then with what was found.
    const auto trial = with_case(command.record_to, text, recorded, nullptr);
    if (!trial) return trial.error();
    CaseRunner runner;
    const PolicyCase& one = trial->read.cases.back();
    const auto ready = runner.prepare_with(one, evidence);
    if (!ready) return ready.error();
    const CaseFound found = runner.run(one);
    auto grown = with_case(command.record_to, text, recorded, &found);
    if (!grown) return grown.error();
    text = std::move(grown->text);
    output.out << "recorded " << image << ": " << (found.allowed ? "allow" : "deny") << " ("
               << name_of(reasons_of(found).front()) << ")\n";
  }
  return text;
}

int write(const PolicyTestCommand& command, const Recording& recording, Output output) {
  const std::string& file = command.record_to;
  const bool alone = file.ends_with(".evidence.json");
  const std::string evidence_file = alone ? file : evidence_file_of(file);
  const auto evidence = joined(recording, evidence_file);
  if (!evidence) return usage_error(output, kTestCommand, evidence.error().what());
  std::ostringstream told;
  Result<std::string> text = std::string();
  if (!alone) {
    if (kind_of(file) != PathKind::missing) text = read_file(file, kPolicyFileBytes);
    if (text) text = with_cases(command, *std::move(text), *evidence, {told, output.err});
    if (!text) return usage_error(output, kTestCommand, text.error().what());
  }
  auto written = replace_file(evidence_file, evidence->text());
  if (written && !alone) written = replace_file(file, *text);
  if (!written) return usage_error(output, kTestCommand, written.error().what());
  output.out << told.str() << "written: " << (alone ? "" : cat(file, ", ")) << evidence_file
             << '\n';
  return 0;
}

}  // namespace

int record_cases(PolicyTestCommand command, Output output) {
  auto images = references_of(command.record, command.registry.layouts);
  if (!images) return usage_error(output, kTestCommand, images.error().what());
  const auto policies = good_policies(command.paths);
  if (!policies) return usage_error(output, kTestCommand, policies.error().what());
  auto settings = settings_from(command.registry, *images);
  if (!settings) return usage_error(output, kTestCommand, settings.error().what());

  asio::io_context loop(1);
  auto registries = RegistryStack::make(loop, std::move(*settings), wall_clock);
  if (!registries) return usage_error(output, kTestCommand, registries.error().what());
  RecordingSource source((*registries)->source());
  const int code = run_to_end(loop, **registries,
                              fetch(&source, &*images, policies->get(), command.timeout, output));
  return code == 0 ? write(command, source.recording(), output) : code;
}

}  // namespace signet
