#include "core/crypto/pem.hpp"

#include <gtest/gtest.h>

namespace signet {
namespace {

constexpr const char* kBlock = "-----BEGIN THING-----\nYWJj\n-----END THING-----\n";

TEST(PemTest, ReadsBlocks) {
  struct Row {
    const char* what;
    std::string text;
    std::size_t blocks;
  };
  const std::string block = kBlock;
  for (const Row& row : {
           Row{"one", block, 1},
           Row{"two", block + block, 2},
           Row{"text before", "x\ny\n" + block, 1},
           Row{"text between", block + "between - and --\n" + block, 2},
           Row{"white space around", "\n \t" + block + " \r\n", 1},
           Row{"CRLF", "-----BEGIN THING-----\r\nYWJj\r\n-----END THING-----\r\n", 1},
           Row{"one line", "-----BEGIN THING-----YWJj-----END THING-----", 1},
           Row{"broken lines", "-----BEGIN THING-----\nYW\nJj \n\n-----END THING-----", 1},
       }) {
    SCOPED_TRACE(row.what);
    const auto blocks = parse_pem(row.text, 2);
    ASSERT_TRUE(blocks) << blocks.error().what();
    ASSERT_EQ(blocks->size(), row.blocks);
    for (const PemBlock& one : *blocks) {
      EXPECT_EQ(one.label, "THING");
      EXPECT_EQ(one.der, "abc");
    }
  }
}

TEST(PemTest, RefusesWhatCouldHideABlock) {
  const std::string block = kBlock;
  const std::vector<std::string> texts = {
      "",
      " \n",
      "YWJj",
      block + "x",
      block + "-----BEGIN THING-----",
      block + "-----BEGIN THING-----\nYWJj\n",
      block + "-----END THING-----",
      "x" + block,
      block + "x-----BEGIN THING-----\nYWJj\n-----END THING-----\n",
      "-----BEGIN THING-----\nYWJj\n-----END OTHER-----\n",
      "-----BEGIN THING-----\nYWJj\n-----BEGIN THING-----\nYWJj\n-----END THING-----\n",
      "-----BEGIN THING-----\nYWJj\n-----END THING-----x\n",
      "-----BEGIN THING-----\nProc-Type: 4,ENCRYPTED\n\nYWJj\n-----END THING-----\n",
      "-----BEGIN THING-----\nYWJ\n-----END THING-----\n",
      "-----BEGIN THING-----\nYWJj=\n-----END THING-----\n",
      "-----BEGIN THING-----\n-_8=\n-----END THING-----\n",
      "-----BEGIN THING-----\n\n-----END THING-----\n",
      "-----BEGIN -----\nYWJj\n-----END -----\n",
      "-----BEGIN thing-----\nYWJj\n-----END thing-----\n",
      "-----BEGIN THING\nYWJj\n-----END THING-----\n",
      "-----END THING-----\n" + block,
  };
  for (const std::string& text : texts) {
    SCOPED_TRACE(text);
    const auto blocks = parse_pem(text, 10);
    ASSERT_FALSE(blocks);
    EXPECT_EQ(blocks.error().reason(), Reason::malformed_object);
  }
}

TEST(PemTest, NamesDerForWhatItIs) {
  for (const char* const begins : {"0\x81\x85", "0\x82\x01\x85"}) {
    const auto blocks = parse_pem(std::string(begins) + "and so on", 10);
    ASSERT_FALSE(blocks);
    EXPECT_NE(blocks.error().what().find("this is DER"), std::string::npos);
    EXPECT_TRUE(parse_pem(std::string(begins) + "\n" + kBlock, 10)) << "only text before a block";
  }
}

TEST(PemTest, CountsBeforeItDecodes) {
  const std::string block = kBlock;
  const std::string broken = "-----BEGIN THING-----\n!!\n-----END THING-----\n";

  const auto beyond = parse_pem(block + block + broken, 2);

  ASSERT_FALSE(beyond);
  EXPECT_EQ(beyond.error().reason(), Reason::limit_exceeded);
}

}  // namespace
}  // namespace signet
