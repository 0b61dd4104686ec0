#include "server/cli/cases.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/base/text.hpp"
#include "tests/support/temporary_directory.hpp"

namespace signet {
namespace {

constexpr const char* kHead =
    "apiVersion: signet.dev/v1alpha1\n"
    "kind: PolicyCases\n"
    "policies: [teams.yaml]\n";

std::string with_case(const std::string& lines) {
  return cat(kHead, "cases:\n", lines);
}

CaseFiles read(const std::string& text, const std::string& path = "dir/shop.cases.yaml") {
  CaseFiles files;
  read_cases(path, text, files);
  return files;
}

std::string issues_of(const CaseFiles& files) {
  std::string text;
  for (const Issue& issue : files.issues)
    text += issue.str() + "\n";
  return text;
}

Json request_of(const PolicyCase& one) {
  return Json::parse(one.review)["request"];
}

TEST(CasesTest, ReadsACaseOfImages) {
  const CaseFiles files = read(with_case(R"(
- name: team A signed it
  images: [registry.example.com/shop/web:1, registry.example.com/shop/db:1]
  evidence: [shop.evidence.json]
  time: 2026-11-20T12:00:00Z
  namespace: shop
  namespaceLabels: {tier: prod}
  settings: {noMatch: allow, mutation: {scope: workloads, excludeImages: ["a.example/**"]}}
  expect:
    decision: deny
    reasons: [verified, no_signature]
    patches: [{path: /spec/containers/0/image, value: "x"}]
    warnings: none
    message: not trusted
)"));

  ASSERT_EQ(issues_of(files), "");
  ASSERT_EQ(files.cases.size(), 1U);
  const PolicyCase& one = files.cases.front();
  EXPECT_EQ(one.name, "team A signed it");
  EXPECT_EQ(one.policies.front().path, "dir/teams.yaml");
  EXPECT_EQ(one.evidence.front().path, "dir/shop.evidence.json");
  EXPECT_EQ(format_time(*one.time), "2026-11-20T12:00:00Z");
  EXPECT_EQ(one.namespace_labels->at("tier"), "prod");
  EXPECT_EQ(one.settings.size(), 3U);
  EXPECT_TRUE(one.mutates);
  EXPECT_FALSE(*one.expect.allowed);
  EXPECT_EQ(*one.expect.reasons, (std::vector{Reason::verified, Reason::no_signature}));
  EXPECT_EQ(one.expect.patches->front().value, "x");
  EXPECT_TRUE(one.expect.warnings->empty());
  const Json request = request_of(one);
  EXPECT_EQ(request["namespace"], "shop");
  EXPECT_EQ(request["operation"], "CREATE");
  EXPECT_EQ(request["object"]["spec"]["containers"][1]["image"], "registry.example.com/shop/db:1");
}

TEST(CasesTest, ACaseWinsOverItsFile) {
  const CaseFiles files = read(cat(kHead, R"(time: 2026-01-01T00:00:00Z
namespace: a
evidence: [a.json]
cases:
- {name: one, images: [x], expect: {decision: deny}}
- {name: two, images: [x], namespace: b, time: "2027-01-01T00:00:00Z", evidence: [b.json],
   policies: [/etc/p.yaml], expect: {decision: deny}}
)"));

  ASSERT_EQ(issues_of(files), "");
  EXPECT_EQ(files.cases[0].ns, "a");
  EXPECT_EQ(files.cases[1].ns, "b");
  EXPECT_EQ(files.cases[1].evidence.front().path, "dir/b.json");
  EXPECT_EQ(files.cases[1].policies.front().path, "/etc/p.yaml");
  EXPECT_EQ(format_time(*files.cases[1].time), "2027-01-01T00:00:00Z");
}

TEST(CasesTest, AnObjectIsAskedAsItsKindIs) {
  const CaseFiles files = read(with_case(R"(
- name: deployment
  object:
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: web, namespace: own}
    spec: {replicas: 2, paused: false, template: {spec: {containers: [{name: c, image: x}]}}}
  expect: {decision: deny}
- name: update
  pod: {spec: {containers: [{name: c, image: x}]}}
  before: [y]
  expect: {decision: deny}
)"));

  ASSERT_EQ(issues_of(files), "");
  const Json deployment = request_of(files.cases[0]);
  EXPECT_EQ(deployment["resource"]["resource"], "deployments");
  EXPECT_EQ(deployment["resource"]["group"], "apps");
  EXPECT_EQ(deployment["namespace"], "own");
  EXPECT_EQ(files.cases[0].ns, "own");
  EXPECT_EQ(deployment["object"]["spec"]["replicas"], 2);
  EXPECT_EQ(deployment["object"]["spec"]["paused"], false);
  const Json update = request_of(files.cases[1]);
  EXPECT_EQ(update["operation"], "UPDATE");
  EXPECT_EQ(update["kind"]["kind"], "Pod");
  EXPECT_EQ(update["oldObject"]["spec"]["containers"][0]["image"], "y");
}

TEST(CasesTest, EachMistakeHasItsPlaceAndItsCure) {
  const struct {
    const char* text;
    const char* said;
  } rows[] = {
      {"- {name: x, images: [y], expects: {decision: deny}}", ":5:26: cases[0].expects: "},
      {"- {name: x, images: [y], expect: {decision: maybe}}", "is not one of allow, deny"},
      {"- {name: x, images: [y], expect: {}}", "cases[0].expect.decision: is missing"},
      {"- {name: x, images: [y]}", "cases[0].expect: is missing"},
      {"- {images: [y], expect: {decision: deny}}", "cases[0].name: is missing"},
      {"- {name: x, expect: {decision: deny}}", "give one of images, pod, object and review"},
      {"- {name: x, images: [y], pod: {}, expect: {decision: deny}}",
       "gives images and pod; one of them is asked"},
      {"- {name: x, images: [y], expect: {decision: deny, reasons: [unsigned]}}",
       "\"unsigned\" is no reason code"},
      {"- {name: x, images: [y], time: soon, expect: {decision: deny}}", "cases[0].time: "},
      {"- {name: x, images: [1], expect: {decision: deny}}", "cases[0].images[0]: 1 is a number"},
      {"- {name: x, images: [y], settings: {noMatch: maybe}, expect: {decision: deny}}",
       "cases[0].settings.noMatch: "},
      {"- {name: x, images: [y], settings: {unpined: deny}, expect: {decision: deny}}", "unpinned"},
      {"- {name: x, review: absent.json, expect: {decision: deny}}", "cases[0].review: "},
      {"- {name: x, images: [y], expect: {decision: deny}}\n"
       "- {name: x, images: [y], expect: {decision: deny}}",
       "\"x\" stands twice"},
  };
  for (const auto& row : rows) {
    const std::string said = issues_of(read(with_case(row.text)));
    EXPECT_NE(said.find(row.said), std::string::npos) << row.text << '\n' << said;
    EXPECT_TRUE(said.starts_with("dir/shop.cases.yaml:")) << said;
  }
}

TEST(CasesTest, AFileIsOfItsKindAndHoldsSomething) {
  EXPECT_NE(issues_of(read("")).find("is empty"), std::string::npos);
  EXPECT_NE(issues_of(read("apiVersion: signet.dev/v1\nkind: PolicyCases\n")).find("apiVersion"),
            std::string::npos);
  EXPECT_NE(issues_of(read("apiVersion: signet.dev/v1alpha1\nkind: Pod\n")).find("kind"),
            std::string::npos);
  EXPECT_NE(issues_of(read(kHead)).find("cases: is missing"), std::string::npos);
  EXPECT_FALSE(read("a: [").issues.empty());
}

TEST(CasesTest, PoliciesAreThoseBesideUnlessNamed) {
  const TemporaryDirectory directory;
  const std::string file = directory.write("a.cases.yaml", "");
  directory.write("one.yaml", "");
  directory.write("two.yml", "");
  directory.write(".hidden.yaml", "");
  directory.write("below/three.yaml", "");

  const CaseFiles files = read(
      "apiVersion: signet.dev/v1alpha1\nkind: PolicyCases\ncases:\n"
      "- {name: x, images: [y], expect: {decision: deny}}\n",
      file);

  ASSERT_EQ(issues_of(files), "");
  ASSERT_EQ(files.cases.front().policies.size(), 2U);
  EXPECT_TRUE(files.cases.front().policies.front().path.ends_with("/one.yaml"));
}

TEST(CasesTest, FindsEveryFileOfADirectoryOnce) {
  const TemporaryDirectory directory;
  const std::string text = with_case("- {name: x, images: [y], expect: {decision: deny}}\n");
  const std::string one = directory.write("b/one.cases.yaml", text);
  directory.write("a/two.cases.yaml", text);
  directory.write("a/policy.yaml", "no: case");

  const auto files = read_case_files({directory.str(), one});

  ASSERT_TRUE(files) << files.error().what();
  ASSERT_EQ(files->files.size(), 2U);
  EXPECT_TRUE(files->files.front().ends_with("a/two.cases.yaml"));
}

TEST(CasesTest, AMessageCannotBeNone) {
  const std::string one =
      "- name: a\n  images: [registry.example.com/a:1]\n  expect: {decision: deny, ";
  const CaseFiles none = read(with_case(one + "message: none}\n"));
  const CaseFiles listed = read(with_case(one + "message: [none]}\n"));
  const CaseFiles warnings = read(with_case(one + "warnings: none}\n"));

  EXPECT_TRUE(issues_of(none).starts_with("dir/shop.cases.yaml:7:")) << issues_of(none);
  EXPECT_NE(issues_of(none).find("write text that must occur, or leave message out"),
            std::string::npos)
      << issues_of(none);
  EXPECT_EQ(issues_of(listed), "");
  EXPECT_EQ(issues_of(warnings), "");
}

TEST(CasesTest, SaysWhichPathHoldsNoCases) {
  const TemporaryDirectory directory;

  const auto empty = read_case_files({directory.str()});
  const auto missing = read_case_files({directory.str() + "/absent"});

  ASSERT_FALSE(empty);
  ASSERT_FALSE(missing);
  EXPECT_NE(empty.error().what().find("holds no cases"), std::string::npos);
  EXPECT_NE(missing.error().what().find("no such file"), std::string::npos);
}

}  // namespace
}  // namespace signet
