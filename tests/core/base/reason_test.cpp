#include "core/base/reason.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace signet {
namespace {

// The last enumerator; the table of reasons is checked against it when it is compiled.
constexpr int kLast = static_cast<int>(Reason::malformed_object);

TEST(ReasonTest, EveryReasonHasOneNameAndTheNameLeadsBack) {
  std::set<std::string_view> names;
  for (int i = 0; i <= kLast; ++i) {
    const auto reason = static_cast<Reason>(i);
    EXPECT_TRUE(names.insert(name_of(reason)).second) << name_of(reason);
    EXPECT_EQ(reason_named(name_of(reason)), reason);
  }
  EXPECT_EQ(reason_named("verified"), Reason::verified);
  EXPECT_EQ(reason_named("Verified"), std::nullopt);
  EXPECT_EQ(reason_named(""), std::nullopt);
}

TEST(ReasonTest, NamesAreMetricLabels) {
  for (int i = 0; i <= kLast; ++i) {
    const std::string_view name = name_of(static_cast<Reason>(i));
    EXPECT_EQ(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_0123456789"),
              std::string_view::npos)
        << name;
  }
}

TEST(ReasonTest, TheStatusCodeFollowsTheStanding) {
  for (int i = 0; i <= kLast; ++i) {
    const auto reason = static_cast<Reason>(i);
    SCOPED_TRACE(name_of(reason));
    const int code = status_code_of(reason);
    switch (standing_of(reason)) {
      case Standing::trusted:
        EXPECT_EQ(code, 200);
        break;
      case Standing::refused:
        EXPECT_EQ(code, 403);
        break;
      case Standing::unchecked:
        EXPECT_TRUE(code == 403 || code == 429 || (code >= 500 && code < 600)) << code;
        break;
      case Standing::malformed:
        EXPECT_EQ(code, 400);
        break;
    }
  }
}

TEST(ReasonTest, CouldNotCheckIsNeverNotSigned) {
  for (const Reason reason : {Reason::registry_unreachable, Reason::registry_auth,
                              Reason::image_not_found, Reason::crl_stale, Reason::deadline}) {
    EXPECT_EQ(standing_of(reason), Standing::unchecked) << name_of(reason);
  }
  for (const Reason reason : {Reason::no_signature, Reason::chain_untrusted, Reason::revoked,
                              Reason::limit_exceeded, Reason::policy_invalid}) {
    EXPECT_EQ(standing_of(reason), Standing::refused) << name_of(reason);
  }
}

TEST(ReasonTest, OnlyWhatAnAuthorCannotProvokeMayFailOpen) {
  std::set<std::string_view> open;
  for (int i = 0; i <= kLast; ++i) {
    const auto reason = static_cast<Reason>(i);
    if (may_fail_open(reason)) open.insert(name_of(reason));
  }
  EXPECT_EQ(open, (std::set<std::string_view>{"registry_dns", "registry_unreachable"}));
}

}  // namespace
}  // namespace signet
