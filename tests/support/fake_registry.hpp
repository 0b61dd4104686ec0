#pragma once
// A registry in memory: manifests, blobs, referrers, logins, tokens, pages, redirects and faults,
// and a list of everything it was asked. fake_registry_server.hpp puts it on a port; as a Transport
// it needs none.

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/oci/descriptor.hpp"
#include "server/net/transport.hpp"

namespace signet::testing {

enum class FakeLogin { open, basic, bearer };
enum class FakeReferrers {
  api,
  none,     // 404 of the router
  website,  // a redirect to another host, as GHCR does
  html,     // 200 with a login page
};

// What a connection does in place of, or beside, an honest answer.
enum class FakeConduct {
  honest,
  drops,
  stalls,
  cuts_the_body,
  resets_the_body,  // RST in the middle
  drips,            // one octet of the body a second
  stalls_after_the_body,
  raw,  // the body is all that goes over the wire
};

struct FakeReply {
  unsigned status = 200;
  HttpHeaders headers;
  std::string body;
  FakeConduct conduct = FakeConduct::honest;
  std::chrono::milliseconds delay{0};  // before the answer
};

class FakeRegistry {
 public:
  // ---- how it behaves; set before it is asked
  FakeLogin login = FakeLogin::open;
  std::string user;  // empty: anonymous tokens are enough
  std::string password;
  std::string realm = "/token";
  FakeReferrers referrers = FakeReferrers::api;
  std::size_t page_size = 0;  // referrers on one page; 0: all
  bool head_states_digest = true;
  std::chrono::milliseconds delay{0};  // before every answer
  std::string blobs_at;  // blobs are redirected to this URL prefix, such as "https://cdn.test"

  // ---- what it holds
  Digest put_manifest(const std::string& repository, const std::string& body,
                      const std::string& tag = "",
                      const std::string& type = "application/vnd.oci.image.manifest.v1+json");
  Descriptor put_blob(const std::string& content,
                      const std::string& type = "application/octet-stream");
  // Answers for request lines that begin with `line` ("GET /v2/a/manifests/1"), `times` of them.
  void fail(const std::string& line, FakeReply reply, int times = 1'000'000);
  void heal();  // forgets all faults

  // ---- what it was asked: "GET /v2/a/manifests/1"
  std::vector<std::string> requests() const;
  // The Authorization fields of those requests, empty where there was none.
  std::vector<std::string> authorizations() const;
  void forget_requests();

  FakeReply answer(const HttpRequest& request);

 private:
  struct Stored {
    std::string body;
    std::string type;
  };
  struct Fault {
    std::string line;
    FakeReply reply;
    int left;
  };
  struct Place {
    std::string repository;
    std::string kind;
    std::string name;
  };

  static std::optional<Place> place_of(const std::string& target);
  std::optional<FakeReply> planned_fault(const std::string& line);
  std::optional<FakeReply> refuse(const HttpRequest& request, const std::string& authorization);
  FakeReply token(const HttpRequest& request, const std::string& authorization);
  FakeReply manifest(const Place& place, const std::string& method);
  FakeReply blob(const Place& place);
  FakeReply list_referrers(const Place& place, const std::string& target);
  std::string expected_basic() const;

  mutable std::mutex mutex_;
  std::map<std::string, Stored> manifests_;                    // by "repository name"
  std::map<std::string, std::vector<std::string>> referring_;  // descriptors by "repository digest"
  std::map<std::string, std::string> blobs_;
  std::vector<Fault> faults_;
  std::vector<std::string> requests_;
  std::vector<std::string> authorizations_;
};

// Registries by origin ("https://reg.io:443"), without sockets.
class FakeInternet final : public Transport {
 public:
  std::map<std::string, FakeRegistry*> registries;
  std::vector<HttpRequest> requests;

  Task<Result<HttpReply>> send(HttpRequest request, Deadline deadline) override;
};

}  // namespace signet::testing
