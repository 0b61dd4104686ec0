#pragma once
// AdmissionReviews for tests, put together from texts.

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "core/admission/review.hpp"

namespace signet {

struct ReviewParts {
  std::string api_version = "admission.k8s.io/v1";
  std::string uid = R"("705ab4f5-6393-11e8-b7cc-42010a800002")";
  std::string kind = R"({"group":"","version":"v1","kind":"Pod"})";
  std::string resource = R"({"group":"","version":"v1","resource":"pods"})";
  std::string subresource;
  std::string operation = "CREATE";
  std::string ns = "shop";
  std::string object;
  std::string old_object = "null";
  std::string user = R"({"username":"jane","groups":["system:authenticated"]})";
  std::string dry_run = "false";

  std::string str() const {
    return R"({"apiVersion":")" + api_version + R"(","kind":"AdmissionReview","request":{"uid":)" +
           uid + R"(,"kind":)" + kind + R"(,"resource":)" + resource + R"(,"subResource":")" +
           subresource + R"(","operation":")" + operation + R"(","namespace":")" + ns +
           R"(","userInfo":)" + user + R"(,"dryRun":)" + dry_run + R"(,"object":)" + object +
           R"(,"oldObject":)" + old_object + "}}";
  }
};

// `spec` is the text of the pod spec; `metadata` that of its metadata.
inline std::string pod_text(std::string_view spec, std::string_view metadata = R"({"name":"p"})") {
  return R"({"apiVersion":"v1","kind":"Pod","metadata":)" + std::string(metadata) + R"(,"spec":)" +
         std::string(spec) + "}";
}

// A pod with one container.
inline std::string pod_of(std::string_view image) {
  return pod_text(R"({"containers":[{"name":"app","image":")" + std::string(image) + R"("}]})");
}

inline ReviewParts create_pod(std::string object) {
  ReviewParts parts;
  parts.object = std::move(object);
  return parts;
}

inline ReviewParts update_pod(std::string before, std::string now) {
  ReviewParts parts;
  parts.operation = "UPDATE";
  parts.object = std::move(now);
  parts.old_object = std::move(before);
  return parts;
}

// A review of a workload kind: `group` may be empty.
inline ReviewParts create_workload(const std::string& group, const std::string& kind,
                                   const std::string& plural, const std::string& body) {
  ReviewParts parts;
  const std::string version = group.empty() ? "v1" : group + "/v1";
  parts.kind = R"({"group":")" + group + R"(","version":"v1","kind":")" + kind + R"("})";
  parts.resource = R"({"group":")" + group + R"(","version":"v1","resource":")" + plural + R"("})";
  parts.object = R"({"apiVersion":")" + version + R"(","kind":")" + kind +
                 R"(","metadata":{"name":"w"},)" + body + "}";
  return parts;
}

inline Review parsed(const ReviewParts& parts, const ReviewRules& rules = {}) {
  auto review = parse_review(parts.str(), rules);
  EXPECT_TRUE(review) << review.error().what();
  return review ? std::move(*review) : Review{};
}

}  // namespace signet
