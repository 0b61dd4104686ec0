#include "server/net/url.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/base/limits.hpp"

namespace signet {
namespace {

struct UrlRow {
  std::string text;
  bool tls;
  std::string host;
  std::uint16_t port;
  std::string target;
};

TEST(UrlTest, ReadsAbsoluteUrls) {
  const std::vector<UrlRow> rows = {
      {"https://ghcr.io/v2/", true, "ghcr.io", 443, "/v2/"},
      {"http://localhost:5000", false, "localhost", 5000, "/"},
      {"HTTPS://GHCR.io", true, "ghcr.io", 443, "/"},
      {"https://a.b:8443/x?y=1&z=%20", true, "a.b", 8443, "/x?y=1&z=%20"},
      {"https://a.b?q=1", true, "a.b", 443, "/?q=1"},
      {"https://a.b:/x", true, "a.b", 443, "/x"},
      {"http://a.b/", false, "a.b", 80, "/"},
      {"https://10.0.0.1:5000/v2/", true, "10.0.0.1", 5000, "/v2/"},
      {"https://[2001:DB8::1]:5000/v2/", true, "2001:db8::1", 5000, "/v2/"},
      {"https://[::ffff:10.0.0.1]/", true, "::ffff:10.0.0.1", 443, "/"},
      {"https://a_b.example/x@y:z", true, "a_b.example", 443, "/x@y:z"},
  };
  for (const UrlRow& row : rows) {
    SCOPED_TRACE(row.text);
    const auto url = Url::parse(row.text);
    ASSERT_TRUE(url) << url.error().what();
    EXPECT_EQ(url->tls, row.tls);
    EXPECT_EQ(url->host, row.host);
    EXPECT_EQ(url->port, row.port);
    EXPECT_EQ(url->target, row.target);
  }
}

TEST(UrlTest, RefusesWhatIsNoPlainUrl) {
  const std::vector<std::string> texts = {
      "",
      "ghcr.io/v2/",
      "//ghcr.io/",
      "ftp://ghcr.io/",
      "https:///v2/",
      "https://",
      "https://user@ghcr.io/",
      "https://user:password@ghcr.io/",
      "https://ghcr.io/#fragment",
      "https://ghcr.io/a b",
      "https://ghcr.io/a\r\nHost: evil",
      "https://ghcr.io/a\\b",
      "https://ghcr.io\\@evil/",
      "https://ghcr.io/\x7f",
      "https://ghcr.io/\xc3\xa9",
      "https://gh%63r.io/",
      "https://ghcr.io:0/",
      "https://ghcr.io:65536/",
      "https://ghcr.io:+443/",
      "https://ghcr.io:0443/",
      "https://ghcr.io:443:443/",
      "https://ghcr..io/",
      "https://.ghcr.io/",
      "https://ghcr.io./",
      "https://-ghcr.io/",
      "https://ghcr-.io/",
      "https://" + std::string(64, 'a') + ".io/",
      "https://[::1/",
      "https://[::1]x/",
      "https://[fe80::1%25eth0]/",
      "https://[10.0.0.1]/",
      "https://[]/",
      "https://::1/",
  };
  for (const std::string& text : texts) {
    SCOPED_TRACE(text);
    const auto url = Url::parse(text);
    ASSERT_FALSE(url);
    EXPECT_EQ(url.error().reason(), Reason::registry_protocol);
  }
}

TEST(UrlTest, RefusesNumbersThatAResolverWouldTakeForAnAddress) {
  for (const char* host : {"0", "127.1", "0x7f.1", "0x7f000001", "2130706433", "0177.0.0.1",
                           "1.2.3", "1.2.3.4.5", "256.1.1.1", "01.2.3.4", "a.0x1"}) {
    SCOPED_TRACE(host);
    EXPECT_FALSE(Url::parse(std::string("https://") + host + "/"));
  }
}

TEST(UrlTest, BoundsItsLength) {
  const std::string start = "https://ghcr.io/";
  const std::string longest = start + std::string(kUrlBytes - start.size(), 'a');
  EXPECT_TRUE(Url::parse(longest));
  EXPECT_FALSE(Url::parse(longest + "a"));
  const Url base = *Url::parse(start);
  EXPECT_TRUE(base.resolve("/" + std::string(kUrlBytes - start.size(), 'a')));
  EXPECT_FALSE(base.resolve("/" + std::string(kUrlBytes - start.size() + 1, 'a')));
}

TEST(UrlTest, KeepsPasswordsOutOfItsMessages) {
  EXPECT_EQ(Url::parse("https://me:secret@ghcr.io/").error().what().find("secret"),
            std::string::npos);
  EXPECT_EQ(Url::parse("https://ghcr..io/x?signature=secret").error().what().find("secret"),
            std::string::npos);
}

TEST(UrlTest, ResolvesReferences) {
  const Url base = *Url::parse("https://reg.io:5000/v2/app/blobs/x?q=1");
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"https://cdn.io/y", "https://cdn.io/y"},
      {"http://cdn.io/y", "http://cdn.io/y"},
      {"//cdn.io/y?z", "https://cdn.io/y?z"},
      {"/y?z=1", "https://reg.io:5000/y?z=1"},
      {"y", "https://reg.io:5000/v2/app/blobs/y"},
      {"./y", "https://reg.io:5000/v2/app/blobs/y"},
      {"../y", "https://reg.io:5000/v2/app/y"},
      {"../../../../y", "https://reg.io:5000/y"},
      {"..", "https://reg.io:5000/v2/app/"},
      {".", "https://reg.io:5000/v2/app/blobs/"},
      {"/a/../b/./c", "https://reg.io:5000/b/c"},
      {"/a/..", "https://reg.io:5000/"},
      {"?n=2", "https://reg.io:5000/v2/app/blobs/x?n=2"},
      {"/y?a=b:c", "https://reg.io:5000/y?a=b:c"},
      {"/y?a=../b", "https://reg.io:5000/y?a=../b"},
  };
  for (const auto& [reference, wanted] : rows) {
    SCOPED_TRACE(reference);
    const auto url = base.resolve(reference);
    ASSERT_TRUE(url) << url.error().what();
    EXPECT_EQ(url->str(), wanted);
  }
}

TEST(UrlTest, RefusesBadReferences) {
  const Url base = *Url::parse("https://reg.io/v2/");
  for (const char* reference : {"", "/a b", "/a\nb", "#x", "/x#y", "ftp://x/", "javascript:x",
                                "//user@x/", "///x", "https:", "/a\\b", "//127.1/"}) {
    SCOPED_TRACE(reference);
    EXPECT_FALSE(base.resolve(reference));
  }
}

TEST(UrlTest, WritesItself) {
  const Url own = *Url::parse("https://reg.io/v2/?q=secret");
  EXPECT_EQ(own.origin(), "https://reg.io:443");
  EXPECT_EQ(own.host_header(), "reg.io");
  EXPECT_EQ(own.str(), "https://reg.io/v2/?q=secret");
  EXPECT_EQ(own.str_without_query(), "https://reg.io/v2/");
  const Url six = *Url::parse("http://[::1]:5000/x");
  EXPECT_EQ(six.origin(), "http://[::1]:5000");
  EXPECT_EQ(six.host_header(), "[::1]:5000");
  EXPECT_EQ(Url::parse(six.str())->host, "::1");
}

TEST(UrlTest, ComparesOrigins) {
  const Url url = *Url::parse("https://reg.io/a");
  EXPECT_TRUE(url.same_origin(*Url::parse("https://REG.io:443/b")));
  EXPECT_FALSE(url.same_origin(*Url::parse("http://reg.io:443/a")));
  EXPECT_FALSE(url.same_origin(*Url::parse("https://reg.io:444/a")));
  EXPECT_FALSE(url.same_origin(*Url::parse("https://sub.reg.io/a")));
}

}  // namespace
}  // namespace signet
