#include "server/web/request_head.hpp"

#include <gtest/gtest.h>

#include "server/web/request_body.hpp"

namespace signet {
namespace {

std::string post_head(const std::string& fields, const std::string& target = "/validate") {
  return "POST " + target + " HTTP/1.1\r\n" + fields + "\r\n";
}

const std::string kHost = "Host: x\r\n";

int head_status_of(const std::string& text) {
  const auto parsed = parse_request_head(text);
  const auto* refusal = std::get_if<Refusal>(&parsed);
  return refusal == nullptr ? 200 : refusal->status;
}

TEST(RequestHeadTest, ReadsAnHonestRequest) {
  const auto parsed = parse_request_head(post_head(
      "Host: signet.svc\r\nContent-Type: APPLICATION/JSON; charset=utf-8\r\nContent-Length: "
      "12\r\nAccept-Encoding: gzip\r\nConnection: keep-alive, Close\r\nExpect: 100-continue\r\n",
      "/validate?timeout=10s&x"));
  const auto* head = std::get_if<RequestHead>(&parsed);
  ASSERT_NE(head, nullptr);
  EXPECT_EQ(head->method, "POST");
  EXPECT_EQ(head->path, "/validate");
  EXPECT_EQ(head->query, "timeout=10s&x");
  EXPECT_EQ(head->content_type, "application/json");
  EXPECT_EQ(head->content_length, 12U);
  EXPECT_TRUE(head->wants_close);
  EXPECT_TRUE(head->expects_continue);
  EXPECT_FALSE(head->chunked);
}

TEST(RequestHeadTest, RefusesWhatParsersReadDifferently) {
  struct Row {
    std::string what, text;
    int status;
  };
  const std::string length = "Content-Length: 2\r\n";
  const Row rows[] = {
      {"fine", post_head(kHost + length), 200},
      {"chunked", post_head(kHost + "Transfer-Encoding: Chunked\r\n"), 200},
      {"two codings", post_head(kHost + "Transfer-Encoding: chunked, identity\r\n"), 400},
      {"an unknown coding", post_head(kHost + "Transfer-Encoding: xchunked\r\n" + length), 400},
      {"gzip, chunked", post_head(kHost + "Transfer-Encoding: gzip, chunked\r\n"), 400},
      {"coding and length", post_head(kHost + length + "Transfer-Encoding: chunked\r\n"), 400},
      {"length and coding", post_head(kHost + "Transfer-Encoding: chunked\r\n" + length), 400},
      {"a list of lengths", post_head(kHost + "Content-Length: 2, 2\r\n"), 400},
      {"two lengths", post_head(kHost + length + length), 400},
      {"a signed length", post_head(kHost + "Content-Length: +2\r\n"), 400},
      {"a negative length", post_head(kHost + "Content-Length: -1\r\n"), 400},
      {"a hexadecimal length", post_head(kHost + "Content-Length: 0x2\r\n"), 400},
      {"an empty length", post_head(kHost + "Content-Length:\r\n"), 400},
      {"a huge length", post_head(kHost + "Content-Length: 99999999999999999999\r\n"), 400},
      {"obs-fold", post_head(kHost + "A: b\r\n c\r\n" + length), 400},
      {"no Host", post_head(length), 400},
      {"two Hosts", post_head(kHost + kHost + length), 400},
      {"space before the colon", post_head(kHost + "Content-Length : 2\r\n"), 400},
      {"bare LF", "POST / HTTP/1.1\nHost: x\r\n\r\n", 400},
      {"bare CR", post_head("Host: x\rContent-Length: 2\r\n"), 400},
      {"NUL", post_head(kHost + std::string("A: \0\r\n", 6) + length), 400},
      {"an absolute target", post_head(kHost + length, "http://evil/validate"), 400},
      {"a target with 0xFF", post_head(kHost + length, "/\xff"), 400},
      {"a target with a fragment", post_head(kHost + length, "/#a"), 400},
      {"a lower-case method", "post / HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"two spaces", "POST  / HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"HTTP/1.0", "GET / HTTP/1.0\r\nHost: x\r\n\r\n", 505},
      {"HTTP/1.9", "GET / HTTP/1.9\r\nHost: x\r\n\r\n", 505},
      {"HTTP/0.9", "GET /\r\n\r\n", 400},
      {"the HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\n", 505},
      {"no length", post_head(kHost), 411},
      {"a GET with a body", "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n", 400},
      {"another expectation", post_head(kHost + length + "Expect: magic\r\n"), 417},
      {"two content types", post_head(kHost + length + "Content-Type: a\r\nContent-Type: b\r\n"),
       400},
      {"bytes behind", post_head(kHost + length) + "x", 400},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.what);
    EXPECT_EQ(head_status_of(row.text), row.status);
  }
}

TEST(RequestHeadTest, BoundsFieldsAndTarget) {
  std::string fields = kHost + "Content-Length: 0\r\n";
  for (std::size_t i = 2; i < kHeadFields; ++i)
    fields += "A: b\r\n";
  EXPECT_EQ(head_status_of(post_head(fields)), 200);
  EXPECT_EQ(head_status_of(post_head(fields + "A: b\r\n")), 431);
  std::string flood = fields;
  for (std::size_t i = 0; i < 100'000; ++i)
    flood += "A: b\r\n";
  EXPECT_EQ(head_status_of(post_head(flood)), 431);
  const std::string longest = "/" + std::string(kTargetBytes - 1, 'a');
  EXPECT_EQ(head_status_of(post_head(kHost + "Content-Length: 0\r\n", longest)), 200);
  EXPECT_EQ(head_status_of(post_head(kHost + "Content-Length: 0\r\n", longest + "a")), 400);
}

TEST(RequestHeadTest, TellsGarbageBeforeItsEnd) {
  EXPECT_TRUE(may_begin_request(""));
  EXPECT_TRUE(may_begin_request("PO"));
  EXPECT_TRUE(may_begin_request("POST /val"));
  EXPECT_FALSE(may_begin_request("\x16\x03\x01"));
  EXPECT_FALSE(may_begin_request("{\"a\":1}"));
  EXPECT_FALSE(may_begin_request(" POST /"));
  EXPECT_FALSE(may_begin_request(std::string(17, 'A')));
}

RequestHead request_head_of(const std::string& text) {
  return std::get<RequestHead>(parse_request_head(text));
}

// Feeds `bytes` in pieces of `step`; the body, or nothing where it was refused.
std::optional<std::string> head_body_of(const std::string& head, const std::string& bytes,
                                        std::size_t step, std::size_t limit = 100) {
  RequestBody body(request_head_of(head), head, limit);
  if (body.refusal()) return std::nullopt;
  std::string buffer;
  for (std::size_t at = 0; !body.done() && at < bytes.size(); at += step) {
    buffer += bytes.substr(at, step);
    const auto taken = body.put(buffer);
    if (std::holds_alternative<Refusal>(taken)) return std::nullopt;
    buffer.erase(0, std::get<std::size_t>(taken));
  }
  if (!body.done()) return std::nullopt;
  return body.take();
}

TEST(RequestBodyTest, ReadsBothFramingsInPiecesOfAnySize) {
  const std::string chunked = post_head(kHost + "Transfer-Encoding: chunked\r\n");
  for (const std::size_t step : {1, 2, 3, 7, 100}) {
    SCOPED_TRACE(step);
    EXPECT_EQ(head_body_of(post_head(kHost + "Content-Length: 5\r\n"), "hello", step), "hello");
    EXPECT_EQ(head_body_of(chunked, "3;x=y\r\nhel\r\n2\r\nlo\r\n0\r\nTrailer: t\r\n\r\n", step),
              "hello");
  }
}

TEST(RequestBodyTest, ARequestWithoutABodyIsDoneAtItsHead) {
  const std::string head = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
  const RequestBody body(request_head_of(head), head, 100);
  EXPECT_TRUE(body.done());
  EXPECT_FALSE(body.refusal());
}

TEST(RequestBodyTest, RefusesWhatIsTooLargeOrBroken) {
  const std::string chunked = post_head(kHost + "Transfer-Encoding: chunked\r\n");
  EXPECT_TRUE(head_body_of(post_head(kHost + "Content-Length: 10\r\n"), "0123456789", 10, 10));
  const std::string eleven = post_head(kHost + "Content-Length: 11\r\n");
  const RequestBody announced(request_head_of(eleven), eleven, 10);
  ASSERT_TRUE(announced.refusal());
  EXPECT_EQ(announced.refusal()->status, 413);
  EXPECT_TRUE(head_body_of(chunked, "a\r\n0123456789\r\n0\r\n\r\n", 100, 10));
  EXPECT_FALSE(head_body_of(chunked, "b\r\n01234567890\r\n0\r\n\r\n", 100, 10));
  EXPECT_FALSE(head_body_of(chunked, "3\r\nabcd\r\n0\r\n\r\n", 100));
  EXPECT_FALSE(head_body_of(chunked, "x\r\n", 100));
  EXPECT_FALSE(head_body_of(chunked, "1;" + std::string(300, 'e') + "\r\na\r\n0\r\n\r\n", 1000));
}

}  // namespace
}  // namespace signet
