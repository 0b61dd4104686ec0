#include "server/net/reply_reader.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/base/limits.hpp"

namespace signet {
namespace {

HttpRequest request(const std::string& method = "GET") {
  return HttpRequest(method, *Url::parse("https://reg.io/v2/"));
}

// The whole reply at once, or one octet at a time.
enum class Pace { at_once, dripping };

Result<void> feed(ReplyReader& reader, std::string_view octets, Pace pace) {
  if (pace == Pace::at_once) return reader.feed(octets);
  for (std::size_t i = 0; i < octets.size(); ++i) {
    const auto fed = reader.feed(octets.substr(i, 1));
    if (!fed) return fed;
  }
  return {};
}

Error refusal(std::string_view octets, const HttpRequest& asked = request()) {
  ReplyReader reader(asked);
  const auto fed = reader.feed(octets);
  if (!fed) return fed.error();
  return {Reason::verified, "it was accepted"};
}

TEST(ReplyReaderTest, ReadsABodyOfAnnouncedLength) {
  for (const Pace pace : {Pace::at_once, Pace::dripping}) {
    ReplyReader reader(request());
    EXPECT_TRUE(
        feed(reader, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A:  b \r\n\r\nhello", pace));
    ASSERT_TRUE(reader.done());
    EXPECT_TRUE(reader.reusable());
    const HttpReply reply = reader.take();
    EXPECT_EQ(reply.status, 200U);
    EXPECT_EQ(reply.body, "hello");
    EXPECT_EQ(*reply.header("x-a"), "b");
  }
}

TEST(ReplyReaderTest, ReadsAChunkedBody) {
  for (const Pace pace : {Pace::at_once, Pace::dripping}) {
    ReplyReader reader(request());
    EXPECT_TRUE(feed(reader,
                     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                     "3;a=b\r\nabc\r\nA\r\n0123456789\r\n0\r\nX-Trailer: y\r\n\r\n",
                     pace));
    ASSERT_TRUE(reader.done());
    EXPECT_TRUE(reader.reusable());
    EXPECT_EQ(reader.take().body, "abc0123456789");
  }
}

TEST(ReplyReaderTest, ExpectsNoBodyWhereThereCanBeNone) {
  ReplyReader head(request("HEAD"));
  EXPECT_TRUE(head.feed("HTTP/1.1 200 OK\r\nContent-Length: 50000000\r\n\r\n"));
  EXPECT_TRUE(head.done());
  EXPECT_TRUE(head.reusable());

  ReplyReader no_content(request());
  EXPECT_TRUE(no_content.feed("HTTP/1.1 204 No Content\r\n\r\n"));
  EXPECT_TRUE(no_content.done());

  ReplyReader not_modified(request());
  EXPECT_TRUE(not_modified.feed("HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n"));
  EXPECT_TRUE(not_modified.done());
}

TEST(ReplyReaderTest, EndsABodyWithTheConnectionOnlyWhereAHashProtectsIt) {
  const std::string octets = "HTTP/1.1 200 OK\r\n\r\nhello";
  EXPECT_EQ(refusal(octets).reason(), Reason::registry_protocol);

  HttpRequest hashed = request();
  hashed.hash_verified = true;
  ReplyReader clean(hashed);
  EXPECT_TRUE(clean.feed(octets));
  EXPECT_FALSE(clean.done());
  EXPECT_TRUE(clean.end(Ending::clean));
  EXPECT_FALSE(clean.reusable());
  EXPECT_EQ(clean.take().body, "hello");

  ReplyReader truncated(hashed);
  EXPECT_TRUE(truncated.feed(octets));
  const auto ended = truncated.end(Ending::truncated);
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().reason(), Reason::registry_unreachable);
}

TEST(ReplyReaderTest, RefusesAShortBody) {
  for (const char* octets :
       {"", "HTTP/1.1 2", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"}) {
    SCOPED_TRACE(octets);
    ReplyReader reader(request());
    EXPECT_TRUE(reader.feed(octets));
    const auto ended = reader.end(Ending::clean);
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error().reason(), Reason::registry_unreachable);
  }
}

TEST(ReplyReaderTest, RefusesWhatTwoReadersCouldFrameDifferently) {
  const std::string ok = "HTTP/1.1 200 OK\r\n";
  const std::vector<std::string> replies = {
      ok + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n",
      ok + "Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n",
      ok + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n",
      ok + "Content-Length: 2\r\nContent-Length: 2\r\n\r\n",
      ok + "Content-Length: 2, 2\r\n\r\n",
      ok + "Content-Length: +2\r\n\r\n",
      ok + "Content-Length: -1\r\n\r\n",
      ok + "Content-Length: 0x2\r\n\r\n",
      ok + "Content-Length: 99999999999999999999\r\n\r\n",
      ok + "Content-Length:\r\n\r\n",
      ok + "Transfer-Encoding: gzip, chunked\r\n\r\n",
      ok + "Transfer-Encoding: chunked, identity\r\n\r\n",
      ok + "Transfer-Encoding: xchunked\r\n\r\n",
      ok + "Transfer-Encoding: gzip\r\nContent-Length: 2\r\n\r\n",
      ok + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
      "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
      ok + "X-A: b\r\n c\r\nContent-Length: 0\r\n\r\n",
      ok + " X-A: b\r\nContent-Length: 0\r\n\r\n",
      ok + "X-A : b\r\nContent-Length: 0\r\n\r\n",
      ok + "X A: b\r\nContent-Length: 0\r\n\r\n",
      ok + ": b\r\nContent-Length: 0\r\n\r\n",
      ok + "no colon\r\nContent-Length: 0\r\n\r\n",
      ok + "X-A: b\nContent-Length: 0\r\n\r\n",
      ok + "X-A: b\rc\r\nContent-Length: 0\r\n\r\n",
      ok + std::string("X-A: b\0c\r\nContent-Length: 0\r\n\r\n", 31),
      "HTTP/1.1 200 OK\nContent-Length: 0\r\n\r\n",
      "HTTP/2 200\r\nContent-Length: 0\r\n\r\n",
      "HTTP/1.2 200 OK\r\nContent-Length: 0\r\n\r\n",
      "HTTP/1.1 99 OK\r\nContent-Length: 0\r\n\r\n",
      "HTTP/1.1 600 OK\r\nContent-Length: 0\r\n\r\n",
      "HTTP/1.1 099 OK\r\nContent-Length: 0\r\n\r\n",
      "HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n",
      "HTTP/1.1  200 OK\r\nContent-Length: 0\r\n\r\n",
      "HTTP/1.1 200\tOK\r\nContent-Length: 0\r\n\r\n",
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n",
      "<html>not found</html>",
      "ICY 200 OK\r\n\r\n",
      "\r\nHTTP/1.1 200 OK\r\n\r\n",
      ok + "Transfer-Encoding: chunked\r\n\r\ng\r\n",
      ok + "Transfer-Encoding: chunked\r\n\r\n10000000000000000\r\n",
      ok + "Transfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n0\r\n\r\n",
      ok + "Transfer-Encoding: chunked\r\n\r\n2\nab\n0\r\n\r\n",
      ok + "Transfer-Encoding: chunked\r\n\r\n-2\r\nab\r\n",
      ok + "Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n",
  };
  for (const std::string& octets : replies) {
    SCOPED_TRACE(octets);
    const Error error = refusal(octets);
    EXPECT_EQ(error.reason(), Reason::registry_protocol) << error.what();
  }
}

TEST(ReplyReaderTest, AcceptsItsBodyLimitAndNothingBeyond) {
  HttpRequest asked = request();
  asked.body_limit = 5;
  const std::string ok = "HTTP/1.1 200 OK\r\n";
  for (const char* rest : {"Content-Length: 5\r\n\r\nhello",
                           "Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n"}) {
    ReplyReader reader(asked);
    EXPECT_TRUE(reader.feed(ok + rest));
    EXPECT_TRUE(reader.done());
  }
  asked.hash_verified = true;
  for (const char* rest :
       {"Content-Length: 6\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n3\r\n",
        "Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFF\r\n", "\r\nhello!"}) {
    SCOPED_TRACE(rest);
    EXPECT_EQ(refusal(ok + rest, asked).reason(), Reason::limit_exceeded);
  }
}

TEST(ReplyReaderTest, KeepsTheStatusOfAnErrorWithAHugeBody) {
  ReplyReader reader(request());
  EXPECT_TRUE(reader.feed("HTTP/1.1 404 Not Found\r\nContent-Length: 1000000000000000\r\n\r\n"));
  const std::string page(40'000, 'x');
  EXPECT_TRUE(reader.feed(page));
  EXPECT_FALSE(reader.done());
  EXPECT_TRUE(reader.feed(page));
  ASSERT_TRUE(reader.done());
  EXPECT_FALSE(reader.reusable());
  const HttpReply reply = reader.take();
  EXPECT_EQ(reply.status, 404U);
  EXPECT_EQ(reply.body.size(), kErrorBodyBytes);
}

TEST(ReplyReaderTest, KeepsTheStatusOfAnErrorThatIsEncoded) {
  ReplyReader reader(request());
  EXPECT_TRUE(reader.feed(
      "HTTP/1.1 404 Not Found\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nxx"));
  ASSERT_TRUE(reader.done());
  EXPECT_TRUE(reader.reusable());
  const HttpReply reply = reader.take();
  EXPECT_EQ(reply.status, 404U);
  EXPECT_EQ(reply.body, "");
}

TEST(ReplyReaderTest, SkipsFiveInterimRepliesAndNoMore) {
  std::string interim;
  for (std::size_t i = 0; i < kInterimReplies; ++i)
    interim += "HTTP/1.1 103 Early Hints\r\n\r\n";
  const std::string last = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  for (const Pace pace : {Pace::at_once, Pace::dripping}) {
    ReplyReader reader(request());
    EXPECT_TRUE(feed(reader, interim + last, pace));
    ASSERT_TRUE(reader.done());
    EXPECT_EQ(reader.take().body, "ok");
  }
  EXPECT_EQ(refusal(interim + "HTTP/1.1 100 Continue\r\n\r\n" + last).reason(),
            Reason::registry_protocol);
}

TEST(ReplyReaderTest, BoundsTheHead) {
  const std::string ok = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n";
  const auto with_fields = [&](std::size_t count) {
    std::string octets = ok;
    for (std::size_t i = 1; i < count; ++i)
      octets += "X: y\r\n";
    return octets + "\r\n";
  };
  EXPECT_EQ(refusal(with_fields(kReplyFields)).reason(), Reason::verified);
  EXPECT_EQ(refusal(with_fields(kReplyFields + 1)).reason(), Reason::registry_protocol);

  const auto with_field_of = [&](std::size_t size) {
    return ok + "X: " + std::string(size - 3, 'y') + "\r\n\r\n";
  };
  EXPECT_EQ(refusal(with_field_of(kReplyFieldBytes)).reason(), Reason::verified);
  EXPECT_EQ(refusal(with_field_of(kReplyFieldBytes + 1)).reason(), Reason::registry_protocol);

  const auto with_head_of = [&](std::size_t size) {
    std::string octets = ok;
    while (size - octets.size() > 20'000)
      octets += "X: " + std::string(10'000, 'y') + "\r\n";
    octets += "X: " + std::string((size - octets.size()) / 2 - 5, 'y') + "\r\n";
    return octets + "X: " + std::string(size - octets.size() - 7, 'y') + "\r\n\r\n";
  };
  ASSERT_EQ(with_head_of(kReplyHeadBytes).size(), kReplyHeadBytes);
  EXPECT_EQ(refusal(with_head_of(kReplyHeadBytes)).reason(), Reason::verified);
  EXPECT_EQ(refusal(with_head_of(kReplyHeadBytes + 1)).reason(), Reason::registry_protocol);
  EXPECT_EQ(refusal(ok + std::string(kReplyHeadBytes, 'x')).reason(), Reason::registry_protocol);
}

TEST(ReplyReaderTest, BoundsChunkExtensionsAndTrailers) {
  const std::string start = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::string pad(1500, 'e');
  std::string chunks;
  for (int i = 0; i < 3; ++i)
    chunks += "1;" + pad + "\r\nx\r\n";
  EXPECT_EQ(refusal(start + "1;" + pad + "\r\nx\r\n0\r\n\r\n").reason(), Reason::verified);
  EXPECT_EQ(refusal(start + chunks).reason(), Reason::registry_protocol);
  EXPECT_EQ(refusal(start + "1;" + std::string(kChunkOverheadBytes, 'e')).reason(),
            Reason::registry_protocol);
  EXPECT_EQ(refusal(start + "0\r\nX: " + std::string(kChunkOverheadBytes, 'e')).reason(),
            Reason::registry_protocol);
}

TEST(ReplyReaderTest, DoesNotReuseAConnectionThatMayHoldMore) {
  const std::vector<std::string> replies = {
      "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
      "HTTP/1.1 200 OK\r\nConnection: x, Close\r\nContent-Length: 2\r\n\r\nok",
      "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n",
  };
  for (const std::string& octets : replies) {
    SCOPED_TRACE(octets);
    ReplyReader reader(request());
    EXPECT_TRUE(reader.feed(octets));
    ASSERT_TRUE(reader.done());
    EXPECT_FALSE(reader.reusable());
    EXPECT_EQ(reader.take().body, "ok");
  }
}

TEST(RequestOctetsTest, WritesWhatARegistryNeeds) {
  HttpRequest asked("GET", *Url::parse("https://reg.io:5000/v2/a?b=c"));
  asked.headers.emplace_back("Accept", "x/y");
  const auto octets = request_octets(asked, "signet/1");
  ASSERT_TRUE(octets);
  EXPECT_EQ(*octets,
            "GET /v2/a?b=c HTTP/1.1\r\nHost: reg.io:5000\r\nUser-Agent: signet/1\r\n"
            "Accept-Encoding: identity\r\nAccept: x/y\r\n\r\n");
}

TEST(RequestOctetsTest, GivesAPostItsLength) {
  HttpRequest asked("POST", *Url::parse("https://reg.io/token"));
  asked.body = "a=b";
  const auto octets = request_octets(asked, "s");
  ASSERT_TRUE(octets);
  EXPECT_TRUE(octets->ends_with("Content-Length: 3\r\n\r\na=b"));
}

TEST(RequestOctetsTest, RefusesAFieldThatBreaksTheLine) {
  for (const char* value : {"a\r\nX: y", "a\nb", "\x7f", "\xc3\xa9"}) {
    HttpRequest asked = request();
    asked.headers.emplace_back("Authorization", value);
    const auto octets = request_octets(asked, "s");
    ASSERT_FALSE(octets);
    EXPECT_EQ(octets.error().what().find(value), std::string::npos);
  }
}

}  // namespace
}  // namespace signet
