#pragma once
// Policies and trust roots that are objects of a cluster, with the Secrets and ConfigMaps they name
// and the files that stand beside them: one set that decides. A change costs the parsing of what
// changed; what becomes invalid goes on as its last good version, what is deleted ends at once.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/policy/loader.hpp"
#include "server/verify/policy_assembly.hpp"

namespace signet {

struct PolicyObject {
  PolicyKindName kind = PolicyKindName::cluster_policy;
  std::string ns;
  std::string name;
  std::string uid;
  std::string resource_version;
  std::int64_t generation = 0;
  std::string json;  // the whole object

  ObjectName object_name() const { return {kind, ns, name}; }
};

enum class ConditionStatus { no, yes, unknown };

// As status.conditions has them (webhook.md G.7).
struct PolicyCondition {
  std::string type;  // Ready, Compiled, TrustMaterialAvailable
  ConditionStatus status = ConditionStatus::unknown;
  std::string reason;   // one word: Invalid
  std::string message;  // issues or risks, a line each, at most 4 KiB
};

struct PolicyObjectStatus {
  ObjectName object;
  std::string uid;
  std::int64_t generation = 0;  // that the conditions speak of
  std::optional<Mode> mode;     // of a policy
  std::vector<PolicyCondition> conditions;
  bool last_good_decides = false;  // the present version is invalid

  bool is_ready() const;
};

class PolicyObjects {
 public:
  explicit PolicyObjects(SetRules rules) : rules_(rules) {}

  // All objects of a kind; the others of it are gone. Names those that are older than what is known
  // of the same uid, which stays (security.md SR-58): get them anew and confirm() what comes.
  std::vector<ObjectName> replace(PolicyKindName kind, std::vector<PolicyObject> all);
  // False where it is such an older one.
  bool put(PolicyObject object);
  void confirm(PolicyObject object);
  void remove(const ObjectName& object);

  // Policies of files, which decide together with the objects.
  void put_files(std::vector<SourcePtr> files);

  // The Secrets and ConfigMaps of the release namespace that are named, sorted, each once and
  // without key.
  std::vector<MaterialRef> wanted() const;
  // Its data, or why it cannot be had: config_not_ready says it is not there. What was had before
  // is forgotten. `material` without key.
  void put_material(const MaterialRef& material, Result<std::map<std::string, Blob>> data);
  // The CRLs behind a URL, as crl_refresher.hpp accepted them.
  void put_crls(const std::string& url, Blob crls);

  struct Reading {
    Assembled policies;  // with the set of before where nothing that decides changed
    std::vector<PolicyObjectStatus> statuses;  // of every object, by name
  };
  // The set as of now. It is in force: what is good in it is the last good version from here on.
  Reading build();

  // How many objects were parsed since the beginning.
  std::size_t parsed() const { return parsed_; }

 private:
  struct Entry {
    std::string uid;
    std::int64_t generation = 0;
    std::string text_hash;
    std::string text;  // of what names material, to be parsed again
    SourcePtr source;
  };
  using Data = Result<std::map<std::string, Blob>>;

  void take(PolicyObject object);
  void parse(const ObjectName& name, Entry& entry, std::string text);
  void reload_users_of(const MaterialRef& material);
  Result<Blob> read(const MaterialRef& wanted) const;
  bool is_older(const PolicyObject& object) const;

  SetRules rules_;
  std::map<ObjectName, Entry> entries_;
  std::vector<SourcePtr> files_;
  std::map<MaterialRef, Data> material_;  // without key
  std::map<std::string, Blob> crls_;
  LastGood good_;
  std::shared_ptr<const PolicySet> set_;
  std::size_t parsed_ = 0;
};

}  // namespace signet
