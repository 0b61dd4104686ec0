#include "core/oci/errors.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace signet {
namespace {

std::string body_with(std::string_view code, std::string_view message = "m") {
  return R"({"errors":[{"code":")" + std::string(code) + R"(","message":")" + std::string(message) +
         R"("}]})";
}

struct ErrorRow {
  unsigned status;
  std::string body;
  Reason reason;
};

TEST(ErrorsTest, MapsEveryStatusToItsReason) {
  const std::vector<ErrorRow> rows = {
      {401, "", Reason::registry_auth},
      {401, body_with("NAME_UNKNOWN"), Reason::registry_auth},
      {403, body_with("DENIED"), Reason::registry_forbidden},
      {403, body_with("MANIFEST_UNKNOWN"), Reason::registry_forbidden},
      {404, "", Reason::image_not_found},
      {404, "<html>", Reason::image_not_found},
      {404, body_with("NAME_UNKNOWN"), Reason::image_not_found},
      {400, body_with("MANIFEST_UNKNOWN"), Reason::image_not_found},
      {400, body_with("DENIED"), Reason::registry_protocol},
      {429, "<html>", Reason::registry_rate_limited},
      {500, "", Reason::registry_unreachable},
      {502, "", Reason::registry_unreachable},
      {503, body_with("UNAVAILABLE"), Reason::registry_unreachable},
      {599, "", Reason::registry_unreachable},
      {204, "", Reason::registry_protocol},
      {302, "", Reason::registry_protocol},
      {405, "", Reason::registry_protocol},
      {418, "", Reason::registry_protocol},
  };
  for (const ErrorRow& row : rows) {
    SCOPED_TRACE(row.status);
    const Error error = refusal(row.status, row.body, "reg.io/a/b:1", "reg.io");
    EXPECT_EQ(error.reason(), row.reason) << error.what();
    EXPECT_TRUE(error.what().starts_with("reg.io/a/b:1: ")) << error.what();
    EXPECT_NE(error.what().find("HTTP " + std::to_string(row.status)), std::string::npos);
    EXPECT_EQ(error.what().find("not signed"), std::string::npos);
    EXPECT_EQ(error.what().find("signature"), std::string::npos);
  }
}

TEST(ErrorsTest, ShowsACodeOfTheSpecificationAndNoOtherText) {
  const Error known = refusal(403, body_with("DENIED", "secret text"), "x", "reg.io");
  const Error unknown = refusal(403, body_with("INJECTED_TEXT"), "x", "reg.io");

  EXPECT_NE(known.what().find("HTTP 403 DENIED"), std::string::npos);
  EXPECT_EQ(known.what().find("secret text"), std::string::npos);
  EXPECT_EQ(unknown.what().find("INJECTED"), std::string::npos);
}

TEST(ErrorsTest, ReadsCodesLeniently) {
  EXPECT_EQ(error_code_of(body_with("TOOMANYREQUESTS")), "TOOMANYREQUESTS");
  for (const char* body : {"", "<html>", "[]", R"({"errors":[]})", R"({"errors":[null]})",
                           R"({"errors":[{"code":7}]})", R"({"errors":{}})"}) {
    EXPECT_EQ(error_code_of(body), "") << body;
    EXPECT_EQ(error_message_of(body), "") << body;
  }
}

TEST(ErrorsTest, KeepsMessagesForLogsShortAndPrintable) {
  const std::string text = "\\u001b[31m" + std::string(20000, 'x') + "\\u202e";

  const std::string message = error_message_of(body_with("DENIED", text));

  EXPECT_LE(message.size(), 210U);
  EXPECT_GE(message.size(), 100U);
  EXPECT_EQ(message.find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace signet
