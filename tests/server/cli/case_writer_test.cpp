#include "server/cli/case_writer.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "core/base/text.hpp"
#include "tests/support/temporary_directory.hpp"

namespace signet {
namespace {

RecordedCase recorded(const std::string& image) {
  return {image, {"dir/policies/teams.yaml"}, "shop", *make_time(2026, 11, 20, 12, 0, 0)};
}

CaseFound denied() {
  CaseFound found;
  found.reason = Reason::no_policy_deny;
  return found;
}

TEST(CaseWriterTest, ANewFileIsWhole) {
  const CaseFound found = denied();

  const auto grown = with_case("dir/cases/web.cases.yaml", "", recorded("a.example/web:1"), &found);

  ASSERT_TRUE(grown) << grown.error().what();
  EXPECT_EQ(grown->text,
            "apiVersion: signet.dev/v1alpha1\n"
            "kind: PolicyCases\n"
            "cases:\n"
            "  - name: \"a.example/web:1\"\n"
            "    policies: [\"../policies/teams.yaml\"]\n"
            "    evidence: [\"web.evidence.json\"]\n"
            "    time: 2026-11-20T12:00:00Z\n"
            "    namespace: \"shop\"\n"
            "    images: [\"a.example/web:1\"]\n"
            "    expect: {decision: deny, reasons: [no_policy_deny]}\n");
  EXPECT_EQ(evidence_file_of("dir/cases/web.cases.yaml"), "dir/cases/web.evidence.json");
}

TEST(CaseWriterTest, AnotherCaseStandsAtTheEndAsTheOthersDo) {
  const std::string file = "web.cases.yaml";
  const std::string text =
      "apiVersion: signet.dev/v1alpha1\n"
      "kind: PolicyCases\n"
      "policies: [a.yaml]\n"
      "cases:\n"
      "- name: by hand  # a comment\n"
      "  images: [x]\n"
      "  expect: {decision: deny}";

  const auto grown = with_case(file, text, recorded("a.example/web:1"), nullptr);

  ASSERT_TRUE(grown) << grown.error().what();
  EXPECT_TRUE(grown->text.starts_with(text + "\n- name: \"a.example/web:1\"\n")) << grown->text;
  EXPECT_EQ(grown->read.cases.size(), 2U);
}

TEST(CaseWriterTest, TheNameOfACaseIsTakenOnce) {
  const auto once = with_case("web.cases.yaml", "", recorded("a.example/web:1"), nullptr);

  const auto twice = with_case("web.cases.yaml", once->text, recorded("a.example/web:1"), nullptr);

  ASSERT_FALSE(twice);
  EXPECT_NE(twice.error().what().find("line 4 has a case of the name \"a.example/web:1\""),
            std::string::npos)
      << twice.error().what();
}

TEST(CaseWriterTest, AFileThatCannotGrowIsLeftAlone) {
  const auto in_one_line =
      with_case("web.cases.yaml",
                "apiVersion: signet.dev/v1alpha1\nkind: PolicyCases\npolicies: [a]\n"
                "cases: [{name: x, images: [y], expect: {decision: deny}}]\n",
                recorded("a.example/web:1"), nullptr);
  const auto broken = with_case("web.cases.yaml", "cases: 1", recorded("a.example/web:1"), nullptr);

  EXPECT_FALSE(in_one_line);
  EXPECT_FALSE(broken);
}

TEST(CaseWriterTest, AFileIsReplacedWholeOrNotAtAll) {
  const TemporaryDirectory directory;
  const std::string file = directory.write("a.json", "before");

  const auto written = replace_file(file, "after");
  const auto refused = replace_file(directory.str() + "/absent/b.json", "after");

  EXPECT_TRUE(written);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().what().find("/absent/b.json: cannot be written: "), std::string::npos);
  std::size_t files = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(directory.path()))
    ++files;
  EXPECT_EQ(files, 1U);
}

}  // namespace
}  // namespace signet
