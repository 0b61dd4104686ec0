#include "server/app/serve.hpp"

#include <sys/prctl.h>
#include <sys/resource.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <cstdlib>
#include <optional>

#include "core/base/limits.hpp"
#include "core/base/text.hpp"
#include "server/app/build_time.hpp"
#include "server/app/service.hpp"
#include "server/app/wall_clock.hpp"
#include "server/runtime/config.hpp"
#include "server/runtime/files.hpp"

namespace signet {
namespace {

int refuse(Output output, int code, const std::string& what) {
  output.err << "signet serve: " << what << '\n';
  return code;
}

// A memory image would hold keys and logins (security.md SR-64).
void forbid_core_dumps() {
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

// The file's settings; the lines of what is wrong with it otherwise.
Result<Config> config_in(const std::string& file) {
  if (file.empty()) return Config();
  auto text = read_file(file, kPolicyFileBytes);
  if (!text) return text.error();
  ConfigFile parsed = parse_config(file, *text);
  if (parsed.issues.empty()) return std::move(parsed.config);
  std::vector<std::string> lines;
  for (const Issue& issue : parsed.issues)
    lines.push_back(issue.str());
  return Error(Reason::config_not_ready, join(lines, "\n"));
}

// What the settings lack, or where they contradict each other.
std::string conflict_in(const Config& config) {
  const TlsConfig& tls = config.tls;
  if (config.policies.empty() && !config.kubernetes.enabled) {
    return "no policies; give --policy PATH, a file or a directory, or --kubernetes true";
  }
  if (tls.cert_file.empty() != tls.key_file.empty()) {
    return "--tls-cert and --tls-key belong together; give both, or none of them";
  }
  if (tls.client_ca_file.empty() && !tls.client_names.empty()) {
    return "--tls-client-name is of no use without --tls-client-ca; give both";
  }
  if (tls.self_managed && (!config.kubernetes.enabled || !tls.cert_file.empty())) {
    return "--tls-self-managed needs --kubernetes true, and no --tls-cert beside it";
  }
  const bool in_files = !tls.cert_file.empty() && !tls.service.empty();
  if (in_files && !config.kubernetes.enabled && config.kubernetes.ns.empty()) {
    return "--tls-service needs --kubernetes-namespace: clients call SERVICE.NAMESPACE.svc";
  }
  return "";
}

// Every connection takes one, and every request to a registry.
void raise_descriptors() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

// Serves until a signal, then drains; a second signal ends at once. SIGHUP loads anew, SIGUSR1 logs
// everything for ten minutes.
class Life {
 public:
  Life(asio::io_context& loop, Service& service, const ServerConfig& config)
      : service_(service),
        config_(config),
        signals_(loop, SIGTERM, SIGINT),
        hangups_(loop, SIGHUP),
        debug_(loop, SIGUSR1),
        delay_(loop) {}

  Task<void> run() {
    await_hangup();
    await_debug();
    const auto [failure, signal] = co_await signals_.async_wait(kToken);
    signals_.async_wait([](const boost::system::error_code& cancelled, int) {
      if (!cancelled) end_at_once();
    });
    service_.begin_drain();
    // Endpoints learn of our end later than we do: requests keep coming for a while (webhook.md
    // E.3). Nobody waits for them at a keyboard.
    if (signal == SIGTERM) {
      delay_.expires_after(config_.shutdown_delay);
      co_await delay_.async_wait(kToken);
    }
    co_await service_.stop(deadline_in(config_.drain_timeout));
    signals_.cancel();
    hangups_.cancel();
    debug_.cancel();
  }

 private:
  void await_hangup() {
    hangups_.async_wait([this](const boost::system::error_code& cancelled, int) {
      if (cancelled) return;
      service_.reload();
      await_hangup();
    });
  }

  void await_debug() {
    debug_.async_wait([this](const boost::system::error_code& cancelled, int) {
      if (cancelled) return;
      service_.toggle_debug();
      await_debug();
    });
  }

  // Nothing is torn down: requests are in the air that refer to everything (webhook.md E.3).
  [[noreturn]] static void end_at_once() { std::_Exit(1); }

  Service& service_;
  const ServerConfig& config_;
  asio::signal_set signals_;
  asio::signal_set hangups_;
  asio::signal_set debug_;
  asio::steady_timer delay_;
};

// `wrong` is the exit code for what the settings make impossible.
int serve(const Config& config, int wrong, Output output) {
  asio::io_context loop(1);
  auto service = Service::make(loop, config, wall_clock, {});
  if (!service) {
    const bool by_clock = service.error().reason() == Reason::clock;
    return refuse(output, by_clock ? kExitConfig : wrong, service.error().what());
  }
  // Before anybody can know that we are there: a signal that nobody waits for would end us.
  Life life(loop, **service, config.server);
  const auto listening = (*service)->open();
  if (!listening) return refuse(output, wrong, listening.error().what());
  std::exception_ptr failure;
  asio::co_spawn(loop, life.run(), [&](const std::exception_ptr& thrown) { failure = thrown; });
  loop.run();
  if (failure) std::rethrow_exception(failure);
  return 0;
}

}  // namespace

int run(const ServeCommand& command, Output output) {
  forbid_core_dumps();
  raise_descriptors();
  tune_allocator();
  auto config = config_in(command.config);
  if (!config) return refuse(output, kExitConfig, config.error().what());
  const auto applied = apply_flags(*config, command.settings);
  if (!applied) return refuse(output, kExitUsage, applied.error().what());
  // With a file, the whole is what the file makes of it.
  const int wrong = command.config.empty() ? kExitUsage : kExitConfig;
  const std::string conflict = conflict_in(*config);
  if (!conflict.empty()) return refuse(output, wrong, conflict);
  config->built = build_time();
  return serve(*config, wrong, output);
}

}  // namespace signet
