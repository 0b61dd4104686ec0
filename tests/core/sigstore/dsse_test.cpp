#include "core/sigstore/dsse.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/base/limits.hpp"
#include "core/base/text.hpp"

namespace signet {
namespace {

std::string envelope(std::string_view payload, std::string_view signatures,
                     std::string_view more = "") {
  return cat(R"({"payload":")", payload, R"(","payloadType":"t","signatures":[)", signatures, "]",
             more, "}");
}

Result<Envelope> parsed(const std::string& text) {
  const auto json = parse_json(text);
  if (!json) return json.error();
  return parse_envelope(*json);
}

TEST(DsseTest, EncodesAsTheSpecificationsExample) {
  EXPECT_EQ(pre_authentication_encoding("http://example.com/HelloWorld", "hello world"),
            "DSSEv1 29 http://example.com/HelloWorld 11 hello world");
  EXPECT_EQ(pre_authentication_encoding("", ""), "DSSEv1 0  0 ");
}

TEST(DsseTest, BindsTheTypeToThePayload) {
  EXPECT_NE(pre_authentication_encoding("a b", "c"), pre_authentication_encoding("a", "b c"));
}

TEST(DsseTest, ReadsPayloadTypeAndSignature) {
  const auto read = parsed(envelope("aGk=", R"({"sig":"c2ln","keyid":"whose"})"));

  ASSERT_TRUE(read) << read.error().what();
  EXPECT_EQ(read->payload, "hi");
  EXPECT_EQ(read->payload_type, "t");
  EXPECT_EQ(read->signature, "sig");
}

TEST(DsseTest, AcceptsBothAlphabetsWithAndWithoutPadding) {
  for (const char* text : {"+/8=", "+/8", "-_8=", "-_8"}) {
    SCOPED_TRACE(text);
    const auto read = parsed(envelope(text, cat(R"({"sig":")", text, "\"}")));
    ASSERT_TRUE(read) << read.error().what();
    EXPECT_EQ(read->payload, "\xfb\xff");
    EXPECT_EQ(read->signature, "\xfb\xff");
  }
}

TEST(DsseTest, RefusesWhatIsNotExactlyOneSignatureOverOnePayload) {
  const std::string sig = R"({"sig":"c2ln"})";
  const struct {
    const char* what;
    std::string text;
  } cases[] = {
      {"no signature", envelope("aGk=", "")},
      {"two signatures", envelope("aGk=", sig + "," + sig)},
      {"empty signature", envelope("aGk=", R"({"sig":""})")},
      {"null signature", envelope("aGk=", "null")},
      {"signature without sig", envelope("aGk=", R"({"keyid":"x"})")},
      {"keyid is a number", envelope("aGk=", R"({"sig":"c2ln","keyid":1})")},
      {"unknown signature member", envelope("aGk=", R"({"sig":"c2ln","cert":"x"})")},
      {"unknown member", envelope("aGk=", sig, ",\"zzz\":1")},
      {"mixed alphabets", envelope("+_8=", sig)},
      {"line ends", envelope("aG\\nk=", sig)},
      {"bits of no byte", envelope("aGl=", sig)},
      {"no payload", R"({"payloadType":"t","signatures":[{"sig":"c2ln"}]})"},
      {"no type", R"({"payload":"aGk=","signatures":[{"sig":"c2ln"}]})"},
      {"no signatures", R"({"payload":"aGk=","payloadType":"t"})"},
  };
  for (const auto& row : cases) {
    SCOPED_TRACE(row.what);
    const auto read = parsed(row.text);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().reason(), Reason::malformed_object) << read.error().what();
  }
}

TEST(DsseTest, BoundsTheSignature) {
  const std::string most = base64(std::string(kSignatureBytes, 's'));
  const std::string more = base64(std::string(kSignatureBytes + 1, 's'));

  EXPECT_TRUE(parsed(envelope("aGk=", cat(R"({"sig":")", most, "\"}"))));
  const auto refused = parsed(envelope("aGk=", cat(R"({"sig":")", more, "\"}")));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason(), Reason::limit_exceeded);
}

}  // namespace
}  // namespace signet
