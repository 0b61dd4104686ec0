#include "server/runtime/config.hpp"

#include <algorithm>
#include <set>

#include "core/base/nearest.hpp"
#include "core/base/text.hpp"
#include "core/policy/yaml.hpp"

namespace signet {
namespace {

using Kind = YamlNode::Kind;

const Setting* setting_named(std::string_view name) {
  for (const Setting& setting : settings()) {
    if (setting.name == name) return &setting;
  }
  return nullptr;
}

bool is_scalar(const YamlNode& node) {
  return node.kind == Kind::string || node.kind == Kind::number || node.kind == Kind::boolean;
}

// Walks a document and sets what it names; everything else becomes an issue with its place.
class Reader {
 public:
  Reader(const std::string& path, ConfigFile& into) : path_(path), into_(into) {}

  void read(const YamlDocument& document) {
    for (const YamlProblem& problem : document.problems) {
      blame(problem.at, problem.field, problem.what);
    }
    if (document.root.kind == Kind::null || document.root.kind == Kind::refused) return;
    if (document.root.kind != Kind::map) {
      return blame(document.root.at, "", "the configuration must be a map of settings");
    }
    const YamlMember* const kind = document.root.find("kind");
    if (kind != nullptr && document.root.find("apiVersion") != nullptr) {
      return blame(kind->at, "",
                   cat("a ", printable(kind->value.text, 60),
                       " is no file of settings; policies are named by `policy` (--policy)"));
    }
    walk(document.root, "");
  }

  void blame(YamlPlace at, std::string field, std::string what) {
    into_.issues.push_back(Issue{path_, at.line, at.column, std::move(field), std::move(what)});
  }

 private:
  void walk(const YamlNode& map, const std::string& prefix) {
    for (const YamlMember& member : map.members) {
      const std::string name = prefix + member.key;
      if (const Setting* setting = setting_named(name)) {
        take(*setting, member.value);
      } else if (is_group(name)) {
        descend(member, name);
      } else {
        blame(member.at, printable(name, 120),
              cat("unknown setting; ", known_below(prefix, member.key)));
      }
    }
  }

  void descend(const YamlMember& member, const std::string& name) {
    if (member.value.kind == Kind::map) return walk(member.value, name + ".");
    if (member.value.kind == Kind::null || member.value.kind == Kind::refused) return;
    blame(member.value.at, name, "must be a map of settings");
  }

  static bool is_group(const std::string& name) {
    const auto all = settings();
    return std::any_of(all.begin(), all.end(), [prefix = name + "."](const Setting& setting) {
      return setting.name.starts_with(prefix);
    });
  }

  static std::string known_below(const std::string& prefix, std::string_view word) {
    std::set<std::string> names;
    for (const Setting& setting : settings()) {
      if (!setting.name.starts_with(prefix)) continue;
      const std::string_view rest = setting.name.substr(prefix.size());
      names.emplace(rest.substr(0, rest.find('.')));
    }
    const std::vector<std::string_view> known(names.begin(), names.end());
    const std::string_view meant = nearest(word, known);
    return cat(meant.empty() ? "" : cat("did you mean ", meant, "? "), "known here are ",
               join({names.begin(), names.end()}, ", "));
  }

  void take(const Setting& setting, const YamlNode& value) {
    if (value.kind == Kind::refused) return;
    if (setting.clear == nullptr) return set(setting, value, std::string(setting.name));
    if (value.kind != Kind::list) {
      return blame(value.at, std::string(setting.name), "must be a list");
    }
    for (std::size_t i = 0; i < value.items.size(); ++i) {
      const std::string field = cat(setting.name, "[", std::to_string(i), "]");
      const YamlNode& item = value.items[i];
      if (!setting.first_key.empty() && item.kind == Kind::map) {
        take_map(setting, item, field);
      } else {
        set(setting, item, field);
      }
    }
  }

  void set(const Setting& setting, const YamlNode& value, const std::string& field) {
    if (value.kind == Kind::refused) return;
    if (!is_scalar(value)) return blame(value.at, field, "must be a single value");
    apply(setting, value.text, value.at, field);
  }

  void apply(const Setting& setting, std::string_view text, YamlPlace at,
             const std::string& field) {
    const auto done = setting.set(into_.config, text);
    if (!done) blame(at, field, done.error().what());
  }

  // {host: a, cidrs: [b, c]} reads as the flag's HOST=CIDR,CIDR.
  void take_map(const Setting& setting, const YamlNode& map, const std::string& field) {
    const std::vector<std::string> keys = keys_of(setting);
    for (const YamlMember& member : map.members) {
      if (std::find(keys.begin(), keys.end(), member.key) != keys.end()) continue;
      return blame(
          member.at, field,
          cat("unknown key ", quoted(member.key, 80), "; known here are ", join(keys, ", ")));
    }
    std::vector<std::string> values;
    for (const std::string& key : keys) {
      const YamlMember* member = map.find(key);
      if (member == nullptr) return blame(map.at, field, "must have " + join(keys, " and "));
      const auto value = flat(member->value);
      const bool is_last = key == keys.back();
      const bool is_list = key == keys.front() && !is_scalar(member->value);
      if (!value || is_list || (!is_last && value->find('=') != std::string::npos)) {
        return blame(member->at, field, key + " cannot be read");
      }
      values.push_back(*value);
    }
    apply(setting, join(values, "="), map.at, field);
  }

  static std::vector<std::string> keys_of(const Setting& setting) {
    std::vector<std::string> keys;
    for (const std::string_view key :
         {setting.first_key, setting.second_key, setting.third_key, setting.fourth_key}) {
      if (!key.empty()) keys.emplace_back(key);
    }
    return keys;
  }

  // A scalar, a list of scalars, or a map of scalars as the flag writes it.
  static std::optional<std::string> flat(const YamlNode& node) {
    if (is_scalar(node)) return node.text;
    std::vector<std::string> pieces;
    for (const YamlNode& item : node.items) {
      if (!is_scalar(item)) return std::nullopt;
      pieces.push_back(item.text);
    }
    for (const YamlMember& member : node.members) {
      if (!is_scalar(member.value)) return std::nullopt;
      pieces.push_back(cat(member.key, "=", member.value.text));
    }
    if (pieces.empty()) return std::nullopt;
    return join(pieces, ",");
  }

  const std::string& path_;
  ConfigFile& into_;
};

}  // namespace

ConfigFile parse_config(const std::string& path, std::string_view text) {
  ConfigFile file;
  Reader reader(path, file);
  const YamlFile yaml = read_yaml(text);
  if (yaml.failure) reader.blame(yaml.failure->at, yaml.failure->field, yaml.failure->what);
  if (!yaml.documents.empty()) reader.read(yaml.documents[0]);
  if (yaml.documents.size() > 1 && file.issues.empty()) {
    reader.blame(yaml.documents[1].root.at, "", "a configuration is one document, not several");
  }
  if (!file.issues.empty()) file.config = Config{};
  return file;
}

Result<void> apply_flags(Config& config,
                         std::span<const std::pair<std::string, std::string>> flags) {
  std::set<std::string_view> cleared;
  for (const auto& [name, value] : flags) {
    const Setting* setting = setting_named(name);
    if (setting == nullptr) return malformed(cat("unknown setting ", quoted(name, 80)));
    if (setting->clear != nullptr && cleared.insert(setting->name).second) setting->clear(config);
    if (const auto done = setting->set(config, value); !done) {
      return done.error().under(setting->flag);
    }
  }
  return {};
}

}  // namespace signet
