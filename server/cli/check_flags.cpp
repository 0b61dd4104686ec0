#include "core/base/text.hpp"
#include "server/cli/flags.hpp"
#include "server/net/url.hpp"

namespace signet {
namespace {

std::string is_url(const std::string& text) {
  const auto url = Url::parse(text);
  return url ? std::string() : url.error().what();
}

std::string is_https_url(const std::string& text) {
  const auto url = Url::parse(text);
  if (!url) return url.error().what();
  return url->tls ? std::string() : cat(text, ": an API server calls webhooks by https:// alone");
}

class CheckFlags final : public CommandFlags {
 public:
  explicit CheckFlags(CLI::App& parent)
      : CommandFlags(parent, "check", "Ask a running webhook as an API server would") {
    command_.add_option("URL", check_.url, "A webhook; without a path its /validate is asked")
        ->check(CLI::Validator(is_https_url, ""))
        ->type_name("URL");
    add_url_flags();
    add_cluster_flags();
    command_.add_option("--readyz", check_.readyz, "Where it says whether it is ready, as well")
        ->check(CLI::Validator(is_url, ""))
        ->type_name("URL");
    command_.add_option("--metrics", check_.metrics, "Where its metrics are, as well")
        ->check(CLI::Validator(is_url, ""))
        ->type_name("URL");
    command_.add_flag("--tls-only", check_.tls_only,
                      "Send no review: for a webhook that wants a certificate of the API server");
    add_timeout_flag(command_, check_.timeout, "Seconds for each question, 10 unless told");
    describe();
  }

  Command chosen() override {
    const std::string conflict = conflict_in(check_);
    if (!conflict.empty()) return Exit{kExitUsage, cat("signet check: ", conflict, "\n")};
    return check_;
  }

 private:
  void add_url_flags() {
    const FlagGroup group(command_, "At a URL");
    command_
        .add_option("--ca", check_.ca,
                    "PEM file of the authority that must have signed its certificate; the "
                    "system's authorities unless told")
        ->type_name("FILE");
    command_
        .add_option("--server-name", check_.server_name,
                    "Name that the certificate must be for, as in signet.signet-system.svc; that "
                    "of the URL unless told")
        ->type_name("NAME");
  }

  void add_cluster_flags() {
    const FlagGroup group(command_, "In a cluster");
    command_
        .add_option("--webhook", check_.webhook,
                    "The webhook configurations of this name, validating and mutating: each of "
                    "their webhooks where it is registered, by the caBundle that is there")
        ->type_name("NAME");
    command_
        .add_option("--kubeconfig", check_.kubeconfig,
                    "The cluster that its current context names; that of this Pod unless told")
        ->type_name("FILE");
  }

  static std::string conflict_in(const CheckCommand& check) {
    if (check.url.empty() == check.webhook.empty()) {
      return check.url.empty() ? "what is to be asked? give its URL, or --webhook NAME in a cluster"
                               : "a URL and --webhook exclude each other";
    }
    if (check.url.empty() && !(check.ca.empty() && check.server_name.empty())) {
      return "--ca and --server-name are for a URL; --webhook takes both from the cluster";
    }
    if (check.webhook.empty() && !check.kubeconfig.empty()) {
      return "--kubeconfig is for --webhook NAME";
    }
    return "";
  }

  void describe() {
    set_manual(command_,
               {"Connects as an API server does: the certificate must be signed by the given "
                "authority and be for the server's name. Then it sends a dry-run AdmissionReview "
                "of a Pod whose image is none, which has to be denied and is neither counted nor "
                "logged as a denial. A line each says what was found and what to do. `helm test` "
                "runs it in the cluster.",
                {{"0", "all is well"},
                 {"1", "something is not as it must be"},
                 {"2", "something could not be asked: nobody listens, or no answer came in time"}},
                {{"a webhook on this machine",
                  "signet check https://127.0.0.1:8443 --ca ca.pem "
                  "--server-name signet.signet-system.svc"},
                 {"and whether it is ready, and has metrics",
                  "signet check https://localhost:8443 --ca ca.pem "
                  "--readyz http://localhost:8081 --metrics http://localhost:8080"},
                 {"all of a cluster, from a Pod of it", "signet check --webhook signet"}}});
  }

  CheckCommand check_;
};

}  // namespace

std::unique_ptr<CommandFlags> check_flags(CLI::App& parent) {
  return std::make_unique<CheckFlags>(parent);
}

}  // namespace signet
