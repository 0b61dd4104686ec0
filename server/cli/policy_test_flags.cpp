#include <re2/re2.h>

#include "core/base/text.hpp"
#include "server/cli/flags.hpp"

namespace signet {
namespace {

constexpr std::string_view kCasesEnd = ".cases.yaml";
constexpr std::string_view kEvidenceEnd = ".evidence.json";

class PolicyTestFlags final : public CommandFlags {
 public:
  explicit PolicyTestFlags(CLI::App& parent)
      : CommandFlags(parent, "test", "Run recorded cases of policies, or record one") {
    command_.add_option("PATH", test_.paths, "Case files, and directories of them (*.cases.yaml)")
        ->required()
        ->type_name("PATH");
    command_.add_option("--run", test_.run, "Only cases whose name this expression finds")
        ->type_name("REGEXP");
    command_.add_flag("--coverage", test_.coverage,
                      "Say which parts of the policies no case tries");
    command_.add_option("--junit", test_.junit, "Write the results as JUnit XML, too")
        ->type_name("FILE");
    command_
        .add_option("--output,-o", output_,
                    "The form of the results; with --record the file the case goes to")
        ->type_name("text|json|FILE");
    {
      const FlagGroup group(command_, "Recording");
      command_
          .add_option(
              "--record", test_.record,
              "Judge this image by the policies at PATH and write a case of it (repeatable)")
          ->type_name("IMAGE");
      command_.add_option("--namespace,-n", test_.ns, "The namespace of the workload")
          ->type_name("NAME");
      add_at_flag(command_, test_.at);
      add_timeout_flag(command_, test_.timeout);
    }
    add_registry_flags(command_, test_.registry);
    set_manual(
        command_,
        {"Runs the cases beside policies by exactly the code that decides in the cluster: a review "
         "goes to the mutating hook, and what it makes of it to the validating one. Registries are "
         "never asked; their answers are recorded evidence (NAME.evidence.json), and the time is "
         "the one that the case names. With --record, one image is fetched and judged as it is "
         "now, and becomes a case with its evidence, or evidence alone; logins are never recorded. "
         "JSON is of the "
         "form signet.dev/policy-test/v1 (tests/schema/policy-test.schema.json).",
         {{"0", "every case is as expected, or the case was recorded"},
          {"1", "a case is not as expected"},
          {"2", "with --record: the image could not be judged, and nothing was written"}},
         {{"all cases below a directory", "signet policy test policies"},
          {"what no case tries, and a report for CI",
           "signet policy test --coverage --junit report.xml policies"},
          {"make a case of an image",
           "signet policy test policies --record example.com/web:1 --output "
           "policies/web.cases.yaml"}}});
  }

  Command chosen() override {
    const std::string conflict = conflict_in();
    if (!conflict.empty()) return Exit{kExitUsage, cat("signet policy test: ", conflict, "\n")};
    if (output_ == "json") test_.output = OutputForm::json;
    if (!test_.record.empty()) test_.record_to = output_;
    return test_;
  }

 private:
  std::string conflict_in() const {
    if (!test_.record.empty()) {
      const auto is_named = [this](std::string_view end) {
        return output_.ends_with(end) && output_.size() > end.size();
      };
      return is_named(kCasesEnd) || is_named(kEvidenceEnd)
                 ? ""
                 : "--record needs --output NAME.cases.yaml, or NAME.evidence.json for the "
                   "evidence alone";
    }
    if (!output_.empty() && output_ != "text" && output_ != "json") {
      return cat("--output ", signet::quoted(output_, 60),
                 " is neither text nor json; a file is for --record");
    }
    const re2::RE2 expression(test_.run, re2::RE2::Quiet);
    return expression.ok() ? "" : cat("--run: ", expression.error());
  }

  PolicyTestCommand test_;
  std::string output_;
};

}  // namespace

std::unique_ptr<CommandFlags> policy_test_flags(CLI::App& parent) {
  return std::make_unique<PolicyTestFlags>(parent);
}

}  // namespace signet
