#include "server/app/registry_stack.hpp"

#include <random>

#include "core/base/limits.hpp"
#include "core/base/text.hpp"
#include "server/net/proxy.hpp"
#include "server/registry/credentials.hpp"
#include "server/runtime/files.hpp"

namespace signet {
namespace {

// Jitter needs no secrecy.
double roll() {
  static thread_local std::minstd_rand dice{std::random_device{}()};
  return std::uniform_real_distribution<double>(0, 1)(dice);
}

}  // namespace

Result<std::shared_ptr<const Credentials>> read_credentials(const std::string& file) {
  if (file.empty()) return std::shared_ptr<const Credentials>();
  auto text = read_file(file, kTrustPemBytes);
  if (!text) return text.error();
  auto parsed = Credentials::parse(*text, CredentialOwner::service);
  if (!parsed) return parsed.error().under(file);
  return std::make_shared<const Credentials>(std::move(*parsed));
}

Result<std::unique_ptr<RegistryStack>> RegistryStack::make(asio::io_context& loop,
                                                           RegistrySettings settings, Clock clock,
                                                           std::size_t content_bytes) {
  auto credentials = read_credentials(settings.credentials_file);
  if (!credentials) return credentials.error();
  auto proxies = Proxies::parse(ProxyVariables::from_environment());
  if (!proxies) return proxies.error();
  settings.net.proxies = std::move(*proxies);
  std::unique_ptr<RegistryStack> stack(new RegistryStack);
  stack->resolver_ = std::make_unique<SystemResolver>(loop.get_executor());
  auto transport = HttpsTransport::make(loop.get_executor(), *stack->resolver_, settings.net);
  if (!transport) return transport.error();
  stack->transport_ = std::move(*transport);
  stack->measured_ = std::make_unique<MeasuredTransport>(
      *stack->transport_, [https = stack->transport_.get()] { return https->waiting(); });
  stack->retrying_ =
      std::make_unique<RetryingTransport>(*stack->measured_, clock, roll, settings.net.timers);
  stack->breaking_ = std::make_unique<BreakingTransport>(
      *stack->retrying_, [measured = stack->measured_.get()](const Url& origin, bool open) {
        measured->count_circuit(origin, open);
      });
  stack->client_ =
      std::make_unique<RegistryClient>(loop.get_executor(), *stack->breaking_, clock, settings);
  if (*credentials) {
    stack->warnings_ = (*credentials)->warnings();
    stack->use(std::move(*credentials));
  }
  stack->contents_ = std::make_unique<ContentCache>(*stack->client_, content_bytes);
  if (!settings.evidence.empty()) {
    auto recording = Recording::read(settings.evidence);
    if (!recording) return recording.error();
    stack->recorded_ =
        std::make_unique<RecordedSource>(std::make_shared<const Recording>(*std::move(recording)));
  }
  ImageSource* network = stack->contents_.get();
  if (stack->recorded_) network = stack->recorded_.get();
  auto sources = Sources::make(*network, settings.layouts);
  if (!sources) return sources.error();
  stack->sources_ = std::move(*sources);
  return stack;
}

void RegistryStack::use(std::shared_ptr<const Credentials> of_the_file) {
  of_the_file_ = std::move(of_the_file);
  use_both();
}

void RegistryStack::use_also(std::shared_ptr<const Credentials> of_secrets) {
  of_secrets_ = std::move(of_secrets);
  use_both();
}

void RegistryStack::use_both() {
  auto both = std::make_shared<Credentials>();
  if (of_the_file_) both->append(*of_the_file_);
  if (of_secrets_) both->append(*of_secrets_);
  client_->use(std::move(both));
}

}  // namespace signet
