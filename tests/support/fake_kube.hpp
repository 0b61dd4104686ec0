#pragma once
// An API server on a loopback port, with TLS, on a thread of its own: gets, lists and watches what
// a test puts into it, and misbehaves on demand.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace signet::testing {

// What it does to every request instead of an answer.
enum class KubeMood {
  honest,
  away,      // closes each connection
  refusing,  // 503
  garbled,   // watches say garbage, objects without metadata and events of unknown types
};

class FakeKube {
 public:
  // The certificate is for `names`, as OpenSSL writes them.
  explicit FakeKube(const std::string& names = "IP:127.0.0.1");
  ~FakeKube();
  FakeKube(const FakeKube&) = delete;
  FakeKube& operator=(const FakeKube&) = delete;

  std::uint16_t port() const;
  std::string ca_pem() const;
  // A kubeconfig of it with the token "good", written into `directory`.
  std::string write_kubeconfig(const std::string& directory) const;

  // The object gets a uid, a resourceVersion and a generation; watches hear of it.
  void put(const std::string& resource, const std::string& object);
  void remove(const std::string& resource, const std::string& ns, const std::string& name);
  // Watches hear of the object as it was at an earlier generation, as from a server that fell
  // behind; whoever gets or lists it sees it as it is.
  void tell_stale(const std::string& resource, const std::string& object, int generation);

  void be(KubeMood mood);
  // Watches from now on end so soon; 0: when they want to.
  void cut_watches_after(int milliseconds);
  // Every open watch gets 410, and all versions before now are gone.
  void expire();
  // The resource is unknown (404), or known again.
  void forget(const std::string& resource, bool unknown);
  void allow_token(const std::string& token);

  // "GET /apis/..." as they came.
  std::vector<std::string> asked() const;

 private:
  class Engine;
  std::unique_ptr<Engine> engine_;
};

}  // namespace signet::testing
