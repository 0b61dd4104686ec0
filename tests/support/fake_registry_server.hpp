#pragma once
// A FakeRegistry on a loopback port, with TLS or without, on a thread of its own, so that a whole
// program can be run against it.

#include <cstdint>
#include <memory>
#include <string>

#include "tests/support/fake_registry.hpp"

namespace signet::testing {

enum class FakeScheme { https, http };

class FakeRegistryServer {
 public:
  // The certificate is for 127.0.0.1, localhost and `names` ("DNS:reg.test"). `registry` must
  // outlive the server.
  explicit FakeRegistryServer(FakeRegistry& registry, FakeScheme scheme = FakeScheme::https,
                              const std::string& names = "");
  ~FakeRegistryServer();
  FakeRegistryServer(const FakeRegistryServer&) = delete;
  FakeRegistryServer& operator=(const FakeRegistryServer&) = delete;

  std::uint16_t port() const;
  std::string host() const;  // "127.0.0.1:PORT", as a reference writes it
  std::string ca_pem() const;
  std::size_t connections() const;  // accepted so far

 private:
  class Engine;
  std::unique_ptr<Engine> engine_;
};

}  // namespace signet::testing
