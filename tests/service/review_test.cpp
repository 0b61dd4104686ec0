// `signet review` as a program, on the images of the demonstration.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "core/base/text.hpp"
#include "server/app/app.hpp"
#include "server/app/wall_clock.hpp"
#include "server/cli/demo_world.hpp"
#include "tests/support/temporary_directory.hpp"

namespace signet {
namespace {

using Json = nlohmann::json;

struct Ran {
  int code = 0;
  std::string out;
  std::string err;
};

class ReviewTest : public ::testing::Test {
 protected:
  ReviewTest() {
    std::filesystem::create_directory(directory.path() / "layout");
    const std::string layout = (directory.path() / "layout").string();
    world = *make_demo_world(layout, wall_clock());
    policy = directory.write("policy.yaml", world.policy);
    mount = cat(world.repository, "=", layout);
  }

  Ran review(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {"signet", "review", "--layout", mount});
    if (std::find(arguments.begin(), arguments.end(), "--policy") == arguments.end())
      arguments.insert(arguments.end(), {"--policy", policy});
    std::vector<const char*> argv;
    for (const std::string& argument : arguments)
      argv.push_back(argument.c_str());
    std::ostringstream out;
    std::ostringstream err;
    const int code = run_program(static_cast<int>(argv.size()), argv.data(), Output{out, err});
    return {code, out.str(), err.str()};
  }

  std::string deployment(const std::string& tag, const std::string& ns = "shop") const {
    return cat("apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: ", tag, ", namespace: ", ns,
               "}\nspec:\n  template:\n    spec:\n      containers:\n      - name: c\n",
               "        image: ", world.repository, ":", tag, "\n---\n");
  }
  std::string file(const std::string& content) const {
    return directory.write("manifests.yaml", content);
  }
  std::string all_images() const {
    std::string text;
    for (const DemoImage& image : world.images)
      text += deployment(image.reference.substr(image.reference.rfind(':') + 1));
    return text;
  }

  TemporaryDirectory directory;
  DemoWorld world;
  std::string policy;
  std::string mount;
};

TEST_F(ReviewTest, EachImageIsToldWithVerdictIdentityAndPlace) {
  const Ran ran = review({file(all_images())});

  EXPECT_EQ(ran.code, 1) << ran.err;
  for (const char* const wanted :
       {"registry.example/shop:signed: trusted", "team-a@linuxera.org", "sha256:", "no_signature",
        "chain_untrusted", "identity_mismatch", "chain_expired", "signature_invalid",
        "in Deployment shop/wrong-identity, spec.template.spec.containers[0].image",
        "6 objects, 6 workloads, 6 images", "5 images in 5 workloads: denied"}) {
    EXPECT_NE(ran.out.find(wanted), std::string::npos) << wanted << "\n" << ran.out;
  }
}

TEST_F(ReviewTest, TheSummaryGroupsByReasonRepositorySignerAndRoot) {
  const Ran ran = review({"--summary", "-o", "json", file(all_images())});

  EXPECT_EQ(ran.code, 1);
  const Json report = Json::parse(ran.out);
  EXPECT_EQ(report["version"], "signet.dev/review/v1");
  EXPECT_FALSE(report.contains("images"));
  const Json& summary = report["summary"];
  EXPECT_EQ(summary["all"]["denied"], (Json{{"images", 5}, {"workloads", 5}}));
  EXPECT_EQ(summary["by_reason"].size(), 6U);
  ASSERT_EQ(summary["by_repository"].size(), 1U);
  EXPECT_EQ(summary["by_repository"][0]["name"], "registry.example/shop");
  EXPECT_EQ(summary["by_repository"][0]["denied"]["images"], 5);
  ASSERT_EQ(summary["by_root"].size(), 1U);
  EXPECT_NE(summary["by_root"][0]["name"].get<std::string>().find("Linuxera Root CA"),
            std::string::npos);
  EXPECT_EQ(summary["by_root"][0]["admitted"]["images"], 1);
  EXPECT_TRUE(summary["by_root"][0]["until"].is_string());
  EXPECT_EQ(summary["ends"].size(), 1U);
  const auto named = [&](const std::string& name) {
    return std::any_of(summary["by_signer"].begin(), summary["by_signer"].end(),
                       [&](const Json& entry) { return entry["name"] == name; });
  };
  EXPECT_TRUE(named("team-a@linuxera.org by https://linuxera.org")) << summary["by_signer"];
  EXPECT_TRUE(named("team-b@linuxera.org by https://linuxera.org"));
  EXPECT_TRUE(named("(not signed)"));
}

TEST_F(ReviewTest, ALaterDayShowsWhatWillHaveExpired) {
  const Ran now = review({file(deployment("signed"))});
  const Ran later = review({"--at", "2099-06-01", "--summary", file(deployment("signed"))});

  EXPECT_EQ(now.code, 0) << now.out;
  EXPECT_EQ(later.code, 1);
  EXPECT_NE(later.out.find("As of 2099-06-01T00:00:00Z"), std::string::npos) << later.out;
  EXPECT_NE(later.out.find("chain_expired: 1 image in 1 workload denied"), std::string::npos)
      << later.out;
}

TEST_F(ReviewTest, OneImageInManyNamespacesIsToldOnce) {
  const Ran ran = review({file(deployment("unsigned", "a") + deployment("unsigned", "b"))});

  const std::string line = "image registry.example/shop:unsigned: not trusted";
  EXPECT_EQ(ran.out.find(line), ran.out.rfind(line));
  EXPECT_NE(ran.out.find("Deployment a/unsigned"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("Deployment b/unsigned"), std::string::npos) << ran.out;
}

TEST_F(ReviewTest, ThePipelineSaysWhatFailsIt) {
  const std::string warns = directory.write("warns.yaml", [&] {
    std::string text = world.policy;
    const std::string spec = "metadata: {name: shop}\nspec:\n";
    text.replace(text.find(spec), spec.size(), spec + "  mode: warn\n");
    return text;
  }());
  const std::string good = directory.write("good.yaml", deployment("signed"));
  const std::string bad = directory.write("bad.yaml", deployment("unsigned"));
  const std::string missing = directory.write("missing.yaml", deployment("missing"));
  struct Row {
    std::vector<std::string> arguments;
    int code;
  };
  for (const Row& row : std::vector<Row>{
           {{good}, 0},
           {{bad}, 1},
           {{missing}, 2},
           {{bad, missing}, 1},
           {{missing, "--fail-on", "deny"}, 0},
           {{bad, "--fail-on", "deny"}, 1},
           {{bad, "--fail-on", "never"}, 0},
           {{bad, "--policy", warns}, 0},
           {{bad, "--policy", warns, "--fail-on", "warn"}, 1},
       }) {
    const Ran ran = review(row.arguments);
    EXPECT_EQ(ran.code, row.code) << ::testing::PrintToString(row.arguments) << ran.out << ran.err;
  }
}

TEST_F(ReviewTest, WhatAWarningPolicyObjectsToIsPartOfTheBlastRadius) {
  std::string text = world.policy;
  const std::string spec = "metadata: {name: shop}\nspec:\n";
  text.replace(text.find(spec), spec.size(), spec + "  mode: warn\n");
  const Ran ran = review({"--policy", directory.write("warns.yaml", text), "--summary", "-o",
                          "json", file(deployment("unsigned"))});

  const Json summary = Json::parse(ran.out)["summary"];
  EXPECT_EQ(summary["all"]["objected"]["images"], 1);
  EXPECT_EQ(summary["by_reason"][0]["name"], "no_signature");
}

TEST_F(ReviewTest, APodNamedByTagIsPinnedBeforeAManifestIsJudgedAndNotBeforeAReview) {
  const std::string pod =
      cat(R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},)",
          R"("spec":{"containers":[{"name":"c","image":")", world.repository, ":signed\"}]}}");
  const std::string asked = cat(
      R"({"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"u",)",
      R"("kind":{"group":"","version":"v1","kind":"Pod"},"resource":{"group":"","version":"v1",)",
      R"("resource":"pods"},"namespace":"shop","operation":"CREATE","object":)", pod, "}}");
  EXPECT_EQ(review({file(pod)}).code, 0);
  EXPECT_EQ(review({file(pod), "--unpinned", "deny"}).code, 1);
  const Ran ran = review({file(asked)});
  EXPECT_EQ(ran.code, 1);
  EXPECT_NE(ran.out.find("unpinned"), std::string::npos) << ran.out;
  EXPECT_EQ(review({file(asked), "--unpinned", "allow"}).code, 0);
}

TEST_F(ReviewTest, BadInputIsOneSentenceAndNothingElse) {
  const std::vector<std::pair<std::string, std::string>> rows = {
      {file(""), "manifests.yaml: there is no object in it"},
      {directory.write("garbage", std::string("\x1f\x8b\x00\x01\xff", 5)),
       "this is neither YAML nor JSON"},
      {directory.write("half.yaml", deployment("signed") + "kind: [\n"),
       "this is neither YAML nor JSON"},
      {directory.write("values.yaml", "replicas: 3\n"),
       "values.yaml:1:1: an object without apiVersion and kind is no manifest"},
      {directory.str() + "/absent.yaml", "absent.yaml: cannot be read: No such file"},
      {directory.str(), "is a directory; name the files in it"},
  };
  for (const auto& [path, wanted] : rows) {
    SCOPED_TRACE(path);
    const Ran ran = review({path});
    EXPECT_EQ(ran.code, 64);
    EXPECT_EQ(ran.out, "");
    EXPECT_NE(ran.err.find(wanted), std::string::npos) << ran.err;
    EXPECT_EQ(std::count(ran.err.begin(), ran.err.end(), '\n'), 1) << ran.err;
  }
}

TEST_F(ReviewTest, PoliciesComeFromOnePlace) {
  const std::string manifest = file(deployment("signed"));
  EXPECT_EQ(review({manifest, "--kubeconfig", "x"}).code, 64);
  const Ran broken = review({manifest, "--policy", directory.write("p.yaml", "kind: None\n")});
  EXPECT_EQ(broken.code, 64);
  EXPECT_EQ(broken.out, "");
}

TEST_F(ReviewTest, AnUnknownKindIsSkippedAndTheRestIsJudged) {
  const Ran ran = review({file(deployment("signed") +
                               "apiVersion: tekton.dev/v1\nkind: TaskRun\nmetadata: {name: r}\n")});
  EXPECT_EQ(ran.code, 0);
  EXPECT_NE(ran.out.find("skipped 1 object, TaskRun default/r: tekton.dev/v1 TaskRun"),
            std::string::npos)
      << ran.out;
}

}  // namespace
}  // namespace signet
