#include "server/app/cluster.hpp"

#include <algorithm>

#include "core/base/text.hpp"
#include "server/app/cluster_objects.hpp"
#include "server/app/cluster_reports.hpp"

namespace signet {
namespace {

constexpr std::size_t kMaterialNames = 200;  // Secrets and ConfigMaps that are followed
constexpr std::chrono::seconds kRestart{1};  // of what never ends

}  // namespace

Result<ClusterEnds> ClusterEnds::make(const asio::any_io_executor& executor,
                                      const KubernetesConfig& config) {
  auto access = KubeAccess::find(config.kubeconfig);
  if (!access) return access.error().as(Reason::config_not_ready);
  auto client = KubeClient::make(executor, std::move(*access));
  if (!client) {
    if (!config.kubeconfig.empty()) return client.error();
    return Error(client.error().reason(), cat(client.error().what(),
                                              "; a Pod has it where its ServiceAccount is mounted "
                                              "(automountServiceAccountToken)"));
  }
  ClusterEnds ends{std::move(*client), config.ns};
  if (ends.ns.empty()) {
    auto ns = ends.client->ns();
    if (!ns || ns->empty()) {
      return Error(Reason::config_not_ready,
                   "give kubernetes.namespace (--kubernetes-namespace), where Signet itself is");
    }
    ends.ns = std::move(*ns);
  }
  return ends;
}

// All objects of one kind, handed on.
class ClusterLink::Policies final : public WatchSink {
 public:
  Policies(ClusterLink& link, PolicyKindName kind) : link_(link), kind_(kind) {}

  std::vector<KubeKey> replace(std::vector<KubeObject> all) override {
    std::vector<PolicyObject> objects;
    for (KubeObject& object : all)
      objects.push_back(policy_object(kind_, std::move(object)));
    std::vector<KubeKey> doubted;
    for (ObjectName& older : link_.objects_.replace(kind_, std::move(objects)))
      doubted.push_back({std::move(older.ns), std::move(older.name)});
    told_ = true;
    link_.changed();
    return doubted;
  }
  bool put(KubeObject object) override {
    const bool taken = link_.objects_.put(policy_object(kind_, std::move(object)));
    link_.changed();
    return taken;
  }
  void confirm(KubeObject object) override {
    link_.objects_.confirm(policy_object(kind_, std::move(object)));
    link_.changed();
  }
  void remove(const KubeKey& key) override {
    link_.objects_.remove(ObjectName{kind_, key.ns, key.name});
    link_.changed();
  }

  bool told() const { return told_; }
  std::string resource() const { return std::string(plural_of(kind_)); }

 private:
  ClusterLink& link_;
  PolicyKindName kind_;
  bool told_ = false;
};

// One Secret or ConfigMap that a policy or a root names.
class ClusterLink::Material final : public WatchSink {
 public:
  Material(ClusterLink& link, MaterialRef ref) : link_(link), ref_(std::move(ref)) {}

  WatchTarget target() const {
    const std::string resource = ref_.kind == MaterialRef::Kind::secret ? "secrets" : "configmaps";
    return {cat("/api/v1/namespaces/", link_.ns(), "/", resource), resource, ref_.name};
  }

  std::vector<KubeKey> replace(std::vector<KubeObject> all) override {
    const KubeObject* found = nullptr;
    for (const KubeObject& object : all) {
      if (object.name == ref_.name) found = &object;
    }
    if (found == nullptr) {
      absent();
    } else {
      tell(material_in(ref_.kind, found->json));
    }
    return {};
  }
  bool put(KubeObject object) override {
    if (object.name == ref_.name) tell(material_in(ref_.kind, object.json));
    return true;
  }
  void remove(const KubeKey& key) override {
    if (key.name == ref_.name) absent();
  }
  void refused(const std::string& why) override { tell(Error(Reason::config_not_ready, why)); }

  bool told() const { return told_; }

 private:
  void absent() {
    tell(Error(Reason::config_not_ready,
               cat("there is no such object in the namespace ", link_.ns())));
  }
  void tell(Result<MaterialData> data) {
    told_ = true;
    link_.objects_.put_material(ref_, std::move(data));
    link_.changed();
  }

  ClusterLink& link_;
  MaterialRef ref_;
  bool told_ = false;
};

ClusterLink::ClusterLink(asio::any_io_executor executor, ClusterEnds ends, SetRules rules,
                         Clock clock, Metrics& metrics, Log& log)
    : ends_(std::move(ends)),
      means_{std::move(clock), metrics, log},
      objects_(rules),
      settle_(std::move(executor)) {
  ends_.client->count_in(metrics);
  for (const PolicyKindName kind :
       {PolicyKindName::trust_root, PolicyKindName::cluster_policy, PolicyKindName::policy}) {
    Policies& sink = policies_.emplace_back(*this, kind);
    follow({cat("/apis/signet.dev/v1alpha1/", sink.resource()), sink.resource(), ""}, sink);
  }
}

ClusterLink::~ClusterLink() = default;

void ClusterLink::follow(WatchTarget target, WatchSink& sink) {
  reflectors_.emplace_back(api(), std::move(target), sink, means_);
}

void ClusterLink::begin(Background& background, Decide decide) {
  background_ = &background;
  decide_ = std::move(decide);
  for (Reflector& reflector : reflectors_)
    watch(reflector);
}

void ClusterLink::watch(Reflector& reflector) {
  background_->repeat(cat("watch ", reflector.resource()), Schedule{kRestart},
                      [&reflector] { return reflector.run(); });
}

void ClusterLink::put_files(std::vector<SourcePtr> files) {
  objects_.put_files(std::move(files));
  changed();
}

void ClusterLink::put_crls(const std::string& url, Blob crls) {
  objects_.put_crls(url, std::move(crls));
  changed();
}

// ---- one set for a burst of changes

void ClusterLink::changed() {
  if (changed_at_ || !background_) return;
  changed_at_ = std::chrono::steady_clock::now();
  look_later();
}

void ClusterLink::look_later() {
  settle_.expires_after(kSettle);
  settle_.async_wait([this](const boost::system::error_code& ended) {
    if (!ended) look();
  });
}

void ClusterLink::look() {
  if (!is_synced()) {
    changed_at_.reset();  // what syncs says so itself
    return;
  }
  want_material();
  // Nobody is admitted before the first set is whole; later the last good one stands in.
  const bool patient = !decided_ || std::chrono::steady_clock::now() - *changed_at_ < kMaterialTime;
  if (patient && !has_material()) return look_later();
  changed_at_.reset();
  decided_ = true;
  decide_(objects_.build());
}

void ClusterLink::want_material() {
  for (const MaterialRef& ref : objects_.wanted()) {
    if (material_.contains(ref) || material_.size() == kMaterialNames) continue;
    auto material = std::make_unique<Material>(*this, ref);
    follow(material->target(), *material);
    material_.emplace(ref, std::move(material));
    watch(reflectors_.back());
  }
}

bool ClusterLink::is_synced() const {
  return std::all_of(policies_.begin(), policies_.end(),
                     [](const Policies& kind) { return kind.told(); });
}

bool ClusterLink::has_material() const {
  return std::all_of(material_.begin(), material_.end(),
                     [](const auto& entry) { return entry.second->told(); });
}

Result<void> ClusterLink::ready() const {
  if (decided_) return {};
  for (const Reflector& reflector : reflectors_) {
    if (reflector.trouble().empty()) continue;
    return Error(Reason::config_not_ready,
                 cat("the ", reflector.resource(), " of the cluster: ", reflector.trouble()));
  }
  return Error(Reason::config_not_ready, "the policies of the cluster were not read yet");
}

void ClusterLink::close() {
  settle_.cancel();
  ends_.client->close();
}

}  // namespace signet
