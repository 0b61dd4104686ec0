#include "server/verify/last_good.hpp"

namespace signet {
namespace {

std::string key_of(const Policy& policy) {
  return policy.display_name();
}

std::string key_of(const TrustRoot& root) {
  return "TrustRoot/" + root.name;
}

// The loader names what has no readable name by its place, FILE:LINE; no real name holds a colon.
template <class T>
bool is_nameless(const T& value) {
  return !value.issues.empty() && value.name.find(':') != std::string::npos;
}

template <class T>
void add_torn(std::set<std::string>& torn, const std::vector<std::shared_ptr<const T>>& values,
              const std::vector<std::string>& files) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (is_nameless(*values[i])) torn.insert(files[i]);
  }
}

// What was never good is not remembered, so its file cannot be put together again from memory.
template <class T>
void forget_bad(std::set<std::string>& whole, const std::vector<std::shared_ptr<const T>>& values,
                const std::vector<std::string>& files) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!values[i]->issues.empty()) whole.erase(files[i]);
  }
}

}  // namespace

template <class T>
std::vector<std::string> LastGood::mend(std::vector<std::shared_ptr<const T>>& values,
                                        std::vector<std::string>& files, Known<T>& known,
                                        const std::set<std::string>& torn) const {
  Known<T> good;
  std::vector<std::shared_ptr<const T>> mended;
  std::vector<std::string> mended_files;
  std::vector<std::string> kept;
  const auto keep = [&](const std::string& key, const Good<T>& before) {
    if (!good.emplace(key, before).second) return;
    mended.push_back(before.value);
    mended_files.push_back(before.file);
    kept.push_back(key);
  };
  for (std::size_t i = 0; i < values.size(); ++i) {
    const T& value = *values[i];
    const auto before = known.find(key_of(value));
    if (!value.issues.empty() && before != known.end()) {
      keep(before->first, before->second);
      continue;
    }
    if (is_nameless(value) && whole_.contains(files[i])) continue;
    if (value.issues.empty()) good.insert_or_assign(key_of(value), Good<T>{values[i], files[i]});
    mended.push_back(values[i]);
    mended_files.push_back(files[i]);
  }
  for (const auto& [key, before] : known) {
    if (torn.contains(before.file)) keep(key, before);
  }
  values = std::move(mended);
  files = std::move(mended_files);
  known = std::move(good);
  return kept;
}

std::vector<std::string> LastGood::mend(Loaded& loaded) {
  std::set<std::string> torn;
  add_torn(torn, loaded.policies, loaded.policy_files);
  add_torn(torn, loaded.trust_roots, loaded.trust_root_files);
  std::set<std::string> files(loaded.policy_files.begin(), loaded.policy_files.end());
  files.insert(loaded.trust_root_files.begin(), loaded.trust_root_files.end());
  auto kept = mend(loaded.policies, loaded.policy_files, policies_, torn);
  const auto roots = mend(loaded.trust_roots, loaded.trust_root_files, trust_roots_, torn);
  kept.insert(kept.end(), roots.begin(), roots.end());
  forget_bad(files, loaded.policies, loaded.policy_files);
  forget_bad(files, loaded.trust_roots, loaded.trust_root_files);
  whole_ = std::move(files);
  return kept;
}

}  // namespace signet
