#include "core/crypto/path_search.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/base/text.hpp"
#include "tests/support/certificates.hpp"

namespace signet {
namespace {

using namespace testing;
using std::chrono::seconds;

enum class KeyIds { present, absent };

CertificateSpec with(CertificateSpec spec, KeyIds ids) {
  spec.subject_key_id = ids == KeyIds::present;
  spec.authority_key_id = ids == KeyIds::present;
  return spec;
}

CertificateSpec expired(CertificateSpec spec) {
  spec.not_after = kTestNow - seconds(1);
  return spec;
}

struct Scene {
  std::string name;
  Certificate leaf;
  std::vector<Certificate> anchors;
  std::vector<Certificate> intermediates;
  std::vector<Certificate> carried;
  bool good = true;
};

Result<Path> judge_found(const Scene& scene) {
  Trust trust;
  trust.authorities.push_back({scene.anchors, scene.intermediates, {}, {}});
  return find_path(trust, scene.leaf, scene.carried, CodeSigning::optional, kTestNow);
}

// Each file in every order; at most 4! x 4! orders are looked at per scene.
template <class Visit>
void for_every_order(Scene scene, Visit visit) {
  const auto by_der = [](const Certificate& a, const Certificate& b) { return a.der() < b.der(); };
  std::sort(scene.anchors.begin(), scene.anchors.end(), by_der);
  do {
    std::sort(scene.intermediates.begin(), scene.intermediates.end(), by_der);
    do {
      std::sort(scene.carried.begin(), scene.carried.end(), by_der);
      do {
        visit(scene);
      } while (std::next_permutation(scene.carried.begin(), scene.carried.end(), by_der));
    } while (std::next_permutation(scene.intermediates.begin(), scene.intermediates.end(), by_der));
  } while (std::next_permutation(scene.anchors.begin(), scene.anchors.end(), by_der));
}

// What the scenes share: two roots, one intermediate key certified by both, and a leaf under it.
struct Pki {
  KeyIds ids;
  TestCa a = self_signed(with(root_spec("Root A"), ids));
  TestCa b = self_signed(with(root_spec("Root B"), ids));
  TestCa sub_a = issue(a, with(intermediate_spec("Sub"), ids));
  TestCa sub_b = issue(b, with(intermediate_spec("Sub"), ids), sub_a.key);
  TestCa twin = self_signed(with(root_spec("Root A"), ids));  // the name of a, and another key
  Certificate team = issue(sub_a, with(leaf_spec(kTeam), ids)).certificate;
};

// One intermediate key certified by two roots.
std::vector<Scene> cross_signed_intermediates(const Pki& pki) {
  const auto& [ids, a, b, sub_a, sub_b, twin, team] = pki;
  std::vector<Scene> all;
  for (const TestCa* known : {&a, &b}) {
    all.push_back({"cross-signed intermediate, one root known",
                   team,
                   {known->certificate},
                   {},
                   {sub_a.certificate, sub_b.certificate}});
  }
  all.push_back({"cross-signed intermediate, a stranger's root carried",
                 team,
                 {b.certificate},
                 {sub_a.certificate, sub_b.certificate},
                 {a.certificate}});
  return all;
}

// A root cross-signed by another; only the other one is known, or both are.
std::vector<Scene> cross_signed_roots(const Pki& pki) {
  const auto& [ids, a, b, sub_a, sub_b, twin, team] = pki;
  std::vector<Scene> all;
  const TestCa a_by_b = issue(b, with(intermediate_spec("Root A"), ids), a.key);
  all.push_back({"cross-signed root, only the signer known",
                 team,
                 {b.certificate},
                 {a_by_b.certificate, sub_a.certificate},
                 {a.certificate}});
  all.push_back({"cross-signed root, both known",
                 team,
                 {a.certificate, b.certificate},
                 {a_by_b.certificate, sub_a.certificate},
                 {sub_a.certificate, a.certificate}});
  return all;
}

// Renewal: the same key under a new certificate.
std::vector<Scene> renewed(const Pki& pki) {
  const auto& [ids, a, b, sub_a, sub_b, twin, team] = pki;
  std::vector<Scene> all;
  const TestCa old_a = self_signed(expired(with(root_spec("Root A"), ids)), a.key);
  const TestCa old_sub = issue(a, expired(with(intermediate_spec("Sub"), ids)), sub_a.key);
  all.push_back({"renewed root and intermediate",
                 team,
                 {old_a.certificate, a.certificate},
                 {old_sub.certificate, sub_a.certificate},
                 {}});
  all.push_back({"renewed intermediate, the new one carried",
                 team,
                 {a.certificate},
                 {old_sub.certificate},
                 {sub_a.certificate, old_a.certificate}});
  all.push_back({"only the expired root",
                 team,
                 {old_a.certificate},
                 {sub_a.certificate},
                 {a.certificate},
                 false});
  return all;
}

// Another CA of the same name, with another key.
std::vector<Scene> namesakes(const Pki& pki) {
  const auto& [ids, a, b, sub_a, sub_b, twin, team] = pki;
  std::vector<Scene> all;
  const TestCa twin_sub = issue(twin, with(intermediate_spec("Sub"), ids));
  all.push_back({"two roots and two intermediates of one name",
                 team,
                 {a.certificate, twin.certificate},
                 {sub_a.certificate, twin_sub.certificate},
                 {}});
  all.push_back({"the namesake of the root is no anchor for it",
                 team,
                 {twin.certificate},
                 {sub_a.certificate, twin_sub.certificate},
                 {a.certificate},
                 false});
  return all;
}

// Decoys: same name, wrong key, no use to anybody.
std::vector<Scene> with_decoys(const Pki& pki) {
  const auto& [ids, a, b, sub_a, sub_b, twin, team] = pki;
  std::vector<Scene> all;
  std::vector<Certificate> decoys;
  for (int i = 0; i < 3; ++i) {
    decoys.push_back(issue(twin, with(intermediate_spec("Sub"), ids)).certificate);
  }
  std::vector<Certificate> with_real = decoys;
  with_real.push_back(sub_a.certificate);
  all.push_back({"decoys in the signature", team, {a.certificate}, {}, with_real});
  all.push_back({"decoys configured", team, {a.certificate}, with_real, {}});
  all.push_back({"nothing but decoys", team, {a.certificate}, {}, decoys, false});
  return all;
}

// A self-issued intermediate has the name of its root.
std::vector<Scene> self_issued_ones(const Pki& pki) {
  const auto& [ids, a, b, sub_a, sub_b, twin, team] = pki;
  std::vector<Scene> all;
  const TestCa self_issued = issue(a, with(intermediate_spec("Root A"), ids));
  const Certificate below = issue(self_issued, with(leaf_spec(kTeam), ids)).certificate;
  all.push_back({"self-issued intermediate",
                 below,
                 {a.certificate},
                 {self_issued.certificate},
                 {a.certificate}});
  all.push_back({"self-issued intermediate, carried",
                 below,
                 {a.certificate, b.certificate},
                 {},
                 {a.certificate, self_issued.certificate}});
  return all;
}

// Two CAs that certify each other, and no root.
std::vector<Scene> circles(const Pki& pki) {
  const auto& [ids, a, b, sub_a, sub_b, twin, team] = pki;
  std::vector<Scene> all;
  const TestCa left = issue(b, with(intermediate_spec("Left"), ids));
  const TestCa right = issue(left, with(intermediate_spec("Right"), ids));
  const TestCa left_by_right = issue(right, with(intermediate_spec("Left"), ids), left.key);
  const Certificate cycled = issue(left, with(leaf_spec(kTeam), ids)).certificate;
  all.push_back({"a circle of CAs",
                 cycled,
                 {a.certificate},
                 {},
                 {left_by_right.certificate, right.certificate},
                 false});
  all.push_back({"a circle of CAs with a way out",
                 cycled,
                 {a.certificate, b.certificate},
                 {},
                 {left_by_right.certificate, right.certificate, left.certificate}});
  return all;
}

std::vector<Scene> scenes(KeyIds ids) {
  const Pki pki{ids};
  std::vector<Scene> all;
  for (const auto make : {cross_signed_intermediates, cross_signed_roots, renewed, namesakes,
                          with_decoys, self_issued_ones, circles}) {
    for (Scene& scene : make(pki))
      all.push_back(std::move(scene));
  }
  return all;
}

TEST(PathSearchTest, GivesTheSameVerdictInEveryFileOrder) {
  for (const KeyIds ids : {KeyIds::present, KeyIds::absent}) {
    for (const Scene& scene : scenes(ids)) {
      SCOPED_TRACE(scene.name + (ids == KeyIds::present ? ", key ids" : ", no key ids"));
      std::string first;
      for_every_order(scene, [&](const Scene& ordered) {
        const auto path = judge_found(ordered);
        EXPECT_EQ(path.has_value(), scene.good) << (path ? "a path" : path.error().what());
        const std::string text = path ? pem_of(path->certificates) : path.error().what();
        if (first.empty()) first = text;
        EXPECT_EQ(text, first);
      });
    }
  }
}

TEST(PathSearchTest, ACrossSignedRootDoesNotNeedTheLongWay) {
  const TestCa a = root("Root A");
  const TestCa b = root("Root B");
  const TestCa a_by_b = issue(b, intermediate_spec("Root A"), a.key);
  const Certificate team = leaf(a, kTeam).certificate;

  const auto path =
      judge_found({"", team, {a.certificate, b.certificate}, {a_by_b.certificate}, {}});

  ASSERT_TRUE(path) << path.error().what();
  EXPECT_EQ(path->certificates, (std::vector{team, a.certificate}));
}

TEST(PathSearchTest, TriesTheLongWayWhereTheShortOneFails) {
  const TestCa a = root("Root A");
  const TestCa b = root("Root B");
  const TestCa old_a = self_signed(expired(root_spec("Root A")), a.key);
  const TestCa a_by_b = issue(b, intermediate_spec("Root A"), a.key);
  const Certificate team = leaf(a, kTeam).certificate;

  const auto path =
      judge_found({"", team, {old_a.certificate, b.certificate}, {a_by_b.certificate}, {}});

  ASSERT_TRUE(path) << path.error().what();
  EXPECT_EQ(path->certificates.back(), b.certificate);
}

// Anchors of one name and one key: each is a possible path, and only the last in order is valid.
std::vector<Certificate> twins(const TestCa& ca, std::size_t count) {
  std::vector<Certificate> all;
  while (all.size() < count) {
    all.push_back(self_signed(expired(root_spec("Root")), ca.key).certificate);
  }
  return all;
}

TEST(PathSearchTest, TriesSoManyPathsAndNoMore) {
  const TestCa ca = root("Root");
  CertificateSpec spec = leaf_spec(kTeam);
  spec.extended_key_usage = "serverAuth";
  const Certificate bad = issue(ca, spec).certificate;

  const auto within = judge_found({"", bad, twins(ca, kPathCandidates), {}, {}});
  const auto beyond = judge_found({"", bad, twins(ca, kPathCandidates + 1), {}, {}});

  ASSERT_FALSE(within);
  EXPECT_EQ(within.error().what().find("was not tried"), std::string::npos);
  ASSERT_FALSE(beyond);
  const std::string told = beyond.error().what();
  EXPECT_EQ(beyond.error().reason(), Reason::chain_expired);
  EXPECT_NE(told.find("and 9 more"), std::string::npos) << told;
}

TEST(PathSearchTest, TriesValidCertificatesFirst) {
  const TestCa ca = root("Root");
  auto anchors = twins(ca, 40);
  anchors.push_back(ca.certificate);

  const auto path = judge_found({"", leaf(ca, kTeam).certificate, anchors, {}, {}});

  ASSERT_TRUE(path) << path.error().what();
  EXPECT_EQ(path->certificates.back(), ca.certificate);
}

TEST(PathSearchTest, BoundsTheSignaturesItTriesAndSaysSo) {
  const TestCa ca = self_signed(with(root_spec("Root"), KeyIds::absent));
  const Certificate team = issue(ca, with(leaf_spec(kTeam), KeyIds::absent)).certificate;
  std::vector<Certificate> namesakes;
  while (namesakes.size() <= kSignatureVerifications) {
    namesakes.push_back(self_signed(with(root_spec("Root"), KeyIds::absent)).certificate);
  }

  const auto beyond = judge_found({"", team, namesakes, {}, {}});
  namesakes.erase(namesakes.begin() + kSignatureVerifications, namesakes.end());
  const auto within = judge_found({"", team, namesakes, {}, {}});

  ASSERT_FALSE(beyond);
  EXPECT_EQ(beyond.error().reason(), Reason::limit_exceeded);
  ASSERT_FALSE(within);
  EXPECT_EQ(within.error().reason(), Reason::chain_untrusted);
}

TEST(PathSearchTest, CarriedDecoysNeverCrowdOutWhatIsConfigured) {
  const TestCa top = self_signed(with(root_spec("Root"), KeyIds::absent));
  const TestCa sub = issue(top, with(intermediate_spec("Sub"), KeyIds::absent));
  const TestCa evil = self_signed(with(root_spec("Root"), KeyIds::absent));
  std::vector<Certificate> decoys;
  while (decoys.size() < kCertificates) {
    decoys.push_back(issue(evil, with(intermediate_spec("Sub"), KeyIds::absent)).certificate);
  }
  const Certificate team = issue(sub, with(leaf_spec(kTeam), KeyIds::absent)).certificate;

  std::size_t tried = 0;
  Trust trust;
  trust.authorities.push_back({{top.certificate}, {sub.certificate}, {}, {}});
  PathSearch search(trust, team, decoys, kTestNow);
  const bool found = search.run([&](const CandidatePath& path) {
    ++tried;
    return path.certificates.size() == 3 && path.certificates[1] == sub.certificate;
  });

  EXPECT_TRUE(found);
  EXPECT_EQ(tried, 1U);
}

TEST(PathSearchTest, AMeshOfCarriedCertificatesEndsSoon) {
  // Every CA of the mesh has the same name and certifies every other: no path leaves it.
  const TestCa top = self_signed(with(root_spec("Root"), KeyIds::absent));
  std::vector<TestCa> cas;
  for (int i = 0; i < 3; ++i) {
    cas.push_back(self_signed(with(root_spec("Mesh"), KeyIds::absent)));
  }
  std::vector<Certificate> carried;
  for (const TestCa& issuer : cas) {
    for (const TestCa& subject : cas) {
      carried.push_back(
          issue(issuer, with(intermediate_spec("Mesh"), KeyIds::absent), subject.key).certificate);
    }
  }
  const Certificate team = issue(cas[0], with(leaf_spec(kTeam), KeyIds::absent)).certificate;
  Trust trust;
  trust.authorities.push_back({{top.certificate}, {}, {}, {}});

  PathSearch isolated(trust, team, carried, kTestNow);
  EXPECT_FALSE(isolated.run([](const CandidatePath&) { return true; }));
  EXPECT_EQ(isolated.signatures_checked(), 0U) << "no anchor, no arithmetic";

  // One more says that the root issued it, which is a lie.
  const TestCa namesake = self_signed(with(root_spec("Root"), KeyIds::absent));
  carried.push_back(
      issue(namesake, with(intermediate_spec("Mesh"), KeyIds::absent), cas[1].key).certificate);
  PathSearch lying(trust, team, carried, kTestNow);
  EXPECT_FALSE(lying.run([](const CandidatePath&) { return true; }));
  EXPECT_EQ(lying.signatures_checked(), 1U) << "keys of strangers are never used";

  // Now it is true, and every certificate of the mesh is genuine.
  carried.back() =
      issue(top, with(intermediate_spec("Mesh"), KeyIds::absent), cas[1].key).certificate;
  PathSearch honest(trust, team, carried, kTestNow);
  EXPECT_TRUE(honest.run([](const CandidatePath&) { return true; }));
  EXPECT_LE(honest.signatures_checked(), kSignatureVerifications);
}

TEST(PathSearchTest, AWrongKeyIdentifierIsTold) {
  const TestCa top = root("Root");
  const TestCa other = root("Root");
  const Certificate named_other = issue(other, leaf_spec(kTeam)).certificate;

  const auto path = judge_found({"", named_other, {top.certificate}, {}, {}});

  ASSERT_FALSE(path);
  EXPECT_NE(path.error().what().find("key identifier mismatch"), std::string::npos)
      << path.error().what();
}

}  // namespace
}  // namespace signet
