#include "server/registry/endpoint.hpp"

#include <gtest/gtest.h>

namespace signet {
namespace {

struct EndpointRow {
  const char* repository;
  const char* url;
};

TEST(EndpointTest, FindsTheRegistryBehindADomain) {
  NetSettings settings;
  settings.plain_http = {"plain.test", "mixed.test:5000"};
  const std::vector<EndpointRow> rows = {
      {"nginx", "https://registry-1.docker.io/"},
      {"index.docker.io/a/b", "https://registry-1.docker.io/"},
      {"quay.io/a", "https://quay.io/"},
      {"quay.io:443/a", "https://quay.io/"},
      {"reg.io:8443/a", "https://reg.io:8443/"},
      {"plain.test/a", "http://plain.test/"},
      {"plain.test:80/a", "http://plain.test/"},
      {"plain.test:5000/a", "https://plain.test:5000/"},
      {"mixed.test:5000/a", "http://mixed.test:5000/"},
      {"mixed.test/a", "https://mixed.test/"},
      {"localhost:5000/a", "https://localhost:5000/"},
      {"127.0.0.1:5000/a", "https://127.0.0.1:5000/"},
      {"[::1]:5000/a", "https://[::1]:5000/"},
  };
  for (const EndpointRow& row : rows) {
    SCOPED_TRACE(row.repository);
    const auto url = registry_url(*Repository::parse(row.repository), settings);
    ASSERT_TRUE(url) << url.error().what();
    EXPECT_EQ(url->str(), row.url);
  }
}

TEST(EndpointTest, PutsTargetsTogetherFromParsedNames) {
  const Url registry = *Url::parse("https://reg.io/");
  const Repository repository = *Repository::parse("reg.io/a/b");

  EXPECT_EQ(object_url(registry, repository, "manifests", "1.0")->target, "/v2/a/b/manifests/1.0");
  EXPECT_EQ(object_url(registry, repository, "blobs", Digest::of("x").str())->target,
            "/v2/a/b/blobs/" + Digest::of("x").str());
}

TEST(EndpointTest, RefusesNamesThatWereNeverParsed) {
  const Url registry = *Url::parse("https://reg.io/");
  for (const char* path : {"a//b", "../x", "a/../b", "a/.b", "a?b", "a b", "a%2fb", "a\r\nb", ""}) {
    SCOPED_TRACE(path);
    const auto url = object_url(registry, Repository{"reg.io", path}, "manifests", "1");
    ASSERT_FALSE(url);
    EXPECT_EQ(url.error().reason(), Reason::invalid_reference);
  }
  EXPECT_FALSE(object_url(registry, Repository{"reg.io", "a"}, "manifests", "../1"));
  EXPECT_FALSE(registry_url(Repository{"reg.io/../x", "a"}, NetSettings()));
}

}  // namespace
}  // namespace signet
