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
#include "envs/vector/lanes.h"

namespace tern {

class EnvRegistry {
 public:
  /// Adds the env E under the id of its spec. Throws Error if the id is taken.
  template <class E>
  void add(const std::string& origin = "program") {
    using Params = EnvParams<E>;
    EnvEntry entry;
    entry.spec = make_env<E>(Params())->spec();
    entry.params = list_params<Params>();
    entry.origin = origin;
    const std::string id = entry.spec.id;
    // Reads the values and hands them to `construct`, whose errors get their place.
    const auto with_params = [id](const ParamValues& values, const auto& construct) {
      Params params;
      load_params(params, values, "env", "all keys: tern describe " + id);
      try {
        return construct(params);
      } catch (const Error& error) {
        throw with_place(error, values, "env");
      }
    };
    entry.make = [with_params](const ParamValues& values) {
      return with_params(
          values, [](const Params& params) -> std::unique_ptr<Env> { return make_env<E>(params); });
    };
    entry.make_lanes = [with_params](const ParamValues& values, std::size_t count) {
      return with_params(values, [count](const Params& params) -> std::unique_ptr<EnvLanes> {
        return std::make_unique<LanesOf<E>>(count, [params] { return make_env<E>(params); });
      });
    };
    add(std::move(entry));
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
