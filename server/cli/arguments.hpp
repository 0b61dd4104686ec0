#pragma once
// What the command line asks for, as values. Nothing is opened or read here; what cannot be meant
// is refused here.

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/time.hpp"

namespace signet {

// Exit codes (sysexits where the program itself is misused).
inline constexpr int kExitTrusted = 0;
inline constexpr int kExitNotTrusted = 1;
inline constexpr int kExitUnchecked = 2;
inline constexpr int kExitUsage = 64;
inline constexpr int kExitOutput = 74;  // standard output could not be written
inline constexpr int kExitConfig = 78;

enum class OutputForm { text, json };
enum class ColourChoice { automatic, always, never };

// How registries are read; shared by every command that reads them.
struct RegistryFlags {
  std::string config;                 // Docker config.json
  std::vector<std::string> ca_files;  // trusted in addition to the system's
  std::vector<std::string> plain_http_hosts;
  bool plain_http = false;  // for every host that the command is given
  std::vector<std::pair<std::string, std::string>> layouts;  // repository prefix, directory
  std::vector<std::string> evidence;                         // recorded, in place of the network
};

// cosign's own flags for trust without a policy file.
struct TrustFlags {
  std::string ca_roots;
  std::string ca_intermediates;
  std::string certificate_chain;
  std::string key;
  std::optional<std::string> identity;
  std::optional<std::string> identity_regexp;
  std::optional<std::string> issuer;
  std::optional<std::string> issuer_regexp;
  std::map<std::string, std::string> annotations;

  bool given() const {
    return !ca_roots.empty() || !certificate_chain.empty() || !key.empty() || identity ||
           identity_regexp || issuer || issuer_regexp || !ca_intermediates.empty() ||
           !annotations.empty();
  }
};

struct VerifyCommand {
  std::vector<std::string> images;
  std::vector<std::string> policies;
  std::string ns = "default";
  TrustFlags trust;
  RegistryFlags registry;
  std::optional<TimePoint> at;
  std::chrono::seconds timeout{60};
  OutputForm output = OutputForm::text;
  bool explain = false;
  bool verbose = false;
  ColourChoice colour = ColourChoice::automatic;
};

struct InspectCommand {
  std::string image;
  RegistryFlags registry;
  std::chrono::seconds timeout{60};
  OutputForm output = OutputForm::text;
};

struct ServeCommand {
  std::string config;
  // Settings given as flags, by the name they have in the file ("tls.cert"); they win over it.
  std::vector<std::pair<std::string, std::string>> settings;
};

struct DemoCommand {
  bool keep = false;
  OutputForm output = OutputForm::text;
};

enum class LintForm { text, json, sarif };
enum class LintLevel { warning, error };

struct PolicyLintCommand {
  std::vector<std::string> paths;
  bool list_rules = false;  // instead of reading anything
  LintLevel fail_on = LintLevel::warning;
  std::optional<TimePoint> at;
  LintForm output = LintForm::text;
};

struct PolicyTestCommand {
  std::vector<std::string> paths;
  std::string run;    // a regular expression; empty: all cases
  std::string junit;  // a file; empty: none
  bool coverage = false;
  OutputForm output = OutputForm::text;
  // Not empty: these images are fetched, and become cases of the policies at `paths` in the file
  // NAME.cases.yaml, with their evidence beside it, or evidence alone in NAME.evidence.json.
  std::vector<std::string> record;
  std::string record_to;
  std::string ns = "default";
  std::optional<TimePoint> at;
  std::chrono::seconds timeout{60};
  RegistryFlags registry;
};

// Which results end a review with another code than 0.
enum class FailOn { deny, unchecked, warn, never };

struct ReviewCommand {
  std::vector<std::string> files;  // "-": standard input
  std::vector<std::string> policies;
  std::string kubeconfig;   // of the cluster whose policies count; excludes `policies`
  bool in_cluster = false;  // the same, as a Pod of it
  std::string kube_namespace;
  std::string ns = "default";  // of objects that name none
  std::map<std::string, std::map<std::string, std::string>> namespace_labels;
  std::vector<std::string> extra_resources;
  std::string no_match = "deny";
  std::string unpinned;  // empty: deny in reviews, allow in manifests
  RegistryFlags registry;
  std::optional<TimePoint> at;
  std::chrono::seconds timeout{60};
  OutputForm output = OutputForm::text;
  bool summary = false;
  FailOn fail_on = FailOn::unchecked;
};

struct PolicyImportCommand {
  std::string input;   // a file, or - for stdin
  std::string output;  // a file; empty: stdout
  bool without_logs = false;
};

// A running webhook, at its URL or as the cluster has it registered: exactly one of both.
struct CheckCommand {
  std::string url;
  std::string ca;           // a file; empty: the system's authorities
  std::string server_name;  // in place of the URL's host
  std::string webhook;      // the name of its configurations, validating and mutating
  std::string kubeconfig;   // empty: as a Pod of the cluster
  std::string readyz;       // URLs; empty: not asked
  std::string metrics;
  bool tls_only = false;
  std::chrono::seconds timeout{10};
};

// The program is to print `text` and end with `code`: --help, --version, a script for completion,
// or a usage error.
struct Exit {
  int code = 0;
  std::string text;
};

using Command =
    std::variant<VerifyCommand, InspectCommand, ServeCommand, DemoCommand, PolicyLintCommand,
                 PolicyTestCommand, PolicyImportCommand, ReviewCommand, CheckCommand, Exit>;

Command parse_arguments(int argc, const char* const* argv);

}  // namespace signet
