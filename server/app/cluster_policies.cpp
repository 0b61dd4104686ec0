#include "server/app/cluster_policies.hpp"

#include <array>

#include "core/base/text.hpp"
#include "server/app/cluster_objects.hpp"
#include "server/app/cluster_reports.hpp"
#include "server/net/percent_encoding.hpp"

namespace signet {
namespace {

constexpr std::size_t kPageBytes = 64 * kMiB;  // 500 policies of a usual size take one
constexpr std::string_view kSignetApi = "/apis/signet.dev/v1alpha1/";
constexpr std::array kPolicyKinds = {PolicyKindName::trust_root, PolicyKindName::cluster_policy,
                                     PolicyKindName::policy};

Error refused(std::string_view what, const KubeReply& reply) {
  return {Reason::config_not_ready,
          cat("the cluster does not give ", what, ": ", printable(reply.message(), 300))};
}

// Every object of a collection, page by page.
Task<Result<std::vector<KubeObject>>> list_all(KubeApi& api, std::string path, Deadline deadline) {
  std::vector<KubeObject> all;
  std::string token;
  do {
    const std::string next = token.empty() ? "" : cat("&continue=", percent_encoded(token));
    KubeRequest request("GET", cat(path, "?limit=500", next));
    request.body_limit = kPageBytes;
    const auto reply = co_await api.send(std::move(request), deadline);
    if (!reply) co_return reply.error();
    if (!reply->ok()) co_return refused(path, *reply);
    auto page = parse_kube_page(reply->body);
    if (!page) co_return page.error().under(path);
    for (KubeObject& object : page->items)
      all.push_back(std::move(object));
    token = std::move(page->next);
  } while (!token.empty());
  co_return all;
}

// A Secret or ConfigMap; an error of its own is data, for the policy that names it is invalid then.
Task<Result<Result<MaterialData>>> material_of(KubeApi& api, MaterialRef wanted, std::string ns,
                                               Deadline deadline) {
  const bool is_secret = wanted.kind == MaterialRef::Kind::secret;
  const std::string path = cat("/api/v1/namespaces/", ns, is_secret ? "/secrets/" : "/configmaps/",
                               percent_encoded(wanted.name));
  KubeRequest request("GET", path);
  const auto reply = co_await api.send(std::move(request), deadline);
  if (!reply) co_return reply.error();
  if (reply->status == 404) {
    const Error absent(Reason::config_not_ready,
                       cat("there is no such object in the namespace ", ns));
    co_return Result<MaterialData>(absent);
  }
  if (!reply->ok()) co_return refused(path, *reply);
  co_return material_in(wanted.kind, reply->body);
}

}  // namespace

Task<Result<ClusterPolicies>> read_cluster_policies(KubeApi& api, std::string ns, SetRules rules,
                                                    Deadline deadline) {
  PolicyObjects objects(rules);
  for (const PolicyKindName kind : kPolicyKinds) {
    std::string path = cat(kSignetApi, plural_of(kind));
    auto found = co_await list_all(api, std::move(path), deadline);
    if (!found) co_return found.error();
    std::vector<PolicyObject> all;
    for (KubeObject& object : *found)
      all.push_back(policy_object(kind, std::move(object)));
    objects.replace(kind, std::move(all));
  }
  for (const MaterialRef& wanted : objects.wanted()) {
    auto material = co_await material_of(api, wanted, ns, deadline);
    if (!material) co_return material.error();
    objects.put_material(wanted, std::move(*material));
  }
  std::string path = "/api/v1/namespaces";
  auto namespaces = co_await list_all(api, std::move(path), deadline);
  if (!namespaces) co_return namespaces.error();
  ClusterPolicies made{objects.build(), {}};
  for (const KubeObject& object : *namespaces) {
    auto labels = labels_in_object(object.json);
    if (labels) made.namespace_labels.emplace(object.name, std::move(*labels));
  }
  co_return made;
}

}  // namespace signet
