// What one verification costs with all bytes at hand, against the bare ECDSA verifications it
// needs: P-256, a path of leaf, intermediate and root, three signatures. Fails where it costs more
// than allowed. "New leaf" is the signature of somebody who was never seen before: his certificate
// is parsed first; the others are by a signer whose certificate came before.

#include <benchmark/benchmark.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include "tests/core/sigstore/signer.hpp"

namespace signet {
namespace {

constexpr double kMostMilliseconds = 0.6;
constexpr double kMostTimesBare = 2.5;
constexpr const char* kBare = "three bare ECDSA verifications";
constexpr const char* kNewLeaf = "verify legacy, new leaf";

// A signature, what it is over, and whose it is.
struct Signed {
  EVP_PKEY* key;
  Blob message;
  Blob signature;
};

Signed signed_by(const Certificate& certificate, const Certificate& issuer) {
  unsigned char* tbs = nullptr;
  const int size = i2d_re_X509_tbs(certificate.handle(), &tbs);
  if (size <= 0) std::abort();
  const ASN1_BIT_STRING* signature = nullptr;
  X509_get0_signature(&signature, nullptr, certificate.handle());
  Signed made{X509_get0_pubkey(issuer.handle()),
              Blob(reinterpret_cast<const char*>(tbs), static_cast<std::size_t>(size)),
              Blob(reinterpret_cast<const char*>(signature->data),
                   static_cast<std::size_t>(signature->length))};
  OPENSSL_free(tbs);
  return made;
}

SignedEntity parsed(const Candidate& candidate) {
  auto entity = parse_signature(candidate, Material::certificate);
  if (!entity) std::abort();
  return std::move(*entity);
}

std::vector<Signed> needed_by(const Candidate& candidate) {
  const test::Signer& signer = test::signer();
  const SignedEntity entity = parsed(candidate);
  return {
      {signer.leaf().certificate.public_key().handle(), entity.signed_bytes, entity.signature},
      signed_by(signer.leaf().certificate, signer.intermediate().certificate),
      signed_by(signer.intermediate().certificate, signer.root().certificate),
  };
}

bool holds(const Signed& item) {
  EVP_MD_CTX* const context = EVP_MD_CTX_new();
  const bool good =
      EVP_DigestVerifyInit(context, nullptr, EVP_sha256(), nullptr, item.key) == 1 &&
      EVP_DigestVerify(context, reinterpret_cast<const unsigned char*>(item.signature.data()),
                       item.signature.size(),
                       reinterpret_cast<const unsigned char*>(item.message.data()),
                       item.message.size()) == 1;
  EVP_MD_CTX_free(context);
  return good;
}

void bare(benchmark::State& state) {
  const auto items = needed_by(test::signer().legacy(test::payload_for(test::image())));
  for (auto _ : state) {
    for (const Signed& item : items) {
      if (!holds(item)) state.SkipWithError("a bare verification failed");
    }
  }
}

// From the bytes as they were fetched to the verified claims.
void whole(benchmark::State& state, const Candidate& candidate) {
  const Trust trust = test::signer().trust();
  const CertificateRules rules = test::accept_subject("team-a@linuxera.org");
  const TimePoint at = test::signer().at();
  for (auto _ : state) {
    const auto entity = parse_signature(candidate, Material::certificate);
    if (!entity) return state.SkipWithError("not parsed");
    auto verified = verify_by_certificate(*entity, test::image(), trust, rules, at);
    if (!verified) return state.SkipWithError("not verified");
    benchmark::DoNotOptimize(verified);
  }
}

// Signatures by so many leaves that none of them is still kept when its turn comes again.
void new_leaf(benchmark::State& state, const std::vector<Candidate>& candidates) {
  const Trust trust = test::signer().trust();
  const CertificateRules rules = test::accept_subject("team-a@linuxera.org");
  const TimePoint at = test::signer().at();
  std::size_t next = 0;
  for (auto _ : state) {
    const auto entity = parse_signature(candidates[next], Material::certificate);
    next = (next + 1) % candidates.size();
    if (!entity) return state.SkipWithError("not parsed");
    auto verified = verify_by_certificate(*entity, test::image(), trust, rules, at);
    if (!verified) return state.SkipWithError("not verified");
    benchmark::DoNotOptimize(verified);
  }
}

std::vector<Candidate> by_many_leaves() {
  constexpr int kLeaves = 100;
  const test::Signer& signer = test::signer();
  std::vector<Candidate> candidates;
  for (int i = 0; i < kLeaves; ++i) {
    const test::KeyPair leaf = signer.issue_leaf(
        "email:team-a@linuxera.org", {{"1.3.6.1.4.1.57264.1.1", "https://linuxera.org"}});
    candidates.push_back(signer.legacy_by(leaf, test::payload_for(test::image())));
  }
  return candidates;
}

// Prints as usual and keeps the best repetition of each benchmark, in milliseconds of CPU.
class BestOf final : public benchmark::ConsoleReporter {
 public:
  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs) {
      failed_ = failed_ || run.error_occurred;
      if (run.run_type != Run::RT_Iteration || run.error_occurred) continue;
      const double time = run.cpu_accumulated_time / static_cast<double>(run.iterations) * 1e3;
      const auto [at, first] = best_.emplace(run.run_name.function_name, time);
      if (!first) at->second = std::min(at->second, time);
    }
    ConsoleReporter::ReportRuns(runs);
  }

  // Whether every whole verification keeps both bounds.
  bool judge() const {
    const auto bare_time = best_.find(kBare);
    if (failed_ || bare_time == best_.end()) return false;
    bool good = true;
    for (const std::string name : {"verify legacy", "verify bundle", kNewLeaf}) {
      const auto found = best_.find(name);
      if (found == best_.end()) return false;
      const double times = found->second / bare_time->second;
      const bool bounded = name != kNewLeaf;  // whatever OpenSSL needs to find a decoder
      std::printf("%s: %.3f ms, %.2f x bare%s\n", name.c_str(), found->second, times,
                  bounded ? "" : " (not bounded)");
      if (!bounded) continue;
      good = good && found->second <= kMostMilliseconds && times <= kMostTimesBare;
    }
    std::printf("allowed: %.1f ms, %.1f x bare: %s\n", kMostMilliseconds, kMostTimesBare,
                good ? "kept" : "NOT KEPT");
    return good;
  }

 private:
  std::map<std::string, double> best_;
  bool failed_ = false;
};

int run(int argc, char** argv) {
  // In turns, so that a busy moment of the machine hits each alike; the best of many counts.
  char in_turns[] = "--benchmark_enable_random_interleaving=true";
  std::vector<char*> arguments(argv, argv + argc);
  arguments.insert(arguments.begin() + 1, in_turns);
  int count = static_cast<int>(arguments.size());
  const Candidate legacy = test::signer().legacy(test::payload_for(test::image()));
  const Candidate bundle = test::signer().bundle(test::statement_for(test::image()));
  const auto as = [](benchmark::internal::Benchmark* added) {
    added->Unit(benchmark::kMicrosecond)
        ->Repetitions(12)
        ->MinTime(0.05)
        ->ReportAggregatesOnly(false);
  };
  as(benchmark::RegisterBenchmark(kBare, bare));
  as(benchmark::RegisterBenchmark("verify legacy", whole, legacy));
  as(benchmark::RegisterBenchmark("verify bundle", whole, bundle));
  as(benchmark::RegisterBenchmark(kNewLeaf, new_leaf, by_many_leaves()));
  benchmark::Initialize(&count, arguments.data());
  if (benchmark::ReportUnrecognizedArguments(count, arguments.data())) return 64;
  BestOf reporter;
  benchmark::RunSpecifiedBenchmarks(&reporter);
  return reporter.judge() ? 0 : 1;
}

}  // namespace
}  // namespace signet

int main(int argc, char** argv) {
  return signet::run(argc, argv);
}
