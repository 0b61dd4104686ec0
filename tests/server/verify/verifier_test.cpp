#include "server/verify/verifier.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "core/base/text.hpp"
#include "core/crypto/issuer.hpp"
#include "core/policy/loader.hpp"
#include "tests/server/verify/memory_fixture.hpp"

namespace signet {
namespace {

TimePoint now() {
  return *make_time(2026, 11, 1, 12, 0, 0);
}

// A key and the certificate that shows its public half.
struct Signer {
  PrivateKey key;
  Certificate certificate;
};

Signer make_signer() {
  CertificateTemplate content;
  content.common_name = "signer";
  content.not_before = now();
  content.not_after = now() + std::chrono::hours(1);
  const PrivateKey key = *PrivateKey::generate();
  return Signer{key, *issue(content, key, Issuer{})};
}

std::shared_ptr<const PolicySet> policies_for(const PublicKey& key, Mode mode = Mode::enforce) {
  auto policy = std::make_shared<Policy>();
  policy->name = "shop";
  policy->mode = mode;
  policy->match.images.push_back(*ImageGlob::parse("registry.example/**"));
  Authority authority;
  authority.name = "release-key";
  authority.rule = KeyRule{{key}};
  policy->authorities.push_back(std::move(authority));
  Loaded loaded;
  loaded.policies.push_back(std::move(policy));
  return std::make_shared<const PolicySet>(make_policy_set(std::move(loaded), NoMatch::deny));
}

class VerifierTest : public ::testing::Test {
 protected:
  VerifierTest() { digest = source.put(kRepository, R"({"an":"image"})", "1.0"); }

  void sign() {
    const std::string payload =
        cat(R"({"critical":{"identity":{"docker-reference":")", kRepository,
            R"("},"image":{"docker-manifest-digest":")", digest.str(),
            R"("},"type":"cosign container image signature"},"optional":null})");
    const Descriptor layer =
        source.put_blob(payload, "application/vnd.dev.cosign.simplesigning.v1+json");
    const Descriptor config = source.put_blob("{}", "application/vnd.oci.image.config.v1+json");
    const Json manifest = {
        {"schemaVersion", 2},
        {"mediaType", "application/vnd.oci.image.manifest.v1+json"},
        {"config",
         {{"mediaType", config.media_type},
          {"digest", config.digest.str()},
          {"size", config.size}}},
        {"layers",
         {{{"mediaType", layer.media_type},
           {"digest", layer.digest.str()},
           {"size", layer.size},
           {"annotations",
            {{"dev.cosignproject.cosign/signature", base64(*signer.key.sign(payload))}}}}}}};
    source.put(kRepository, manifest.dump(), cat("sha256-", digest.hex_part(), ".sig"));
  }

  Verdict verify(const std::string& image = "registry.example/shop/app:1.0",
                 Deadline deadline = Deadline::max(), Mode mode = Mode::enforce) {
    Verifier verifier(source, now);
    Workload workload;
    workload.ns = "shop";
    return testing::run(verifier.verify(*Reference::parse(image), workload,
                                        policies_for(signer.certificate.public_key(), mode),
                                        deadline));
  }

  Signer signer = make_signer();
  MemorySource source;
  Digest digest = Digest::of("an image");
};

TEST_F(VerifierTest, TrustsASignedImageAndNamesItsDigest) {
  sign();

  const Verdict verdict = verify();

  EXPECT_TRUE(verdict.allowed()) << verdict.detail;
  EXPECT_EQ(verdict.reason, Reason::verified);
  EXPECT_EQ(verdict.digest, digest);
}

TEST_F(VerifierTest, AnUnsignedImageIsNotSignedRatherThanUnchecked) {
  const Verdict verdict = verify();

  EXPECT_FALSE(verdict.allowed());
  EXPECT_EQ(verdict.reason, Reason::no_signature);
}

TEST_F(VerifierTest, AFailingRegistryIsUncheckedRatherThanNotSigned) {
  source.failures.insert_or_assign(cat("referrers ", kRepository, " ", digest.str()),
                                   Error(Reason::registry_rate_limited, "HTTP 429"));

  const Verdict verdict = verify();

  EXPECT_FALSE(verdict.allowed());
  EXPECT_EQ(verdict.outcome, Outcome::unknown);
  EXPECT_EQ(verdict.reason, Reason::registry_rate_limited);
}

TEST_F(VerifierTest, AGoodLegacySignatureCountsWhileReferrersFail) {
  sign();
  source.failures.insert_or_assign(cat("referrers ", kRepository, " ", digest.str()),
                                   Error(Reason::registry_unreachable, "HTTP 500"));

  EXPECT_TRUE(verify().allowed());
}

TEST_F(VerifierTest, ATagThatCannotBeResolvedIsUnchecked) {
  const Verdict verdict = verify("registry.example/shop/app:2.0");

  EXPECT_EQ(verdict.outcome, Outcome::unknown);
  EXPECT_EQ(verdict.reason, Reason::image_not_found);
}

TEST_F(VerifierTest, ADigestIsNotLookedUp) {
  sign();

  EXPECT_TRUE(verify(cat("registry.example/shop/app@", digest.str())).allowed());
  EXPECT_TRUE(
      std::none_of(source.questions.begin(), source.questions.end(),
                   [](const std::string& question) { return question.starts_with("resolve"); }));
}

TEST_F(VerifierTest, AnImageThatNoPolicyCoversIsDeniedWithoutAQuestion) {
  const Verdict verdict = verify("elsewhere.example/app:1.0");

  EXPECT_FALSE(verdict.allowed());
  EXPECT_EQ(verdict.reason, Reason::no_policy_deny);
  EXPECT_TRUE(source.questions.empty());
}

TEST_F(VerifierTest, AWarningPolicyAdmitsWhatCouldNotBeChecked) {
  source.failures.insert_or_assign(cat("resolve ", kRepository, " 1.0"),
                                   Error(Reason::registry_timeout, "no answer"));

  const Verdict verdict = verify("registry.example/shop/app:1.0", Deadline::max(), Mode::warn);

  EXPECT_TRUE(verdict.allowed());
  EXPECT_FALSE(verdict.warnings.empty());
}

// Answers nothing, ever.
class SilentSource final : public ImageSource {
 public:
  Task<Result<Digest>> resolve(Repository, std::string, Access, Deadline) override {
    Task<void> forever = silence();
    co_await std::move(forever);
    co_return Error(Reason::internal, "unreachable");
  }
  Task<Result<FetchedManifest>> manifest(Repository, std::string, Access, Deadline) override {
    Task<void> forever = silence();
    co_await std::move(forever);
    co_return Error(Reason::internal, "unreachable");
  }
  Task<Result<Blob>> blob(Repository, Descriptor, std::size_t, Access, Deadline) override {
    Task<void> forever = silence();
    co_await std::move(forever);
    co_return Error(Reason::internal, "unreachable");
  }
  Task<Result<Referrers>> referrers(Repository, Digest, Access, Deadline) override {
    Task<void> forever = silence();
    co_await std::move(forever);
    co_return Error(Reason::internal, "unreachable");
  }

 private:
  static Task<void> silence() {
    asio::steady_timer never(co_await asio::this_coro::executor, Deadline::max());
    co_await never.async_wait(asio::use_awaitable);
  }
};

// Throws at every question.
class ThrowingSource final : public ImageSource {
 public:
  Task<Result<Digest>> resolve(Repository, std::string, Access, Deadline) override {
    return fail<Digest>();
  }
  Task<Result<FetchedManifest>> manifest(Repository, std::string, Access, Deadline) override {
    return fail<FetchedManifest>();
  }
  Task<Result<Blob>> blob(Repository, Descriptor, std::size_t, Access, Deadline) override {
    return fail<Blob>();
  }
  Task<Result<Referrers>> referrers(Repository, Digest, Access, Deadline) override {
    return fail<Referrers>();
  }

 private:
  template <class T>
  static Task<Result<T>> fail() {
    throw std::runtime_error("a bug");
    co_return Error(Reason::internal, "unreachable");
  }
};

TEST_F(VerifierTest, ASilentSourceEndsAtTheDeadline) {
  SilentSource silent;
  Verifier verifier(silent, now);
  const auto policies = policies_for(signer.certificate.public_key());

  for (const std::string& image : {std::string("registry.example/shop/app:1.0"),
                                   cat("registry.example/shop/app@", digest.str())}) {
    SCOPED_TRACE(image);
    const Deadline deadline = deadline_in(std::chrono::milliseconds(20));
    const Verdict verdict =
        testing::run(verifier.verify(*Reference::parse(image), Workload(), policies, deadline));
    EXPECT_EQ(verdict.outcome, Outcome::unknown);
    EXPECT_EQ(verdict.reason, Reason::deadline);
  }
}

TEST_F(VerifierTest, AnExceptionIsADenial) {
  ThrowingSource broken;
  Verifier verifier(broken, now);
  const auto policies = policies_for(signer.certificate.public_key());

  for (const std::string& image : {std::string("registry.example/shop/app:1.0"),
                                   cat("registry.example/shop/app@", digest.str())}) {
    SCOPED_TRACE(image);
    const Verdict verdict = testing::run(
        verifier.verify(*Reference::parse(image), Workload(), policies, Deadline::max()));
    EXPECT_FALSE(verdict.allowed());
    EXPECT_EQ(verdict.reason, Reason::internal);
  }
}

TEST_F(VerifierTest, AClockThatThrowsIsADenial) {
  Verifier verifier(source, []() -> TimePoint { throw std::runtime_error("no clock"); });

  const Verdict verdict =
      testing::run(verifier.verify(*Reference::parse("registry.example/shop/app:1.0"), Workload(),
                                   policies_for(signer.certificate.public_key()), Deadline::max()));

  EXPECT_FALSE(verdict.allowed());
  EXPECT_EQ(verdict.reason, Reason::internal);
}

}  // namespace
}  // namespace signet
