#pragma once
// A verifier that stays warm over one signed image, and all that a verdict depends on: for tests to
// flip.

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/base/text.hpp"
#include "core/policy/loader.hpp"
#include "server/verify/verifier.hpp"
#include "tests/core/sigstore/signer.hpp"
#include "tests/support/memory_source.hpp"
#include "tests/support/run.hpp"

namespace signet {
using namespace std::chrono_literals;

inline constexpr const char* kRepository = "registry.example/shop/app";

// A source whose logins a test can change.
class LoginSource final : public ImageSource {
 public:
  explicit LoginSource(MemorySource& inner) : inner_(inner) {}
  std::string login = "first";
  bool held = false;  // until `opened`, referrers are not answered
  Waiters opened;

  Task<Result<Digest>> resolve(Repository repository, std::string tag, Access access,
                               Deadline deadline) override {
    return inner_.resolve(std::move(repository), std::move(tag), std::move(access), deadline);
  }
  Task<Result<FetchedManifest>> manifest(Repository repository, std::string name, Access access,
                                         Deadline deadline) override {
    return inner_.manifest(std::move(repository), std::move(name), std::move(access), deadline);
  }
  Task<Result<Blob>> blob(Repository repository, Descriptor descriptor, std::size_t limit,
                          Access access, Deadline deadline) override {
    return inner_.blob(std::move(repository), std::move(descriptor), limit, std::move(access),
                       deadline);
  }
  Task<Result<Referrers>> referrers(Repository repository, Digest subject, Access access,
                                    Deadline deadline) override {
    const bool waits = held;
    if (waits) co_await opened.wait(Deadline::max());
    co_return co_await inner_.referrers(repository, subject, access, deadline);
  }
  std::string identity(const Repository&, const Access&) const override { return login; }

 private:
  MemorySource& inner_;
};

inline std::shared_ptr<Policy> policy_with(Trust trust) {
  auto policy = std::make_shared<Policy>();
  policy->name = "shop";
  policy->match.images.push_back(*ImageGlob::parse("registry.example/**"));
  CertificateRule rule;
  rule.trust = std::make_shared<const Trust>(std::move(trust));
  rule.identities.push_back(IdentityRule{*TextPattern::regexp(".*"), SubjectType::any,
                                         *TextPattern::regexp(".*"), std::nullopt});
  Authority authority;
  authority.name = "team";
  authority.rule = std::move(rule);
  policy->authorities.push_back(std::move(authority));
  return policy;
}

inline std::shared_ptr<const PolicySet> set_of(std::vector<std::shared_ptr<Policy>> policies) {
  Loaded loaded;
  for (auto& policy : policies)
    loaded.policies.push_back(std::move(policy));
  return std::make_shared<const PolicySet>(make_policy_set(std::move(loaded), NoMatch::deny));
}

class MemoryTest : public ::testing::Test {
 protected:
  MemoryTest() { digest = push("1.0"); }

  Digest push(const std::string& tag) {
    return source.put(kRepository, cat(R"({"an":"image )", tag, "\"}"), tag);
  }

  void sign(const Digest& image) {
    sign_with(image, test::signer().legacy(test::payload_for(image)));
  }

  void sign_with(const Digest& image, const Candidate& candidate) {
    Descriptor layer =
        source.put_blob(*candidate.content, "application/vnd.dev.cosign.simplesigning.v1+json");
    const Descriptor config = source.put_blob("{}", "application/vnd.oci.image.config.v1+json");
    const Json manifest = {{"schemaVersion", 2},
                           {"mediaType", "application/vnd.oci.image.manifest.v1+json"},
                           {"config", json_of(config)},
                           {"layers", {json_of(layer)}}};
    Json signed_manifest = manifest;
    signed_manifest["layers"][0]["annotations"] = candidate.annotations;
    source.put(kRepository, signed_manifest.dump(), cat("sha256-", image.hex_part(), ".sig"));
  }

  static Json json_of(const Descriptor& descriptor) {
    return {{"mediaType", descriptor.media_type},
            {"digest", descriptor.digest.str()},
            {"size", descriptor.size}};
  }

  std::unique_ptr<Verifier> make_verifier() {
    VerifierOptions options;
    options.ticks = [this] { return ticks; };
    return std::make_unique<Verifier>(
        logins, [this] { return now; }, std::move(options));
  }

  std::string pinned() const { return cat(kRepository, "@", digest.str()); }

  Verdict verify_by(Verifier& verifier, const std::string& image) {
    Workload workload;
    workload.ns = ns;
    workload.labels = labels;
    return testing::run_on(
        loop, verifier.verify(*Reference::parse(image), workload, policies, Deadline::max()));
  }
  Verdict verify() { return verify_by(*warm, pinned()); }

  // Registries see this many questions during `act`.
  template <class Act>
  std::size_t questions_of(Act act) {
    source.questions.clear();
    act();
    return source.questions.size();
  }

  // The warm verifier says what an empty one says, and another thing than before.
  void expect_flipped(bool allowed) {
    const auto empty = make_verifier();
    const Verdict fresh = verify_by(*empty, pinned());
    const Verdict verdict = verify();
    EXPECT_EQ(verdict.allowed(), allowed) << verdict.detail;
    EXPECT_EQ(verdict.allowed(), fresh.allowed()) << fresh.detail;
    EXPECT_EQ(verdict.reason, fresh.reason);
  }

  void warm_up() {
    sign(digest);
    ASSERT_TRUE(verify().allowed()) << verify().detail;
    ASSERT_EQ(questions_of([&] { verify(); }), 0u);
  }

  TimePoint now = test::signer().at();
  Deadline ticks = Deadline(std::chrono::hours(1000));
  std::string ns = "shop";
  Labels labels;
  MemorySource source;
  LoginSource logins{source};
  Digest digest = Digest::of("an image");
  std::shared_ptr<const PolicySet> policies = set_of({policy_with(test::signer().trust())});
  asio::io_context loop;
  std::unique_ptr<Verifier> warm = make_verifier();
};

}  // namespace signet
