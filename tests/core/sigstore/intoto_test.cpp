#include "core/sigstore/intoto.hpp"

#include <gtest/gtest.h>

#include "core/base/limits.hpp"
#include "core/base/text.hpp"

namespace signet {
namespace {

const Digest kSubject = Digest::of("image");

std::string subject(std::string_view hex, std::string_view more = "") {
  return cat(R"({"digest":{"sha256":")", hex, "\"}", more, "}");
}

std::string matching() {
  return subject(kSubject.hex_part());
}

std::string statement(std::string_view subjects, std::string_view more = ",\"predicate\":{}",
                      std::string_view type = "https://in-toto.io/Statement/v1",
                      std::string_view predicate = "https://sigstore.dev/cosign/sign/v1") {
  return cat(R"({"_type":")", type, R"(","subject":[)", subjects, R"(],"predicateType":")",
             predicate, "\"", more, "}");
}

std::string repeated_member(const std::string& piece, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i)
    text += (i == 0 ? "" : ",") + piece;
  return text;
}

std::string digests(std::size_t count) {
  std::string text = "\"sha256\":\"" + kSubject.hex_part() + "\"";
  for (std::size_t i = 1; i < count; ++i)
    text += ",\"alg" + std::to_string(i) + "\":\"00\"";
  return text;
}

Reason statement_reason(const std::string& text) {
  const auto claims = statement_claims(text, kSubject);
  return claims ? Reason::verified : claims.error().reason();
}

TEST(StatementTest, ReadsWhatCosignWrites) {
  const auto claims = statement_claims(
      statement(subject(kSubject.hex_part(), R"(,"annotations":{"env":"prod","n":1})")), kSubject);

  ASSERT_TRUE(claims) << claims.error().what();
  EXPECT_EQ(claims->image, kSubject);
  EXPECT_FALSE(claims->docker_reference);
  EXPECT_EQ(claims->annotations, (std::map<std::string, std::string>{{"env", "prod"}}));
}

TEST(StatementTest, AcceptsEveryHonestSpelling) {
  const std::string cases[] = {
      statement(matching(), ""),
      statement(matching(), ",\"predicate\":{}", "https://in-toto.io/Statement/v0.1"),
      statement(subject("00") + "," + matching()),
      statement(subject(kSubject.hex_part(), R"(,"name":"x","uri":"y","annotations":{})")),
      statement(subject(kSubject.hex_part(), ",\"annotations\":null")),
  };
  for (const std::string& text : cases) {
    SCOPED_TRACE(text);
    EXPECT_EQ(statement_reason(text), Reason::verified);
  }
}

TEST(StatementTest, TakesAnnotationsOfTheMatchingSubjectOnly) {
  const auto claims = statement_claims(
      statement(subject("00", R"(,"annotations":{"env":"prod"})") + "," + matching()), kSubject);

  ASSERT_TRUE(claims);
  EXPECT_TRUE(claims->annotations.empty());
}

TEST(StatementTest, CallsAnAttestationUnsupported) {
  for (const char* predicate : {"https://slsa.dev/provenance/v1", "https://spdx.dev/Document",
                                "https://sigstore.dev/cosign/sign/v2", ""}) {
    SCOPED_TRACE(predicate);
    EXPECT_EQ(
        statement_reason(statement(matching(), "", "https://in-toto.io/Statement/v1", predicate)),
        Reason::unsupported_format);
  }
  EXPECT_EQ(statement_reason(statement(matching(), "", "https://in-toto.io/Statement/v2")),
            Reason::unsupported_format);
}

TEST(StatementTest, RefusesEveryOtherStatement) {
  std::string upper = kSubject.hex_part();
  for (char& c : upper)
    c = static_cast<char>(c >= 'a' && c <= 'f' ? c - 32 : c);
  const struct {
    const char* what;
    std::string text;
  } cases[] = {
      {"another image", statement(subject(Digest::of("x").hex_part()))},
      {"upper-case hex", statement(subject(upper))},
      {"no subject", statement("")},
      {"null subject", statement(matching() + ",null")},
      {"string subject", statement("\"x\"")},
      {"digest that is not hex", statement(matching() + ",{\"digest\":{\"gitCommit\":\"zz\"}}")},
      {"odd digest", statement(matching() + ",{\"digest\":{\"gitCommit\":\"abc\"}}")},
      {"empty digest", statement(matching() + ",{\"digest\":{\"gitCommit\":\"\"}}")},
      {"number as digest", statement("{\"digest\":{\"sha256\":1}}")},
      {"digest is no object", statement("{\"digest\":\"x\"}")},
      {"subject without digest", statement(matching() + ",{\"name\":\"x\"}")},
      {"unknown subject member", statement(subject(kSubject.hex_part(), ",\"zzz\":1"))},
      {"number as name", statement(subject(kSubject.hex_part(), ",\"name\":1"))},
      {"annotations no object", statement(subject(kSubject.hex_part(), ",\"annotations\":[]"))},
      {"unknown member", statement(matching(), ",\"zzz\":1")},
      {"duplicate member", statement(matching(), ",\"predicateType\":\"x\"")},
      {"predicate no object", statement(matching(), ",\"predicate\":1")},
      {"no type", "{\"subject\":[" + matching() + "]}"},
      {"no predicate type",
       "{\"_type\":\"https://in-toto.io/Statement/v1\",\"subject\":[" + matching() + "]}"},
      {"subject no array",
       "{\"_type\":\"https://in-toto.io/Statement/v1\",\"subject\":{},"
       "\"predicateType\":\"https://sigstore.dev/cosign/sign/v1\"}"},
      {"array", "[]"},
      {"not JSON", "x"},
      {"trailing bytes", statement(matching()) + "x"},
  };
  for (const auto& row : cases) {
    SCOPED_TRACE(row.what);
    EXPECT_EQ(statement_reason(row.text), Reason::payload_mismatch);
  }
}

TEST(StatementTest, BoundsSubjects) {
  EXPECT_EQ(statement_reason(statement(repeated_member(matching(), kSubjects))), Reason::verified);
  EXPECT_EQ(statement_reason(statement(repeated_member(matching(), kSubjects + 1))),
            Reason::limit_exceeded);
}

TEST(StatementTest, BoundsDigestsOfASubject) {
  EXPECT_EQ(statement_reason(statement("{\"digest\":{" + digests(kSubjectDigests) + "}}")),
            Reason::verified);
  EXPECT_EQ(statement_reason(statement("{\"digest\":{" + digests(kSubjectDigests + 1) + "}}")),
            Reason::limit_exceeded);
}

}  // namespace
}  // namespace signet
