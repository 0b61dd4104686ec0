#include "server/registry/content_cache.hpp"

#include <gtest/gtest.h>

#include "core/base/text.hpp"
#include "tests/support/memory_source.hpp"
#include "tests/support/run.hpp"

namespace signet {
namespace {

constexpr std::size_t kMuch = 1024 * 1024;
const Repository kShop = *Repository::parse("registry.example/shop/app");
const Repository kOther = *Repository::parse("registry.example/other/app");

class ContentCacheTest : public ::testing::Test {
 protected:
  Result<Blob> blob(ContentCache& cache, const Descriptor& descriptor,
                    const Repository& repository = kShop, std::size_t limit = kMuch) {
    return testing::run_on(
        loop, cache.blob(repository, descriptor, limit, Access::own, deadline_in(kSoon)));
  }
  Result<FetchedManifest> manifest(ContentCache& cache, const std::string& name,
                                   const Repository& repository = kShop) {
    return testing::run_on(loop, cache.manifest(repository, name, Access::own, deadline_in(kSoon)));
  }
  std::size_t asked() const { return source.questions.size(); }

  static constexpr std::chrono::seconds kSoon{5};
  asio::io_context loop;
  MemorySource source;
};

TEST_F(ContentCacheTest, ABlobIsFetchedOnceAndServesEveryRepository) {
  ContentCache cache(source, kMuch);
  const Descriptor descriptor = source.put_blob("a signature", "application/json");

  EXPECT_EQ(*blob(cache, descriptor), "a signature");
  EXPECT_EQ(*blob(cache, descriptor, kOther), "a signature");
  EXPECT_EQ(asked(), 1u);
}

TEST_F(ContentCacheTest, AManifestByDigestIsFetchedOnceForEachRepository) {
  ContentCache cache(source, kMuch);
  const std::string digest = source.put(kShop.str(), "{}").str();
  source.put(kOther.str(), "{}");

  EXPECT_EQ(manifest(cache, digest)->body, "{}");
  EXPECT_EQ(manifest(cache, digest)->body, "{}");
  EXPECT_EQ(asked(), 1u);
  EXPECT_EQ(manifest(cache, digest, kOther)->body, "{}");
  EXPECT_EQ(asked(), 2u);
}

TEST_F(ContentCacheTest, ATagIsAskedForEveryTime) {
  ContentCache cache(source, kMuch);
  source.put(kShop.str(), "{}", "sha256-abc.sig");

  EXPECT_TRUE(manifest(cache, "sha256-abc.sig"));
  EXPECT_TRUE(manifest(cache, "sha256-abc.sig"));
  EXPECT_EQ(asked(), 2u);
}

TEST_F(ContentCacheTest, AFailureIsAskedForAgain) {
  ContentCache cache(source, kMuch);
  const Descriptor descriptor = source.put_blob("a signature", "application/json");
  const std::string question = cat("blob ", kShop.str(), " ", descriptor.digest.str());
  source.failures.insert_or_assign(question, Error(Reason::registry_timeout, "no answer"));
  EXPECT_FALSE(blob(cache, descriptor));
  source.failures.clear();

  EXPECT_TRUE(blob(cache, descriptor));
}

// A descriptor that lies about the size is another question: its answer is not taken from memory.
TEST_F(ContentCacheTest, AnotherSizeOfOneDigestIsAnotherQuestion) {
  ContentCache cache(source, kMuch);
  Descriptor descriptor = source.put_blob("a signature", "application/json");
  EXPECT_TRUE(blob(cache, descriptor));
  descriptor.size += 1;

  static_cast<void>(blob(cache, descriptor));
  EXPECT_EQ(asked(), 2u);
}

TEST_F(ContentCacheTest, WhatIsOverItsLimitIsRefusedThoughItIsKnown) {
  ContentCache cache(source, kMuch);
  const Descriptor descriptor = source.put_blob("a signature", "application/json");
  EXPECT_TRUE(blob(cache, descriptor, kShop, descriptor.size));

  EXPECT_FALSE(blob(cache, descriptor, kShop, descriptor.size - 1));
}

TEST_F(ContentCacheTest, HoldsSoManyBytesAndThenForgetsWhatWasUsedLongestAgo) {
  // An entry weighs its content, its key of 71 characters, a blank, three digits, and 512 bytes.
  constexpr std::size_t kContent = 400;
  constexpr std::size_t kEntry = kContent + 75 + 512;
  const auto questions_with = [this](std::size_t bytes) {
    ContentCache cache(source, bytes);
    const Descriptor first = source.put_blob(std::string(kContent, 'a'), "x");
    const Descriptor second = source.put_blob(std::string(kContent, 'b'), "x");
    source.questions.clear();
    EXPECT_TRUE(blob(cache, first) && blob(cache, second) && blob(cache, first));
    return asked();
  };

  EXPECT_EQ(questions_with(2 * kEntry), 2u);
  EXPECT_EQ(questions_with(2 * kEntry - 1), 3u);
}

}  // namespace
}  // namespace signet
