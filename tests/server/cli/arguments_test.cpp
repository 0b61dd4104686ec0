#include "server/cli/arguments.hpp"

#include <gtest/gtest.h>

namespace signet {
namespace {

Command parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "signet");
  return parse_arguments(static_cast<int>(arguments.size()), arguments.data());
}

TEST(ArgumentsTest, TakesCosignsVerifyLine) {
  const Command command =
      parse({"verify", "--ca-roots", "root.pem", "--ca-intermediates=i.pem",
             "--certificate-identity=team-a@linuxera.org", "--certificate-oidc-issuer-regexp",
             "https://linuxer.*.org", "--insecure-ignore-tlog", "--insecure-ignore-sct", "-a",
             "env=prod", "--at", "2026-11-01T00:00:00Z", "--plain-http", "host/a:1", "host/b:2"});

  const auto* const verify = std::get_if<VerifyCommand>(&command);
  ASSERT_NE(verify, nullptr);
  EXPECT_EQ(verify->images, (std::vector<std::string>{"host/a:1", "host/b:2"}));
  EXPECT_EQ(verify->trust.ca_roots, "root.pem");
  EXPECT_EQ(verify->trust.ca_intermediates, "i.pem");
  EXPECT_EQ(verify->trust.identity, "team-a@linuxera.org");
  EXPECT_EQ(verify->trust.issuer_regexp, "https://linuxer.*.org");
  EXPECT_EQ(verify->trust.annotations.at("env"), "prod");
  EXPECT_TRUE(verify->registry.plain_http);
  EXPECT_EQ(format_time(*verify->at), "2026-11-01T00:00:00Z");
}

TEST(ArgumentsTest, RefusesWhatCannotBeMeantWithExitCode64) {
  struct Row {
    std::vector<const char*> arguments;
    const char* says;
  };
  const std::vector<Row> rows = {
      {{}, "signet: say which command; there are: serve, verify"},
      {{"frobnicate"}, "there is no command \"frobnicate\""},
      {{"verify"}, "IMAGE"},
      {{"verify", "a/b"}, "nothing to trust"},
      {{"verify", "a/b", "--nonsense"}, "--nonsense"},
      {{"verify", "a/b", "--policy", "p", "--ca-roots", "r"}, "exclude each other"},
      {{"verify", "a/b", "--ca-roots", "r", "--certificate-chain", "c"}, "exclude each other"},
      {{"verify", "a/b", "--ca-roots", "r", "--certificate-oidc-issuer", "i"},
       "who must have signed"},
      {{"verify", "a/b", "--ca-roots", "r", "--certificate-identity", "s"},
       "--certificate-oidc-issuer"},
      {{"verify", "a/b", "--ca-roots", "r", "--certificate-identity", "s",
        "--certificate-identity-regexp", "s", "--certificate-oidc-issuer", "i"},
       "exclude each other"},
      {{"verify", "a/b", "--ca-roots", "r", "--certificate-identity", "s",
        "--certificate-oidc-issuer", "i", "--certificate-oidc-issuer-regexp", "i"},
       "exclude each other"},
      {{"verify", "a/b", "--key", "k", "--certificate-identity", "s"}, "--key excludes"},
      {{"verify", "a/b", "--key", "k", "--ca-roots", "r"}, "--key excludes"},
      {{"verify", "a/b", "--certificate-chain", "c", "--ca-intermediates", "i",
        "--certificate-identity", "s", "--certificate-oidc-issuer", "i"},
       "--ca-intermediates needs --ca-roots"},
      {{"verify", "a/b", "--key", "k", "--at", "yesterday"}, "is not a time"},
      {{"verify", "a/b", "--key", "k", "--at", "2027-13-01"}, "is not a time"},
      {{"verify", "a/b", "--key", "k", "-a", "novalue"}, "KEY=VALUE"},
      {{"verify", "a/b", "--key", "k", "--layout", "nodir"}, "NAME=VALUE"},
      {{"verify", "a/b", "--key", "k", "--output", "xml"}, "xml"},
      {{"verify", "a/b", "--key", "k", "--timeout", "0"}, "--timeout"},
      {{"verify", "a/b", "--key", "k", "--timeout", "3601"}, "from 1 to 3600"},
      {{"verify", "a/b", "--key", "k", "--verbose"}, "--verbose needs --explain"},
      {{"verify", "a/b", "--key", "k", "--explain", "-o", "json"}, "exclude each other"},
      {{"verify", "a/b", "--key", "k", "--color", "blue"}, "is not one of auto, always, never"},
      {{"inspect"}, "IMAGE is missing; usage: signet inspect [FLAGS] IMAGE"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.says);
    const Command command = parse(row.arguments);
    const auto* const exit = std::get_if<Exit>(&command);
    ASSERT_NE(exit, nullptr);
    EXPECT_EQ(exit->code, kExitUsage);
    EXPECT_NE(exit->text.find(row.says), std::string::npos) << exit->text;
  }
}

TEST(ArgumentsTest, HelpAndVersionEndWithZero) {
  for (const char* const flag : {"--help", "--version"}) {
    const Command command = parse({flag});
    ASSERT_TRUE(std::holds_alternative<Exit>(command));
    EXPECT_EQ(std::get<Exit>(command).code, 0);
    EXPECT_NE(std::get<Exit>(command).text.find("signet"), std::string::npos);
  }
  const Command help = parse({"verify", "--help"});
  ASSERT_TRUE(std::holds_alternative<Exit>(help));
  EXPECT_NE(std::get<Exit>(help).text.find("--certificate-identity"), std::string::npos);
}

TEST(ArgumentsTest, ADayIsItsFirstInstant) {
  const Command command = parse({"verify", "--key", "cosign.pub", "--at", "2027-06-01", "a/b"});
  ASSERT_TRUE(std::holds_alternative<VerifyCommand>(command));
  EXPECT_EQ(format_time(*std::get<VerifyCommand>(command).at), "2027-06-01T00:00:00Z");
}

TEST(ArgumentsTest, AKeyNeedsNoIdentity) {
  const Command command = parse({"verify", "--key", "cosign.pub", "a/b"});
  ASSERT_TRUE(std::holds_alternative<VerifyCommand>(command));
  EXPECT_EQ(std::get<VerifyCommand>(command).trust.key, "cosign.pub");
}

TEST(ArgumentsTest, LayoutsArePrefixAndDirectory) {
  const Command command = parse(
      {"inspect", "a.b/c", "--layout", "a.b=/layouts/a", "--layout", "d.e/f=./g", "-o", "json"});
  ASSERT_TRUE(std::holds_alternative<InspectCommand>(command));
  const auto& inspect = std::get<InspectCommand>(command);
  ASSERT_EQ(inspect.registry.layouts.size(), 2u);
  EXPECT_EQ(inspect.registry.layouts[1].first, "d.e/f");
  EXPECT_EQ(inspect.registry.layouts[1].second, "./g");
  EXPECT_EQ(inspect.output, OutputForm::json);
}

TEST(ArgumentsTest, RepeatableFlagsMayStandBeforeTheImage) {
  const Command command =
      parse({"verify", "--registry-ca", "one.pem", "--registry-ca", "two.pem", "--plain-http-host",
             "h:1", "--layout", "a.b=/l", "--policy", "p.yaml", "a.b/c", "a.b/d"});
  ASSERT_TRUE(std::holds_alternative<VerifyCommand>(command));
  const auto& verify = std::get<VerifyCommand>(command);
  EXPECT_EQ(verify.images, (std::vector<std::string>{"a.b/c", "a.b/d"}));
  EXPECT_EQ(verify.registry.ca_files, (std::vector<std::string>{"one.pem", "two.pem"}));
  EXPECT_EQ(verify.policies, std::vector<std::string>{"p.yaml"});
}

}  // namespace
}  // namespace signet
