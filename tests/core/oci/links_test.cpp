#include "core/oci/links.hpp"

#include <gtest/gtest.h>

#include "core/base/limits.hpp"

namespace signet {
namespace {

struct LinkRow {
  std::vector<std::string_view> fields;
  std::optional<std::string> next;
};

TEST(LinksTest, FindsTheNextPage) {
  const std::vector<LinkRow> rows = {
      {{}, std::nullopt},
      {{""}, std::nullopt},
      {{R"(</v2/x/referrers/y?n=2>; rel="next")"}, "/v2/x/referrers/y?n=2"},
      {{"</a>;rel=next"}, "/a"},
      {{"</a> ; REL = \"NEXT\""}, "/a"},
      {{R"(</a>; rel="prev next")"}, "/a"},
      {{R"(</a>; rel="prev")"}, std::nullopt},
      {{R"(</a>; rel="nextish")"}, std::nullopt},
      {{R"(</a>)"}, std::nullopt},
      {{R"(</a>; rel="prev", </b>; rel="next")"}, "/b"},
      {{R"(</a>; title="x, <y>; rel=next")"}, std::nullopt},
      {{R"(</a>; title="q\"; rel=\"next")"}, std::nullopt},
      {{R"(</a?x=1,2;3>; rel="next")"}, "/a?x=1,2;3"},
      {{R"(</a>; rel="prev"; rel="next")"}, std::nullopt},
      {{R"(</a>; rel="prev")", R"(</b>; rel="next")"}, "/b"},
      {{R"(,, </a>; rel="next" ,,)"}, "/a"},
      {{R"(<>; rel="next")"}, ""},
  };
  for (const LinkRow& row : rows) {
    SCOPED_TRACE(row.fields.empty() ? "none" : std::string(row.fields[0]));
    const auto next = next_link(row.fields);
    ASSERT_TRUE(next) << next.error().what();
    EXPECT_EQ(*next, row.next);
  }
}

TEST(LinksTest, SaysWhenAPageWouldBeLost) {
  for (const char* field : {"/a; rel=next", "</a; rel=next", R"(</a>; rel="next)", "</a> x",
                            R"(</a>; rel="prev" "x")"}) {
    SCOPED_TRACE(field);
    const auto next = next_link({field});
    ASSERT_FALSE(next);
    EXPECT_EQ(next.error().reason(), Reason::registry_protocol);
  }
}

TEST(LinksTest, BoundsAFieldAndReadsItOnce) {
  const std::string most(16 * kKiB, ',');
  EXPECT_TRUE(next_link({most}));

  const auto next = next_link({most + ","});
  ASSERT_FALSE(next);
  EXPECT_EQ(next.error().reason(), Reason::limit_exceeded);
}

TEST(LinksTest, NamesTheTagsOfAnImage) {
  const Digest digest = *Digest::parse("sha256:" + std::string(64, 'c'));

  EXPECT_EQ(referrers_tag(digest), "sha256-" + std::string(64, 'c'));
  EXPECT_EQ(signature_tag(digest), "sha256-" + std::string(64, 'c') + ".sig");
  EXPECT_EQ(referrers_tag_subject(referrers_tag(digest)), digest);
}

TEST(LinksTest, TakesNoOtherTagForAReferrersTag) {
  const Digest digest = Digest::of("x");
  for (const std::string& tag :
       {std::string("latest"), std::string("sha256-"), signature_tag(digest), digest.str(),
        referrers_tag(digest) + "0", "sha256-" + std::string(64, 'A')}) {
    EXPECT_FALSE(referrers_tag_subject(tag)) << tag;
  }
}

}  // namespace
}  // namespace signet
