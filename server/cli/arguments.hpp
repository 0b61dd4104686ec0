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
inline constexpr int kExitConfig = 78;

enum class OutputForm { text, json };

// How registries are read; shared by every command that reads them.
struct RegistryFlags {
  std::string config;                 // Docker config.json
  std::vector<std::string> ca_files;  // trusted in addition to the system's
  std::vector<std::string> plain_http_hosts;
  bool plain_http = false;  // for every host that the command is given
  std::vector<std::pair<std::string, std::string>> layouts;  // repository prefix, directory
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

// The program is to print `text` and end with `code`: --help, --version, or a usage error.
struct Exit {
  int code = 0;
  std::string text;
};

using Command =
    std::variant<VerifyCommand, InspectCommand, ServeCommand, DemoCommand, PolicyLintCommand, Exit>;

Command parse_arguments(int argc, const char* const* argv);

}  // namespace signet
