#pragma once
// An API server in memory, as far as writers need one: objects by path, resource versions that
// guard every write, server-side apply of statuses and of webhooks by their names. Calls may be
// made to fail, and every call is told.

#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/base/text.hpp"
#include "tests/support/scripted_kube.hpp"

namespace signet::testing {

class KubeStore final : public KubeApi {
 public:
  using Object = nlohmann::json;
  // Instead of the answer, where it gives one.
  using Fault = std::function<std::optional<Result<KubeReply>>(const KubeRequest&)>;

  Task<Result<KubeReply>> send(KubeRequest request, Deadline) override {
    lines.push_back(request.method + " " + request.path);
    bodies.push_back(request.body);
    std::optional<Result<KubeReply>> failed;
    if (fault) failed = fault(request);
    if (failed) co_return *failed;
    KubeReply reply = answer(request);
    if (after) after(request);
    co_return reply;
  }

  Task<Result<KubeReply>> stream(KubeRequest, OnLine, std::chrono::milliseconds,
                                 Deadline) override {
    co_return kube_refusal(404, "no streams here");
  }

  void put(const std::string& path, Object object) {
    object["metadata"]["resourceVersion"] = std::to_string(++version_);
    objects[path] = std::move(object);
  }
  const Object& at(const std::string& path) const { return objects.at(path); }
  bool has(const std::string& path) const { return objects.contains(path); }

  // How many lines begin so.
  std::size_t count(std::string_view start) const {
    std::size_t times = 0;
    for (const std::string& line : lines)
      times += line.starts_with(start) ? 1 : 0;
    return times;
  }

  Fault fault;
  std::function<void(const KubeRequest&)> after;
  std::map<std::string, Object> objects;
  std::vector<std::string> lines;
  std::vector<std::string> bodies;

 private:
  KubeReply answer(const KubeRequest& request) {
    const std::string path = request.path.substr(0, request.path.find('?'));
    if (request.method == "POST") return create(path, Object::parse(request.body));
    if (request.method == "PATCH" && request.content_type == "application/json-patch+json") {
      return patch(path, Object::parse(request.body));
    }
    if (request.method == "PATCH") return apply(path, Object::parse(request.body));
    if (!objects.contains(path)) return kube_refusal(404, path + " not found");
    if (request.method == "PUT") return replace(path, Object::parse(request.body));
    return kube_reply(200, objects.at(path).dump());
  }

  static std::string version_of(const Object& object) {
    return object["metadata"].value("resourceVersion", "");
  }

  KubeReply create(const std::string& collection, const Object& object) {
    const std::string path = collection + "/" + object["metadata"]["name"].get<std::string>();
    if (objects.contains(path)) return kube_refusal(409, path + " already exists");
    put(path, object);
    return kube_reply(201, objects.at(path).dump());
  }

  KubeReply replace(const std::string& path, const Object& object) {
    const std::string wanted = version_of(object);
    if (!wanted.empty() && wanted != version_of(objects.at(path)))
      return kube_refusal(409, "it was modified");
    put(path, object);
    return kube_reply(200, objects.at(path).dump());
  }

  KubeReply apply(std::string path, const Object& body) {
    const bool of_status = path.ends_with("/status");
    if (of_status) path.resize(path.size() - 7);
    if (!objects.contains(path)) return kube_refusal(404, path + " not found");
    Object object = objects.at(path);
    const std::string wanted = body.value(Object::json_pointer("/metadata/resourceVersion"), "");
    if (!wanted.empty() && wanted != version_of(object)) {
      return kube_refusal(409, "it was modified");
    }
    if (of_status) object["status"] = body["status"];
    if (body.contains("webhooks")) {
      merge_webhooks(object, body["webhooks"]);
      object["metadata"]["managedFields"] = {{{"manager", "helm"}}, {{"manager", "signet-cert"}}};
    }
    if (body.contains("series")) object["series"] = body["series"];
    if (object != objects.at(path)) put(path, object);
    return kube_reply(200, objects.at(path).dump());
  }

  KubeReply patch(const std::string& path, const Object& operations) {
    try {
      put(path, objects.at(path).patch(operations));
    } catch (const Object::exception& wrong) {
      return kube_refusal(422, wrong.what());
    }
    return kube_reply(200, objects.at(path).dump());
  }

  static void merge_webhooks(Object& object, const Object& webhooks) {
    for (const Object& entry : webhooks) {
      for (Object& live : object["webhooks"]) {
        if (live["name"] == entry["name"]) live.merge_patch(entry);
      }
    }
  }

  std::uint64_t version_ = 0;
};

}  // namespace signet::testing
