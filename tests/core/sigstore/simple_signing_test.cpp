#include "core/sigstore/simple_signing.hpp"

#include <gtest/gtest.h>

#include "core/base/limits.hpp"
#include "core/base/text.hpp"

namespace signet {
namespace {

const Digest kImage = Digest::of("image");

std::string payload(std::string_view critical, std::string_view rest = ",\"optional\":null") {
  return cat("{\"critical\":{", critical, "}", rest, "}");
}

std::string identity(std::string_view reference) {
  return cat(R"("identity":{"docker-reference":")", reference, R"("},)");
}

std::string image_member(std::string_view digest) {
  return cat(R"("image":{"docker-manifest-digest":")", digest, R"("},)");
}

const std::string kSimpleType = R"("type":"cosign container image signature")";

std::string good_critical() {
  return identity("quay.io/a/b") + image_member(kImage.str()) + kSimpleType;
}

std::string upper(std::string text) {
  for (char& c : text)
    c = static_cast<char>(c >= 'a' && c <= 'f' ? c - 32 : c);
  return text;
}

TEST(SimpleSigningTest, ReadsWhatCosignWrites) {
  const auto claims = simple_signing_claims(payload(good_critical()), kImage);

  ASSERT_TRUE(claims) << claims.error().what();
  EXPECT_EQ(claims->image, kImage);
  EXPECT_EQ(claims->docker_reference, "quay.io/a/b");
  EXPECT_TRUE(claims->annotations.empty());
}

TEST(SimpleSigningTest, TakesOnlyStringsOfOptionalAsAnnotations) {
  const auto claims = simple_signing_claims(
      payload(good_critical(), R"(,"optional":{"env":"prod","n":1,"b":true,"l":["x"],"o":{}})"),
      kImage);

  ASSERT_TRUE(claims) << claims.error().what();
  EXPECT_EQ(claims->annotations, (std::map<std::string, std::string>{{"env", "prod"}}));
}

TEST(SimpleSigningTest, AcceptsEveryHonestSpelling) {
  const std::string escaped = "sha256:" + kImage.hex_part();
  const std::string cases[] = {
      payload(good_critical(), ""),
      payload(good_critical(), ",\"optional\":{}"),
      " " + payload(good_critical()) + "\n",
      payload(image_member("\\u0073" + escaped.substr(1)) + kSimpleType),
      payload("\"identity\":{}," + image_member(escaped) + kSimpleType),
  };
  for (const std::string& text : cases) {
    SCOPED_TRACE(text);
    EXPECT_TRUE(simple_signing_claims(text, kImage));
  }
}

TEST(SimpleSigningTest, RefusesEveryOtherPayload) {
  const std::string good = payload(good_critical());
  const std::string head = image_member(kImage.str());
  const struct {
    const char* what;
    std::string text;
  } cases[] = {
      {"another image", payload(image_member(Digest::of("x").str()) + kSimpleType)},
      {"upper-case hex", payload(image_member("sha256:" + upper(kImage.hex_part())) + kSimpleType)},
      {"digest is a number", payload("\"image\":{\"docker-manifest-digest\":1}," + kSimpleType)},
      {"no digest", payload("\"image\":{}," + kSimpleType)},
      {"image is null", payload("\"image\":null," + kSimpleType)},
      {"another type", payload(head + R"("type":"atomic container signature")")},
      {"type in other case", payload(head + R"("type":"Cosign container image signature")")},
      {"empty type", payload(head + R"("type":"")")},
      {"no type", payload(image_member(kImage.str()) + "\"identity\":{}")},
      {"key in other case", payload(head + R"("Type":"cosign container image signature")")},
      {"duplicate critical", cat("{\"critical\":{", good_critical(), "},", good.substr(1))},
      {"duplicate digest", payload("\"image\":{\"docker-manifest-digest\":\"sha256:00\","
                                   "\"docker-manifest-digest\":\"" +
                                   kImage.str() + "\"}," + kSimpleType)},
      {"unknown critical member", payload(good_critical() + ",\"x\":1")},
      {"unknown image member", payload("\"image\":{\"x\":1,\"docker-manifest-digest\":\"" +
                                       kImage.str() + "\"}," + kSimpleType)},
      {"unknown member", payload(good_critical(), ",\"x\":null")},
      {"optional is a string", payload(good_critical(), ",\"optional\":\"x\"")},
      {"optional is an array", payload(good_critical(), ",\"optional\":[]")},
      {"identity is a string", payload("\"identity\":\"x\"," + head + kSimpleType)},
      {"reference is a number",
       payload("\"identity\":{\"docker-reference\":1}," + head + kSimpleType)},
      {"trailing bytes", good + "x"},
      {"byte order mark", "\xef\xbb\xbf" + good},
      {"invalid UTF-8", payload(good_critical(), ",\"optional\":{\"a\":\"\xff\"}")},
      {"null", "null"},
      {"array", "[]"},
      {"empty", ""},
  };
  for (const auto& row : cases) {
    SCOPED_TRACE(row.what);
    const auto claims = simple_signing_claims(row.text, kImage);
    ASSERT_FALSE(claims);
    EXPECT_EQ(claims.error().reason(), Reason::payload_mismatch) << claims.error().what();
  }
}

TEST(SimpleSigningTest, NamesTheImageThatWasSigned) {
  const Digest other = Digest::of("x");

  const auto claims =
      simple_signing_claims(payload(image_member(other.str()) + kSimpleType), kImage);

  ASSERT_FALSE(claims);
  EXPECT_NE(claims.error().what().find(other.str()), std::string::npos);
  EXPECT_NE(claims.error().what().find(kImage.str()), std::string::npos);
}

TEST(SimpleSigningTest, BoundsThePayload) {
  std::string text = payload(good_critical());
  text.append(kPayloadBytes - text.size(), ' ');
  EXPECT_TRUE(simple_signing_claims(text, kImage));

  const auto longer = simple_signing_claims(text + " ", kImage);
  ASSERT_FALSE(longer);
  EXPECT_EQ(longer.error().reason(), Reason::limit_exceeded);
}

Descriptor layer_of(std::string_view text) {
  return {"application/vnd.dev.cosign.simplesigning.v1+json",
          Digest::of(text),
          text.size(),
          {},
          "",
          std::nullopt};
}

TEST(PayloadSynthesisTest, FindsTheSpellingsOfDockerReference) {
  const struct {
    const char* repository;
    const char* signed_as;
  } cases[] = {
      {"quay.io/a/b", "quay.io/a/b"},
      {"docker.io/library/nginx", "index.docker.io/library/nginx"},
      {"docker.io/library/nginx", "docker.io/library/nginx"},
      {"docker.io/library/nginx", "docker.io/nginx"},
      {"index.docker.io/library/nginx", "docker.io/library/nginx"},
      {"docker.io/a/b", "index.docker.io/a/b"},
      {"registry.local:5000/a/b", "registry.local:5000/a/b"},
      {"localhost:5900/example/app", "localhost:5900/example/app"},
      {"quay.io/a/b", "quay.io:443/a/b"},
      {"quay.io:443/a/b", "quay.io/a/b"},
  };
  for (const auto& row : cases) {
    SCOPED_TRACE(cat(row.repository, " signed as ", row.signed_as));
    const auto repository = Repository::parse(row.repository);
    ASSERT_TRUE(repository) << repository.error().what();
    const std::string text =
        payload(identity(row.signed_as) + image_member(kImage.str()) + kSimpleType);

    EXPECT_EQ(synthesise_payload(layer_of(text), *repository, kImage), text);
  }
}

TEST(PayloadSynthesisTest, GivesNothingUnlessDigestAndSizeMatch) {
  const auto repository = Repository::parse("quay.io/a/b");
  ASSERT_TRUE(repository);
  const std::string text = payload(good_critical());
  Descriptor longer = layer_of(text);
  longer.size += 1;
  Descriptor other = layer_of(text);
  other.digest = Digest::of("x");

  EXPECT_FALSE(synthesise_payload(longer, *repository, kImage));
  EXPECT_FALSE(synthesise_payload(other, *repository, kImage));
  EXPECT_FALSE(synthesise_payload(layer_of(text), *repository, Digest::of("x")));
  EXPECT_FALSE(synthesise_payload(layer_of(payload(good_critical(), ",\"optional\":{\"a\":\"b\"}")),
                                  *repository, kImage));
}

}  // namespace
}  // namespace signet
