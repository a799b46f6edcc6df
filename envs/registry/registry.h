#pragma once
// Which envs there are: one explicit table, filled by builtin.cc, by embedding programs and by
// plugins. No static initialisers.

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "envs/env.h"
#include "envs/env_entry.h"
#include "envs/make_env.h"
#include "envs/plugin_host/plugin_host.h"
#include "envs/vector/block_lanes.h"
#include "envs/vector/env_group.h"

namespace tern {

class EnvRegistry {
 public:
  /// Adds the env E under the id of its spec. Throws Error if the id is taken.
  template <class E>
  void add(const std::string& origin = "program") {
    using Params = EnvParams<E>;
    EnvClass made;
    made.make = [](const ParamValues& values, const std::string& hint) -> std::unique_ptr<Env> {
      return make_env<E>(read<Params>(values, hint));
    };
    made.make_group = [](const ParamValues& values, const std::string& hint,
                         std::size_t count) -> std::unique_ptr<EnvGroup> {
      return std::make_unique<EnvGroupOf<E>>(
          count, [params = read<Params>(values, hint)] { return make_env<E>(params); });
    };
    add(made, list_params<Params>(), origin);
  }
  /// Makes its functions take the keys of wrappers too (envs/wrappers/wrap.h).
  void add(EnvEntry entry);
  /// Another name for `id` with other default parameters.
  void add_alias(const std::string& alias, const std::string& id, const ParamValues& defaults);

  /// The env named `name`: an id, or a plugin's path "./lib.so[:Id]", loaded on first use.
  /// Throws Error with the nearest names for an unknown one. limit: of a plugin's first trial.
  const EnvEntry& find(const std::string& name,
                       std::chrono::milliseconds limit = std::chrono::seconds(60));
  /// The same of a name that the user did not write, as in the folder of a run: `gate` is asked
  /// before code of a plugin runs that was not loaded yet (envs/plugin_host/plugin_host.h).
  const EnvEntry& find_gated(const std::string& name, const PluginGate& gate);
  /// What find() gives without loading anything; null: it is not here yet.
  const EnvEntry* find_loaded(const std::string& name) const;
  /// From now on `name`, a plugin's path where it may no longer lie, is the plugin at `plugin`.
  const EnvEntry& put_in_place(const std::string& name, const std::string& plugin,
                               const PluginGate& gate = nullptr);
  /// All envs, built-in first, in the order of their families and ids.
  std::vector<const EnvEntry*> entries() const;
  std::vector<std::string> ids() const;

 private:
  /// How envs of a class are made, after `hint` on where its keys are told.
  struct EnvClass {
    std::unique_ptr<Env> (*make)(const ParamValues&, const std::string& hint);
    std::unique_ptr<EnvGroup> (*make_group)(const ParamValues&, const std::string& hint,
                                            std::size_t count);
  };

  template <class Params>
  static Params read(const ParamValues& values, const std::string& hint) {
    Params params;
    load_params(params, values, "env", hint);
    return params;
  }
  void add(const EnvClass& made, std::vector<ParamInfo> params, const std::string& origin);
  const EnvEntry& find(const std::string& name, std::chrono::milliseconds limit,
                       const PluginGate& gate);

  std::map<std::string, std::unique_ptr<EnvEntry>> entries_;  // by id or plugin path
  std::vector<std::string> order_;
};

/// The process's registry, with the built-in envs in it. Not thread-safe while envs are added.
EnvRegistry& registry();

/// Lists every built-in env (envs/registry/builtin.cc).
void add_builtin_envs(EnvRegistry& registry);

}  // namespace tern
