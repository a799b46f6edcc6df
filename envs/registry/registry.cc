#include "envs/registry/registry.h"

#include <algorithm>
#include <utility>

#include "core/did_you_mean.h"
#include "envs/metric_names.h"
#include "envs/python_host/python_entry.h"
#include "envs/registry/wrapped_entry.h"

namespace tern {
namespace {

/// What `construct` returns; an error that a constructor threw gets the place of its value.
template <class F>
auto placing_errors(const ParamValues& values, const F& construct) {
  try {
    return construct();
  } catch (const Error& error) {
    throw with_place(error, values, "env");
  }
}

/// What `construct` returns; an error of it names the env as the user did, not what that is an
/// alias of.
template <class F>
auto naming_env(const std::string& name, const std::string& alias_of, const F& construct) {
  try {
    return construct();
  } catch (const Error& error) {
    std::string text = error.what();
    const std::string target = " (" + alias_of + ")";
    const std::size_t end = text.size() - std::min(text.size(), target.size());
    if (text.compare(end, std::string::npos, target) == 0) text.resize(end);
    if (text.find(name) == std::string::npos) text += " (" + name + ")";
    throw Error(text, error.code());
  }
}

/// Completes an entry: wrapper keys, and errors that name the env.
void finish(EnvEntry& entry, const std::string& name) {
  accept_wrappers(entry);
  entry.make = [name, alias_of = entry.alias_of, make = entry.make](const ParamValues& values) {
    return naming_env(name, alias_of, [&] { return make(values); });
  };
  entry.make_group = [name, alias_of = entry.alias_of, make_group = entry.make_group](
                         const ParamValues& values, std::size_t count) {
    return naming_env(name, alias_of, [&] { return make_group(values, count); });
  };
}

}  // namespace

void EnvRegistry::add(const EnvClass& made, std::vector<ParamInfo> params,
                      const std::string& origin) {
  EnvEntry entry;
  entry.spec = made.make({}, "")->spec();
  entry.params = std::move(params);
  entry.origin = origin;
  const std::string hint = "all keys: tern describe " + entry.spec.id;
  entry.make = [made, hint](const ParamValues& values) {
    return placing_errors(values, [&] { return made.make(values, hint); });
  };
  entry.make_group = [made, hint](const ParamValues& values, std::size_t count) {
    return placing_errors(values, [&] { return made.make_group(values, hint, count); });
  };
  add(std::move(entry));
}

void EnvRegistry::add(EnvEntry entry) {
  const std::string id = entry.spec.id;
  if (id.empty()) throw Error("an env without an id cannot be registered");
  if (entries_.count(id) > 0) throw Error("env '" + id + "' is already registered");
  const std::string wrong = wrong_metric_name(entry.spec.metrics);
  if (!wrong.empty()) throw Error("env '" + id + "' cannot be registered: " + wrong);
  finish(entry, id);
  order_.push_back(id);
  entries_[id] = std::make_unique<EnvEntry>(std::move(entry));
}

void EnvRegistry::add_alias(const std::string& alias, const std::string& id,
                            const ParamValues& defaults) {
  const EnvEntry& target = find(id);
  EnvEntry entry = target;
  const auto with_defaults = [defaults](const ParamValues& values) {
    ParamValues all = defaults;
    all.insert(all.end(), values.begin(), values.end());
    return all;
  };
  entry.make = [make = target.make, with_defaults](const ParamValues& values) {
    return make(with_defaults(values));
  };
  entry.make_group = [make = target.make_group, with_defaults](const ParamValues& values,
                                                               std::size_t count) {
    return make(with_defaults(values), count);
  };
  entry.spec = entry.make({})->spec();
  entry.spec.id = alias;
  entry.alias_of = id;
  for (ParamInfo& info : entry.params) {
    for (const ParamValue& value : defaults) {
      if (value.key == info.name) info.default_value = value.text;
    }
  }
  add(std::move(entry));
}

const EnvEntry& EnvRegistry::find(const std::string& name, std::chrono::milliseconds limit) {
  return find(name, limit, nullptr);
}

const EnvEntry& EnvRegistry::find_gated(const std::string& name, const PluginGate& gate) {
  return find(name, kPluginTrialLimit, gate);
}

const EnvEntry* EnvRegistry::find_loaded(const std::string& name) const {
  const auto found = entries_.find(name);
  return found == entries_.end() ? nullptr : found->second.get();
}

const EnvEntry& EnvRegistry::put_in_place(const std::string& name, const std::string& plugin,
                                          const PluginGate& gate) {
  EnvEntry entry = find_gated(plugin, gate);
  return *(entries_[name] = std::make_unique<EnvEntry>(std::move(entry)));
}

const EnvEntry& EnvRegistry::find(const std::string& name, std::chrono::milliseconds limit,
                                  const PluginGate& gate) {
  const auto found = entries_.find(name);
  if (found != entries_.end()) return *found->second;
  if (is_plugin_name(name)) {
    const std::string key = canonical_plugin_name(name);
    if (entries_.count(key) == 0) {
      EnvEntry entry = is_python_name(name) ? load_python_env(name, limit, gate)
                                            : load_plugin_env(name, limit, gate);
      finish(entry, entry.spec.id);
      entries_[key] = std::make_unique<EnvEntry>(std::move(entry));
    }
    return *entries_.at(key);
  }
  throw Error("unknown env '" + name + "'." + did_you_mean(name, ids()) +
              " ('tern list envs' shows all)");
}

std::vector<const EnvEntry*> EnvRegistry::entries() const {
  std::vector<const EnvEntry*> all;
  for (const std::string& id : order_) all.push_back(entries_.at(id).get());
  return all;
}

std::vector<std::string> EnvRegistry::ids() const {
  return order_;
}

EnvRegistry& registry() {
  static EnvRegistry instance = [] {
    EnvRegistry table;
    add_builtin_envs(table);
    return table;
  }();
  return instance;
}

}  // namespace tern
