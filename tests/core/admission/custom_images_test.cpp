#include "core/admission/custom_images.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/admission/decision.hpp"
#include "core/base/limits.hpp"
#include "tests/core/admission/reviews.hpp"

namespace signet {
namespace {

using Names = std::vector<std::string>;

ExtraResource extra(const std::string& text) {
  auto parsed = ExtraResource::parse(text);
  if (!parsed) throw std::runtime_error(parsed.error().what());
  return std::move(*parsed);
}

// A review of `plural.group/v1` that creates an object with this `spec`.
Review parsed_object(const std::string& group, const std::string& kind, const std::string& plural,
                     const std::string& spec, const std::string& setting) {
  const ExtraResource extras[] = {extra(setting)};
  ReviewRules rules;
  rules.extra = extras;
  auto review =
      parse_review(create_workload(group, kind, plural, R"("spec":)" + spec).str(), rules);
  EXPECT_TRUE(review);
  return review ? std::move(*review) : Review{};
}

Names fields_of(const Review& review) {
  Names fields;
  for (const PodImage& image : review.object.images)
    fields.push_back(image.field + "=" + image.reference);
  return fields;
}

TEST(CustomImagesTest, KB21_FindsTheImagesOfCustomKinds) {
  struct Row {
    std::string group, kind, plural, spec, paths;
    Names found;
  };
  const Row rows[] = {
      {"serving.knative.dev",
       "Service",
       "services",
       R"({"template":{"spec":{"containers":[{"image":"a"},{"image":"b"}]}}})",
       "spec.template.spec.containers[*].image,spec.template.spec.initContainers[*].image",
       {"spec.template.spec.containers[0].image=a", "spec.template.spec.containers[1].image=b"}},
      {"argoproj.io",
       "Rollout",
       "rollouts",
       R"({"workloadRef":{"name":"d"}})",
       "spec.template.spec.containers[*].image",
       {}},
      {"tekton.dev",
       "TaskRun",
       "taskruns",
       R"({"taskSpec":{"steps":[{"image":"a"},{"script":"x"}],"stepTemplate":{"image":"b"}}})",
       "spec.taskSpec.steps[*].image,spec.taskSpec.stepTemplate.image",
       {"spec.taskSpec.steps[0].image=a", "spec.taskSpec.stepTemplate.image=b"}},
      {"kubevirt.io",
       "VirtualMachine",
       "virtualmachines",
       R"({"volumes":[{"containerDisk":{"image":"a"}},{"name":"x"},null]})",
       "spec.volumes[*].containerDisk.image",
       {"spec.volumes[0].containerDisk.image=a"}},
      {"x.dev",
       "Nest",
       "nests",
       R"({"jobs":[{"steps":[{"image":"a"}]},{"steps":[{"image":"b"}]}]})",
       "spec.jobs[*].steps[*].image",
       {"spec.jobs[0].steps[0].image=a", "spec.jobs[1].steps[0].image=b"}},
      {"x.dev",
       "Set",
       "sets",
       R"({"images":["a","b"]})",
       "spec.images[*]",
       {"spec.images[0]=a", "spec.images[1]=b"}},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.kind);
    const Review review = parsed_object(row.group, row.kind, row.plural, row.spec,
                                        row.group + "=" + row.plural + "=v1=" + row.paths);
    EXPECT_FALSE(review.problem);
    EXPECT_EQ(review.object.holder, PodObject::Holder::custom);
    EXPECT_EQ(fields_of(review), row.found);
  }
}

TEST(CustomImagesTest, KB21_SkipsParametersWithAWarningAndNeverDeniesThem) {
  const std::string spec =
      R"x({"steps":[{"image":"$(params.image)"},{"image":"{{x}}"},{"image":"a/${Y}"},)x"
      R"x({"image":"b"},{"image":" "}]})x";
  const Review review = parsed_object("tekton.dev", "TaskRun", "taskruns", spec,
                                      "tekton.dev=taskruns=v1=spec.steps[*].image");
  EXPECT_EQ(fields_of(review), Names{"spec.steps[3].image=b"});
  EXPECT_EQ(review.object.placeholders,
            (Names{"spec.steps[0].image", "spec.steps[1].image", "spec.steps[2].image"}));
  EXPECT_EQ(review.object.empty, Names{"spec.steps[4].image"});
  const Decision decision = decide(review, {}, "id");
  EXPECT_TRUE(decision.allowed);
  ASSERT_EQ(decision.warnings.size(), 3U);
  EXPECT_NE(decision.warnings[0].find("spec.steps[0].image holds a parameter"), std::string::npos);
}

TEST(CustomImagesTest, EscapesMemberNamesInPointers) {
  const std::string spec = R"({"a/b~c":[{"image":"x"}]})";
  const Review review =
      parsed_object("x.dev", "Odd", "odds", spec, "x.dev=odds=v1=spec.a/b~c[*].image");
  ASSERT_EQ(review.object.images.size(), 1U);
  EXPECT_EQ(review.object.images[0].pointer, "/spec/a~1b~0c/0/image");
  const auto object = nlohmann::json::parse(R"({"spec":)" + spec + "}");
  EXPECT_EQ(object.at(nlohmann::json::json_pointer(review.object.images[0].pointer)), "x");
}

TEST(CustomImagesTest, DeniesWhatIsNoImageWhereOneShouldBe) {
  const std::pair<std::string, std::string> rows[] = {
      {R"({"steps":{}})", "spec.steps must be a list"},
      {R"({"steps":[7]})", "spec.steps[0] must be an object"},
      {R"({"steps":[{"image":7}]})", "spec.steps[0].image must be a string"},
      {"7", "spec must be an object"},
  };
  for (const auto& [spec, what] : rows) {
    SCOPED_TRACE(spec);
    const Review review =
        parsed_object("x.dev", "Odd", "odds", spec, "x.dev=odds=v1=spec.steps[*].image");
    ASSERT_TRUE(review.problem);
    EXPECT_EQ(review.problem->what(), what);
  }
}

TEST(CustomImagesTest, BoundsTheNumberOfImages) {
  const auto with = [](std::size_t count) {
    std::string images;
    for (std::size_t i = 0; i < count; ++i)
      images += std::string(i > 0 ? "," : "") + "\"a\"";
    return parsed_object("x.dev", "Set", "sets", R"({"images":[)" + images + "]}",
                         "x.dev=sets=v1=spec.images[*]");
  };
  EXPECT_FALSE(with(kImagesPerReview).problem);
  EXPECT_TRUE(with(kImagesPerReview + 1).problem);
}

TEST(CustomImagesTest, KnowsOnlyTheVersionsAndGroupsThatAreNamed) {
  for (const std::string setting :
       {"x.dev=odds=v2=spec.image", "y.dev=odds=v1=spec.image", "x.dev=others=v1=spec.image"}) {
    SCOPED_TRACE(setting);
    const Review review = parsed_object("x.dev", "Odd", "odds", R"({"image":"a"})", setting);
    ASSERT_TRUE(review.problem);
    EXPECT_NE(review.problem->what().find("carry no pod"), std::string::npos);
  }
  EXPECT_FALSE(
      parsed_object("x.dev", "Odd", "odds", R"({"image":"a"})", "x.dev=odds=v2,v1=spec.image")
          .problem);
}

TEST(CustomImagesTest, SetsUnchangedEntriesAsideAlsoInAnotherOrder) {
  const ExtraResource extras[] = {extra("x.dev=odds=v1=spec.steps[*].image")};
  ReviewRules rules;
  rules.extra = extras;
  const auto object = [](const std::string& steps) {
    return R"({"apiVersion":"x.dev/v1","kind":"Odd","spec":{"steps":[)" + steps + "]}}";
  };
  ReviewParts parts = create_workload("x.dev", "Odd", "odds", R"("spec":{})");
  parts.operation = "UPDATE";
  parts.old_object = object(R"({"name":"a","image":"1"},{"name":"b","image":"2"})");
  parts.object = object(R"({"name":"b","image":"2"},{"name":"a","image":"3"})");
  const auto review = parse_review(parts.str(), rules);
  ASSERT_TRUE(review);
  EXPECT_EQ(fields_of(*review), Names{"spec.steps[1].image=3"});
  EXPECT_EQ(review->unchanged.size(), 1U);
}

TEST(ExtraResourceTest, NamesThePieceThatIsWrongAndTheCure) {
  const std::pair<std::string, std::string> rows[] = {
      {"x.dev=odds=v1", "must have group, resource, versions and paths"},
      {"X.dev=odds=v1=a", "group: "},
      {"x.dev=Odds=v1=a", "resource: "},
      {"x.dev==v1=a", "resource: "},
      {"x.dev=odds==a", "versions: "},
      {"x.dev=odds=v1=", "with [*] behind each list"},
      {"x.dev=odds=v1=a..b", "with [*] behind each list"},
      {"x.dev=odds=v1=a[0].b", "with [*] behind each list"},
      {"x.dev=odds=v1=a.[*].b", "with [*] behind each list"},
      {"x.dev=odds=v1=a b", "with [*] behind each list"},
  };
  for (const auto& [text, what] : rows) {
    SCOPED_TRACE(text);
    const auto parsed = ExtraResource::parse(text);
    ASSERT_FALSE(parsed);
    EXPECT_NE(parsed.error().what().find(what), std::string::npos) << parsed.error().what();
  }
  EXPECT_TRUE(ExtraResource::parse("=pods=v1=spec.image"));
}

TEST(ExtraResourceTest, BoundsStepsAndPaths) {
  const auto path = [](std::size_t steps) {
    std::string text = "a";
    for (std::size_t i = 1; i < steps; ++i)
      text += ".a";
    return text;
  };
  EXPECT_TRUE(ImagePath::parse(path(kExtraPathSteps)));
  EXPECT_FALSE(ImagePath::parse(path(kExtraPathSteps + 1)));
  const auto resource = [](std::size_t paths) {
    std::string text = "x.dev=odds=v1=a";
    for (std::size_t i = 1; i < paths; ++i)
      text += ",a";
    return ExtraResource::parse(text);
  };
  EXPECT_TRUE(resource(kExtraPaths));
  EXPECT_FALSE(resource(kExtraPaths + 1));
}

}  // namespace
}  // namespace signet
