#include "server/net/redirects.hpp"

#include <gtest/gtest.h>

#include <string>

namespace signet {
namespace {

Url url(const std::string& text) {
  return *Url::parse(text);
}

HttpReply redirect_to(const std::string& location) {
  HttpReply reply;
  reply.status = 307;
  reply.headers.emplace_back("Location", location);
  return reply;
}

TEST(RedirectsTest, KnowsTheStatusesThatRedirect) {
  for (const unsigned status : {301U, 302U, 303U, 307U, 308U})
    EXPECT_TRUE(is_redirect(status));
  for (const unsigned status : {200U, 300U, 304U, 305U, 306U, 309U, 404U}) {
    EXPECT_FALSE(is_redirect(status));
  }
}

TEST(RedirectsTest, LetsABlobGoToAnotherHostWithoutAuthorization) {
  const auto next = follow_redirect(RequestKind::blob, {url("https://reg.io/v2/x")},
                                    redirect_to("https://cdn.io/x?signature=1"));
  ASSERT_TRUE(next);
  EXPECT_EQ(next->url.str(), "https://cdn.io/x?signature=1");
  EXPECT_EQ(next->authorization, Authorization::strip);
}

TEST(RedirectsTest, KeepsAuthorizationWithinTheOriginAlone) {
  const std::vector<std::pair<std::string, Authorization>> rows = {
      {"/y", Authorization::keep},
      {"https://reg.io:443/y", Authorization::keep},
      {"https://cdn.reg.io/y", Authorization::strip},
      {"https://reg.io:8443/y", Authorization::strip},
  };
  for (const auto& [location, wanted] : rows) {
    SCOPED_TRACE(location);
    const auto next =
        follow_redirect(RequestKind::blob, {url("https://reg.io/v2/x")}, redirect_to(location));
    ASSERT_TRUE(next);
    EXPECT_EQ(next->authorization, wanted);
  }
}

TEST(RedirectsTest, NeverRestoresAuthorizationOnTheWayBack) {
  const auto next =
      follow_redirect(RequestKind::blob, {url("https://reg.io/x"), url("https://cdn.io/1")},
                      redirect_to("https://reg.io/2"));
  ASSERT_TRUE(next);
  EXPECT_EQ(next->authorization, Authorization::strip);
}

TEST(RedirectsTest, BoundsTheHopsOfABlobAtFive) {
  std::vector<Url> visited = {url("https://reg.io/0")};
  for (int hop = 1; hop <= 5; ++hop) {
    const auto next = follow_redirect(RequestKind::blob, visited,
                                      redirect_to("https://cdn.io/" + std::to_string(hop)));
    ASSERT_TRUE(next) << hop;
    visited.push_back(next->url);
  }
  const auto sixth = follow_redirect(RequestKind::blob, visited, redirect_to("https://cdn.io/6"));
  ASSERT_FALSE(sixth);
  EXPECT_EQ(sixth.error().reason(), Reason::registry_protocol);
}

TEST(RedirectsTest, BoundsTheHopsOfAManifestAtTwoOfOneOrigin) {
  std::vector<Url> visited = {url("https://reg.io/0")};
  EXPECT_FALSE(follow_redirect(RequestKind::manifest, visited, redirect_to("https://cdn.io/1")));
  EXPECT_FALSE(follow_redirect(RequestKind::manifest, visited, redirect_to("https://reg.io:5/1")));
  visited.push_back(url("https://reg.io/1"));
  EXPECT_TRUE(follow_redirect(RequestKind::manifest, visited, redirect_to("/2")));
  visited.push_back(url("https://reg.io/2"));
  EXPECT_FALSE(follow_redirect(RequestKind::manifest, visited, redirect_to("/3")));
}

TEST(RedirectsTest, NeverFollowsWhereATokenWasDue) {
  EXPECT_FALSE(
      follow_redirect(RequestKind::token, {url("https://reg.io/token")}, redirect_to("/other")));
}

TEST(RedirectsTest, RefusesPlainHttp) {
  EXPECT_FALSE(follow_redirect(RequestKind::blob, {url("https://reg.io/x")},
                               redirect_to("http://reg.io/x")));
  EXPECT_FALSE(follow_redirect(RequestKind::blob, {url("http://reg.io/x")},
                               redirect_to("http://10.0.0.1/x")));
  EXPECT_TRUE(follow_redirect(RequestKind::blob, {url("http://reg.io/x")}, redirect_to("/y")));
}

TEST(RedirectsTest, RefusesALoop) {
  const std::vector<Url> visited = {url("https://a.io/x"), url("https://b.io/y")};
  EXPECT_FALSE(follow_redirect(RequestKind::blob, visited, redirect_to("https://a.io/x")));
  EXPECT_FALSE(follow_redirect(RequestKind::blob, visited, redirect_to("https://b.io/y")));
}

TEST(RedirectsTest, RefusesABadLocationWithoutRepeatingIt) {
  const std::vector<Url> visited = {url("https://reg.io/x")};
  for (const char* location :
       {"", "https://user@cdn.io/secret", "https://cdn.io/secret\r\nX: y",
        "https://cdn.io/a secret", "gopher://secret/", "https://127.1/secret"}) {
    SCOPED_TRACE(location);
    const auto next = follow_redirect(RequestKind::blob, visited, redirect_to(location));
    ASSERT_FALSE(next);
    EXPECT_EQ(next.error().what().find("secret"), std::string::npos);
  }
}

TEST(RedirectsTest, WantsOneLocation) {
  HttpReply none;
  none.status = 302;
  EXPECT_FALSE(follow_redirect(RequestKind::blob, {url("https://reg.io/x")}, none));
  HttpReply two = redirect_to("/a");
  two.headers.emplace_back("location", "/b");
  EXPECT_FALSE(follow_redirect(RequestKind::blob, {url("https://reg.io/x")}, two));
}

TEST(RedirectsTest, DropsAFragment) {
  const auto next =
      follow_redirect(RequestKind::blob, {url("https://reg.io/x")}, redirect_to("/y#part"));
  ASSERT_TRUE(next);
  EXPECT_EQ(next->url.target, "/y");
}

}  // namespace
}  // namespace signet
