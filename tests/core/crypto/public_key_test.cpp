#include "core/crypto/public_key.hpp"

#include <gtest/gtest.h>
#include <openssl/ec.h>
#include <openssl/evp.h>

#include "core/base/limits.hpp"
#include "core/crypto/der.hpp"
#include "tests/support/certificates.hpp"

namespace signet {
namespace {

using namespace testing;

constexpr const char* kMessage = "what was signed";

Blob pkcs1_of(const TestKey& key) {
  // SubjectPublicKeyInfo { algorithm, BIT STRING } -> the octets inside the bit string.
  const Blob spki = key.spki();
  DerReader reader(sole_element(spki, der::kSequence, "key")->content);
  static_cast<void>(reader.next());
  return Blob(reader.next()->content.substr(1));
}

void expect_key_refused(const Result<PublicKey>& key, Reason reason, std::string_view says) {
  ASSERT_FALSE(key);
  EXPECT_EQ(key.error().reason(), reason) << key.error().what();
  EXPECT_NE(key.error().what().find(says), std::string::npos) << key.error().what();
}

TEST(PublicKeyTest, ReadsEveryAllowedKind) {
  struct Row {
    TestKeyKind made;
    KeyKind kind;
    const char* name;
  };
  for (const Row& row : {
           Row{TestKeyKind::p256, KeyKind::p256, "ECDSA P-256"},
           Row{TestKeyKind::p384, KeyKind::p384, "ECDSA P-384"},
           Row{TestKeyKind::p521, KeyKind::p521, "ECDSA P-521"},
           Row{TestKeyKind::ed25519, KeyKind::ed25519, "Ed25519"},
           Row{TestKeyKind::rsa2048, KeyKind::rsa, "RSA-2048"},
           Row{TestKeyKind::rsa3072, KeyKind::rsa, "RSA-3072"},
       }) {
    SCOPED_TRACE(row.name);
    const TestKey& made = shared_key(row.made);
    const auto key = PublicKey::from_pem(made.public_pem());
    ASSERT_TRUE(key) << key.error().what();
    EXPECT_EQ(key->kind(), row.kind);
    EXPECT_EQ(key->kind_name(), row.name);
    EXPECT_EQ(key->spki(), made.spki());
    EXPECT_EQ(key->id(), Digest::of(made.spki()));
  }
}

TEST(PublicKeyTest, ReadsPkcs1AsTheSameKey) {
  const TestKey& made = shared_key(TestKeyKind::rsa2048);

  const auto key = PublicKey::from_pem(pem_block("RSA PUBLIC KEY", pkcs1_of(made)));

  ASSERT_TRUE(key) << key.error().what();
  EXPECT_EQ(key->id(), made.public_key().id());
}

TEST(PublicKeyTest, RefusesWeakAndForeignKeys) {
  const char* const kBits = "2048 to 8192";
  expect_key_refused(PublicKey::from_spki(shared_key(TestKeyKind::rsa1024).spki()),
                     Reason::cert_profile, kBits);
  expect_key_refused(PublicKey::from_spki(TestKey::make_rsa(2047).spki()), Reason::cert_profile,
                     kBits);
  expect_key_refused(PublicKey::from_spki(TestKey::make_rsa(2052).spki()), Reason::cert_profile,
                     kBits);
  expect_key_refused(PublicKey::from_spki(shared_key(TestKeyKind::p224).spki()),
                     Reason::cert_profile, "1.3.132.0.33");
  expect_key_refused(PublicKey::from_spki(shared_key(TestKeyKind::secp256k1).spki()),
                     Reason::cert_profile, "1.3.132.0.10");
}

Blob rsa_key(std::size_t bits, const Blob& exponent) {
  const Blob modulus = Blob(1, '\0') + Blob(bits / 8, '\xff');
  const Blob numbers = der_element(der::kInteger, modulus) + der_element(der::kInteger, exponent);
  return pem_block("RSA PUBLIC KEY", der_element(der::kSequence, numbers));
}

TEST(PublicKeyTest, BoundsModulusAndExponent) {
  const Blob usual("\x01\x00\x01", 3);
  EXPECT_TRUE(PublicKey::from_pem(rsa_key(kRsaBitsLeast, usual)));
  EXPECT_TRUE(PublicKey::from_pem(rsa_key(kRsaBitsMost, usual)));
  expect_key_refused(PublicKey::from_pem(rsa_key(kRsaBitsLeast - 8, usual)), Reason::cert_profile,
                     "RSA-2040");
  expect_key_refused(PublicKey::from_pem(rsa_key(kRsaBitsMost + 8, usual)), Reason::cert_profile,
                     "RSA-8200");
  EXPECT_TRUE(PublicKey::from_pem(rsa_key(2048, "\x03")));
  EXPECT_TRUE(PublicKey::from_pem(rsa_key(2048, Blob("\x00\xff\xff\xff\xff", 5))));
  for (const Blob& exponent : {Blob("\x01"), Blob("\x02"), Blob("\x01\x00\x00", 3),
                               Blob("\x01\x00\x00\x00\x01", 5), Blob(1, '\0'), Blob("\xff")}) {
    expect_key_refused(PublicKey::from_pem(rsa_key(2048, exponent)), Reason::cert_profile,
                       "exponent");
  }
}

TEST(PublicKeyTest, RefusesOtherEncodingsOfAllowedKeys) {
  const Blob spki = shared_key(TestKeyKind::p256).spki();
  Blob compressed = spki;
  const auto point = compressed.size() - 65;
  compressed[point] = '\x02';
  EXPECT_FALSE(PublicKey::from_spki(compressed));
  Blob off_curve = spki;
  off_curve.back() = static_cast<char>(off_curve.back() ^ 1);
  EXPECT_FALSE(PublicKey::from_spki(off_curve));
  EXPECT_FALSE(PublicKey::from_spki(spki + '\0'));
  EXPECT_FALSE(PublicKey::from_spki(""));

  // RSA needs NULL parameters, Ed25519 none.
  const Blob rsa = pkcs1_of(shared_key(TestKeyKind::rsa2048));
  const Blob bits = der_element(der::kBitString, Blob(1, '\0') + rsa);
  const Blob oid("\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01", 11);
  EXPECT_FALSE(
      PublicKey::from_spki(der_element(der::kSequence, der_element(der::kSequence, oid) + bits)));
  const Blob edwards = der_element(der::kBitString, Blob(33, '\0'));
  const Blob with_null = der_element(der::kSequence, Blob("\x06\x03\x2b\x65\x70\x05\x00", 7));
  EXPECT_FALSE(PublicKey::from_spki(der_element(der::kSequence, with_null + edwards)));
}

TEST(PublicKeyTest, RefusesExplicitCurves) {
  EVP_PKEY* const key = shared_key(TestKeyKind::p256).handle();
  ASSERT_EQ(EVP_PKEY_set_utf8_string_param(key, "encoding", "explicit"), 1);
  const Blob explicit_curve = shared_key(TestKeyKind::p256).spki();
  ASSERT_EQ(EVP_PKEY_set_utf8_string_param(key, "encoding", "named_curve"), 1);

  expect_key_refused(PublicKey::from_spki(explicit_curve), Reason::cert_profile, "named curve");
}

TEST(PublicKeyTest, NamesWhatStandsInPlaceOfAKey) {
  const TestCa ca = root("Root");
  const std::string pem = ca.key.public_pem();
  expect_key_refused(PublicKey::from_pem(ca.pem()), Reason::malformed_object, "CERTIFICATE block");
  expect_key_refused(PublicKey::from_pem(ca.key.private_pem()), Reason::malformed_object,
                     "PRIVATE KEY block");
  expect_key_refused(PublicKey::from_pem(pem_block("EC PUBLIC KEY", ca.key.spki())),
                     Reason::malformed_object, "EC PUBLIC KEY block");
  expect_key_refused(PublicKey::from_pem(pem + pem), Reason::malformed_object, "several keys");
  expect_key_refused(PublicKey::from_pem(pem + "x"), Reason::malformed_object, "after the last");
  expect_key_refused(PublicKey::from_pem(""), Reason::malformed_object, "empty");
  EXPECT_TRUE(PublicKey::from_pem("our release key\n" + pem + "\n"));
}

TEST(PublicKeyTest, BoundsTheFile) {
  const std::string pem = TestKey::make().public_pem();
  const std::string padding(kPemBytes - pem.size() - 1, 'x');

  EXPECT_TRUE(PublicKey::from_pem(padding + "\n" + pem));
  expect_key_refused(PublicKey::from_pem(padding + "x\n" + pem), Reason::limit_exceeded, "32768");
}

TEST(PublicKeyTest, VerifiesWithSha256AndTheHashOfTheKey) {
  struct Row {
    TestKeyKind kind;
    std::vector<const char*> good;
    std::vector<const char*> bad;
  };
  for (const Row& row : {
           Row{TestKeyKind::p256, {"SHA256"}, {"SHA384", "SHA512", "SHA1"}},
           Row{TestKeyKind::p384, {"SHA256", "SHA384"}, {"SHA512", "SHA1"}},
           Row{TestKeyKind::p521, {"SHA256", "SHA512"}, {"SHA384", "SHA1"}},
           Row{TestKeyKind::rsa2048, {"SHA256"}, {"SHA384", "SHA512", "SHA1"}},
           Row{TestKeyKind::ed25519, {"ignored"}, {}},
       }) {
    const TestKey& key = shared_key(row.kind);
    const PublicKey reader = key.public_key();
    SCOPED_TRACE(reader.kind_name());
    for (const char* digest : row.good) {
      const Blob signature = key.sign(kMessage, digest);
      EXPECT_TRUE(reader.verify(kMessage, signature, EcdsaForm::der)) << digest;
      const auto other = reader.verify("something else", signature, EcdsaForm::der);
      ASSERT_FALSE(other);
      EXPECT_EQ(other.error().reason(), Reason::signature_invalid);
    }
    for (const char* digest : row.bad) {
      EXPECT_FALSE(reader.verify(kMessage, key.sign(kMessage, digest), EcdsaForm::der)) << digest;
    }
    const Blob foreign = TestKey::make(row.kind).sign(kMessage);
    EXPECT_FALSE(reader.verify(kMessage, foreign, EcdsaForm::der_or_raw));
  }
}

TEST(PublicKeyTest, VerifiesAnEmptyMessage) {
  for (const auto kind : {TestKeyKind::p256, TestKeyKind::ed25519, TestKeyKind::rsa2048}) {
    const TestKey& key = shared_key(kind);
    EXPECT_TRUE(key.public_key().verify("", key.sign(""), EcdsaForm::der));
  }
}

TEST(PublicKeyTest, RsaIsPkcs1AndOfTheLengthOfTheModulus) {
  const TestKey& key = shared_key(TestKeyKind::rsa2048);
  const PublicKey reader = key.public_key();
  const Blob signature = key.sign(kMessage);

  EXPECT_FALSE(reader.verify(kMessage, key.sign_pss(kMessage), EcdsaForm::der));
  EXPECT_FALSE(reader.verify(kMessage, Blob(1, '\0') + signature, EcdsaForm::der));
  EXPECT_FALSE(reader.verify(kMessage, Bytes(signature).substr(1), EcdsaForm::der));
  EXPECT_FALSE(reader.verify(kMessage, "", EcdsaForm::der));
}

TEST(PublicKeyTest, RawEcdsaCountsOnlyWhereItIsAsked) {
  struct Row {
    TestKeyKind kind;
    std::size_t width;
  };
  for (const Row& row :
       {Row{TestKeyKind::p256, 32}, Row{TestKeyKind::p384, 48}, Row{TestKeyKind::p521, 66}}) {
    const TestKey& key = shared_key(row.kind);
    const PublicKey reader = key.public_key();
    SCOPED_TRACE(reader.kind_name());
    const Blob der = key.sign(kMessage);
    const Blob raw = raw_ecdsa(der, row.width);
    EXPECT_TRUE(reader.verify(kMessage, raw, EcdsaForm::der_or_raw));
    EXPECT_TRUE(reader.verify(kMessage, der, EcdsaForm::der_or_raw));
    EXPECT_FALSE(reader.verify(kMessage, raw, EcdsaForm::der));
    EXPECT_FALSE(reader.verify(kMessage, raw_ecdsa(der, row.width + 1), EcdsaForm::der_or_raw));
    EXPECT_FALSE(reader.verify(kMessage, Blob(2 * row.width, '\0'), EcdsaForm::der_or_raw));
    EXPECT_FALSE(reader.verify(kMessage, raw + raw, EcdsaForm::der_or_raw));
  }
}

// The two integers of an ECDSA signature, as they stand in it.
std::pair<Blob, Blob> integers_of(Bytes signature) {
  DerReader reader(sole_element(signature, der::kSequence, "signature")->content);
  const Blob r(reader.next()->content);
  return {r, Blob(reader.next()->content)};
}

TEST(PublicKeyTest, EcdsaIsStrictDer) {
  const TestKey& key = shared_key(TestKeyKind::p256);
  const PublicKey reader = key.public_key();
  const Blob good = key.sign(kMessage);
  const auto [r, s] = integers_of(good);
  const auto integer = [](const Blob& content) { return der_element(der::kInteger, content); };
  const auto pair = [&](const Blob& content) { return der_element(der::kSequence, content); };
  Blob long_form = good;
  long_form.insert(1, 1, '\x81');
  ASSERT_TRUE(reader.verify(kMessage, good, EcdsaForm::der));
  ASSERT_EQ(pair(integer(r) + integer(s)), good);

  for (const Blob& bad : {
           good + '\0',
           long_form,
           pair(integer(r) + integer(s) + integer(s)),
           pair(integer(r) + integer(s) + Blob("\x05\x00", 2)),
           pair(integer(Blob(1, '\0') + r) + integer(s)),
           pair(integer(r) + integer(Blob(2, '\0') + s)),
           pair(integer(Blob(1, '\0')) + integer(s)),
           pair(integer(r) + integer(Blob(1, '\0'))),
           pair(integer(r)),
           pair(integer(r) + integer("")),
           pair(integer(r) + integer(Blob("\xff"))),
           pair(integer(r) + integer("\x01" + Blob(32, '\0'))),
           Blob("\x30\x00", 2),
           Blob("x"),
       }) {
    SCOPED_TRACE(hex(bad));
    EXPECT_FALSE(reader.verify(kMessage, bad, EcdsaForm::der));
    EXPECT_FALSE(reader.verify(kMessage, bad, EcdsaForm::der_or_raw));
  }
}

TEST(PublicKeyTest, BoundsTheSignature) {
  const TestKey big = TestKey::make_rsa(2048);
  const auto beyond =
      big.public_key().verify(kMessage, Blob(kSignatureBytes + 1, 'x'), EcdsaForm::der);
  const auto within = big.public_key().verify(kMessage, Blob(kSignatureBytes, 'x'), EcdsaForm::der);

  ASSERT_FALSE(beyond);
  EXPECT_NE(beyond.error().what().find("1024 bytes"), std::string::npos);
  ASSERT_FALSE(within);
  EXPECT_EQ(within.error().what().find("1024 bytes"), std::string::npos);
}

}  // namespace
}  // namespace signet
