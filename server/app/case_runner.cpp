#include "server/app/case_runner.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <nlohmann/json.hpp>

#include "core/base/bytes.hpp"
#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "server/app/settings_from.hpp"
#include "server/app/verifier_judge.hpp"
#include "server/app/wall_clock.hpp"
#include "server/verify/policy_store.hpp"

namespace signet {
namespace {

std::vector<std::string> paths_of(const std::vector<CasePath>& list) {
  std::vector<std::string> paths;
  for (const CasePath& one : list)
    paths.push_back(one.path);
  return paths;
}

Error at_place(Issue place, const std::string& what) {
  place.what = what;
  return {Reason::policy_invalid, place.str()};
}

Config config_of(const PolicyCase& one) {
  Config config;
  for (const Setting& setting : settings()) {
    for (const auto& [name, value] : one.settings) {
      if (setting.name != name) continue;
      // The reader of cases has tried it.
      static_cast<void>(setting.set(config, value));
    }
  }
  if (one.namespace_labels) {
    config.namespace_labels[one.ns] =
        Labels(one.namespace_labels->begin(), one.namespace_labels->end());
  }
  return config;
}

std::vector<std::string> key_of(const PolicyCase& one) {
  std::vector<std::string> key = paths_of(one.policies);
  const Config config = config_of(one);
  key.push_back(std::to_string(static_cast<int>(config.no_match)));
  key.emplace_back(config.dry_run ? "dry run" : "");
  key.emplace_back(one.with_policy_errors ? "with errors" : "");
  return key;
}

// ---- asking

WebRequest request_with(std::string body) {
  WebRequest request;
  request.method = "POST";
  request.query = "timeout=30s";
  request.body = std::move(body);
  request.received = std::chrono::steady_clock::now();
  return request;
}

void append_warnings(const Json& response, CaseFound& found) {
  const Json* const warnings = find_member(response, "warnings");
  if (warnings == nullptr) return;
  for (const Json& warning : *warnings)
    found.warnings.push_back(warning.get<std::string>());
}

// The review with the object that /mutate made of it.
std::string patched(const std::string& body, const WebReply& reply, CaseFound& found) {
  if (reply.status != 200) return body;
  const Json answer = Json::parse(reply.body);
  const Json& response = answer["response"];
  append_warnings(response, found);
  const Json* const patch = find_member(response, "patch");
  if (patch == nullptr) return body;
  const auto text = unbase64(patch->get<std::string>(), Base64::standard);
  const Json steps = Json::parse(*text);
  for (const Json& step : steps) {
    if (step["op"] == "test") continue;
    found.patches.push_back({step["path"].get<std::string>(), step["value"].get<std::string>()});
  }
  Json review = Json::parse(body);
  review["request"]["object"] = review["request"]["object"].patch(steps);
  return review.dump();
}

void read_reply(const WebReply& reply, CaseFound& found) {
  if (reply.status != 200) {
    found.reason = Reason::malformed_request;
    found.message = std::string(trim(reply.body));
    return;
  }
  const Json answer = Json::parse(reply.body);
  const Json& response = answer["response"];
  found.allowed = response["allowed"].get<bool>();
  append_warnings(response, found);
  if (const Json* const status = find_member(response, "status")) {
    found.message = status->value("message", "");
  }
}

Task<void> ask(Webhook* webhook, const PolicyCase* one, CaseFound* found) {
  std::string body = one->review;
  if (one->mutates) {
    WebRequest first = request_with(body);
    const WebReply reply = co_await webhook->mutate(std::move(first));
    body = patched(body, reply, *found);
  }
  WebRequest second = request_with(std::move(body));
  const WebReply reply = co_await webhook->validate(std::move(second));
  read_reply(reply, *found);
}

}  // namespace

std::vector<std::string> policy_files_of(const PolicyCase& one) {
  return paths_of(one.policies);
}

CaseRunner::CaseRunner() : log_(LogLevel::error, [](std::string_view) {}) {}

// ---- what cases name

Result<void> CaseRunner::prepare(const PolicyCase& one) {
  const auto policies = read_policies(one);
  return policies ? read_evidence(one) : policies;
}

Result<void> CaseRunner::prepare_with(const PolicyCase& one, Recording evidence) {
  evidence_[paths_of(one.evidence)] = std::make_shared<const Recording>(std::move(evidence));
  return read_policies(one);
}

Result<void> CaseRunner::read_policies(const PolicyCase& one) {
  const Key key = key_of(one);
  if (!policies_.contains(key)) {
    for (const CasePath& path : one.policies) {
      if (kind_of(path.path) != PathKind::missing) continue;
      return at_place(path.place, cat(path.path,
                                      ": no such file or directory; name the policies "
                                      "relative to the file of the cases"));
    }
    const Config config = config_of(one);
    auto reading =
        PolicyStore(paths_of(one.policies), SetRules{config.no_match, config.dry_run}).read();
    if (!reading) return reading.error();
    std::vector<std::string> lines;
    for (const Issue& issue : reading->files.issues)
      lines.push_back(issue.str());
    if (!lines.empty() && !one.with_policy_errors) {
      return Error(Reason::policy_invalid,
                   cat("policies with errors decide nothing; mend these:\n", join(lines, "\n")));
    }
    policies_[key] = reading->files.set;
  }
  return {};
}

Result<void> CaseRunner::read_evidence(const PolicyCase& one) {
  const Key key = paths_of(one.evidence);
  if (evidence_.contains(key)) return {};
  Recording all;
  for (const CasePath& path : one.evidence) {
    auto recording = Recording::read({path.path});
    if (!recording) return at_place(path.place, recording.error().what());
    const auto added = all.add(*std::move(recording));
    if (!added) return at_place(path.place, added.error().what());
  }
  evidence_[key] = std::make_shared<const Recording>(std::move(all));
  return {};
}

std::shared_ptr<const PolicySet> CaseRunner::policies_of(const PolicyCase& one) const {
  return policies_.at(key_of(one));
}

// ---- running

CaseFound CaseRunner::run(const PolicyCase& one) {
  CaseFound found;
  RecordedSource source(evidence_.at(paths_of(one.evidence)));
  const Clock clock = one.time ? Clock([at = *one.time] { return at; }) : Clock(wall_clock);
  Verifier verifier(source, clock);
  const Snapshot<PolicySet> policies(policies_of(one));
  std::optional<Webhook> webhook;
  asio::io_context loop(1);  // ends before what its coroutines refer to
  Judge judge = judge_by(verifier, loop.get_executor());
  judge.now = clock;
  webhook.emplace(std::move(judge), policies, webhook_settings_from(config_of(one)), metrics_,
                  log_);
  webhook->tell(
      [&found](const Review&, std::span<const JudgedImage> images, const Decision& decision) {
        found.images.assign(images.begin(), images.end());
        found.reason = decision.reason;
      });
  std::exception_ptr failure;
  asio::co_spawn(loop, ask(&*webhook, &one, &found), [&](const std::exception_ptr& thrown) {
    failure = thrown;
    loop.stop();
  });
  loop.run();
  verifier.stop();
  if (failure) std::rethrow_exception(failure);
  found.missing = source.missing();
  return found;
}

}  // namespace signet
