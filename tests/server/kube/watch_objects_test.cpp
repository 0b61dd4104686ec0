#include "server/kube/watch_objects.hpp"

#include <gtest/gtest.h>

namespace signet {
namespace {

std::string json_of(const std::string& metadata, const std::string& rest) {
  const auto object = parse_kube_object(R"({"metadata":{"name":"a")" + metadata + "}" + rest + "}");
  return object ? object->json : object.error().what();
}

// What a status writer changes costs nobody who looks for a change another parse.
TEST(WatchObjectsTest, AWriteOfAStatusLeavesTheTextOfAnObjectAsItWas) {
  const std::string spec = R"(,"spec":{"mode":"warn"})";
  const std::string before = json_of(R"(,"resourceVersion":"1")", spec);
  EXPECT_EQ(before, json_of(R"(,"resourceVersion":"2","managedFields":[{"manager":"signet"}])",
                            spec + R"(,"status":{"conditions":[]})"));
  EXPECT_NE(before, json_of(R"(,"resourceVersion":"1")", R"(,"spec":{"mode":"enforce"})"));
  EXPECT_NE(before, json_of(R"(,"labels":{"a":"b"})", spec));
}

}  // namespace
}  // namespace signet
