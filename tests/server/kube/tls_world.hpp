#pragma once
// Replicas that keep their own certificates, one API server in memory, and clients that call every
// replica with the caBundle of the moment and with those of the last minutes. Time passes only when
// a test says so.

#include <openssl/ssl.h>
#include <prometheus/registry.h>

#include <memory>

#include "core/base/bytes.hpp"
#include "server/kube/own_tls.hpp"
#include "server/net/tls.hpp"
#include "tests/server/kube/kube_store.hpp"
#include "tests/support/run.hpp"

namespace signet::testing {

inline const std::string kWorldHost = "signet.signet-system.svc";
inline const std::string kWorldSecret =
    "/api/v1/namespaces/signet-system/secrets/signet-webhook-ca";
inline const std::string kWorldValidating =
    "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/signet";
inline const std::string kWorldMutating =
    "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/signet";

// A client's handshake with a server, in memory, at that date.
inline bool shakes_hands(const TlsContext& server, const std::string& ca_pem, TimePoint date) {
  const auto client = make_client_context(ClientTls{ca_pem, false});
  if (!server || !client || ca_pem.empty()) return false;
  using Connection = std::unique_ptr<SSL, decltype(&SSL_free)>;
  const Connection caller(SSL_new((*client)->native_handle()), SSL_free);
  const Connection called(SSL_new(server->native_handle()), SSL_free);
  X509_VERIFY_PARAM_set_time(SSL_get0_param(caller.get()), date.time_since_epoch().count());
  if (!expect_host(caller.get(), kWorldHost)) return false;
  BIO* one = nullptr;
  BIO* other = nullptr;
  BIO_new_bio_pair(&one, 0, &other, 0);
  SSL_set_bio(caller.get(), one, one);
  SSL_set_bio(called.get(), other, other);
  SSL_set_connect_state(caller.get());
  SSL_set_accept_state(called.get());
  for (int i = 0; i < 10; ++i) {
    const int here = SSL_do_handshake(caller.get());
    const int there = SSL_do_handshake(called.get());
    if (here == 1 && there == 1) return true;
  }
  return false;
}

class TlsWorld {
 public:
  struct Replica {
    Replica(TlsWorld& world, std::size_t number)
        : metrics(world.date),
          log(LogLevel::error, [](std::string_view) {}),
          webhooks(world.store, {"signet"}, metrics),
          tls(
              world.store, webhooks, world.settings(),
              OwnTls::Needs{[&world, number] { return world.leader == number; },
                            [this](ServingCertificate made) { return serve(std::move(made)); },
                            [this](std::string_view reason, const std::string&) {
                              told.emplace_back(reason);
                            }},
              [&world] { return world.date; }, metrics, log) {}

    Result<void> serve(ServingCertificate made) {
      auto context = make_server_context(
          ServerTls{KeyPair{made.chain_pem, made.key_pem}, TlsVersion::tls13, "", {}});
      if (!context) return context.error();
      served = std::move(*context);
      chain = made.chain_pem;
      ++signed_times;
      return {};
    }

    Metrics metrics;
    Log log;
    TlsContext served;
    std::string chain;
    int signed_times = 0;
    std::vector<std::string> told;
    LiveWebhooks webhooks;
    OwnTls tls;
  };

  explicit TlsWorld(std::size_t replicas) {
    for (std::size_t i = 0; i < replicas; ++i)
      start(i);
  }

  // A new one of this number, which knows nothing.
  void start(std::size_t number) {
    if (all.size() <= number) all.resize(number + 1);
    all[number] = std::make_unique<Replica>(*this, number);
  }
  void install() {
    for (const std::string& path : {kWorldValidating, kWorldMutating}) {
      store.put(path, KubeStore::Object::parse(R"({"metadata":{"name":"signet"},"webhooks":[
          {"name":"pods.signet.dev","clientConfig":{"service":{"path":"/validate"}}},
          {"name":"workloads.signet.dev","clientConfig":{"service":{}}}]})"));
    }
  }

  Result<void> look(std::size_t number) {
    all[number]->tls.poke();
    return run(all[number]->tls.run());
  }
  void look_all() {
    for (std::size_t i = 0; i < all.size(); ++i)
      (void)look(i);
  }

  OwnTlsSettings settings() const {
    return OwnTlsSettings{"signet-system", "signet-webhook-ca", {kWorldHost}, times};
  }
  std::string bundle(const std::string& path, std::size_t entry) const {
    const auto& client = store.at(path)["webhooks"][entry]["clientConfig"];
    if (!client.contains("caBundle")) return "";
    return *unbase64(client["caBundle"].get<std::string>(), Base64::standard);
  }
  CaSecret secret() const { return *parse_ca_secret(store.at(kWorldSecret).dump()); }

  // Every caBundle that an API server may use now: those of this moment, and those that were in
  // force within the propagation delay.
  std::vector<std::string> bundles_in_use() {
    for (const std::string& path : {kWorldValidating, kWorldMutating}) {
      for (const std::size_t entry : {0, 1}) {
        auto& seen = history_[path + std::to_string(entry)];
        const std::string now = bundle(path, entry);
        if (seen.empty() || seen.back().first != now) seen.emplace_back(now, date);
      }
    }
    std::vector<std::string> used;
    for (auto& [place, seen] : history_) {
      // One is in use until its successor has been there for the whole delay.
      while (seen.size() > 1 && seen[1].second + times.propagation_delay <= date)
        seen.erase(seen.begin());
      for (const auto& [pem, since] : seen) {
        if (std::find(used.begin(), used.end(), pem) == used.end()) used.push_back(pem);
      }
    }
    return used;
  }

  // Calls every replica that serves; counts what failed.
  void call_all() {
    for (const std::string& pem : bundles_in_use()) {
      for (const auto& replica : all) {
        if (!replica->served) continue;
        ++calls;
        if (!shakes_hands(replica->served, pem, date)) ++failures;
      }
    }
  }

  KubeStore store;
  CaTimes times{std::chrono::hours(24 * 30), std::chrono::hours(24 * 3), std::chrono::minutes(10)};
  TimePoint date = *parse_time("2026-03-01T10:00:00Z");
  std::size_t leader = 0;
  std::vector<std::unique_ptr<Replica>> all;
  int calls = 0;
  int failures = 0;

 private:
  std::map<std::string, std::vector<std::pair<std::string, TimePoint>>> history_;
};

}  // namespace signet::testing
