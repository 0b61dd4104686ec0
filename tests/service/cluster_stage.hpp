#pragma once
// A Service that follows the policies of a fake API server.

#include <gtest/gtest.h>

#include <functional>

#include "tests/service/running_service.hpp"
#include "tests/support/fake_kube.hpp"

namespace signet {

class ClusterStage : public ::testing::Test {
 protected:
  // A cluster policy for reg.example, whose authority is that JSON.
  static std::string policy(const std::string& name, const std::string& authority) {
    return cat(R"({"apiVersion":"signet.dev/v1alpha1","kind":"ClusterTrustPolicy","metadata":{)",
               R"("name":")", name, R"("},"spec":{"match":{"images":["reg.example/**"]},)",
               R"("authorities":[)", authority, "]}}");
  }
  static std::string allowing(const std::string& name) {
    return policy(name, R"({"name":"a","static":{"action":"allow"}})");
  }
  static std::string denying(const std::string& name) {
    return policy(name, R"({"name":"a","static":{"action":"deny"}})");
  }

  Config config() {
    Config config = RunningService::loopback();
    config.kubernetes.enabled = true;
    config.kubernetes.kubeconfig = kube.write_kubeconfig(directory.str());
    config.kubernetes.events = false;
    return config;
  }

  static TimePoint now() {
    return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  }

  static DemoAnswer ask(const RunningService& service) {
    return service.post("/validate",
                        demo_review("pod", cat("reg.example/app@sha256:", std::string(64, 'a'))));
  }
  static bool is_allowed(const RunningService& service) { return ask(service).allowed; }
  static bool is_ready(const RunningService& service) { return service.health("/readyz") == 200; }

  // A number out of /metrics; -1 where there is none.
  static double metric(const RunningService& service, const std::string& series) {
    const std::string text = cat("\n", service.metrics());
    const auto at = text.find(cat("\n", series, " "));
    return at == std::string::npos ? -1 : std::stod(text.substr(at + series.size() + 2));
  }

  TemporaryDirectory directory;
  testing::FakeKube kube;
};

}  // namespace signet
