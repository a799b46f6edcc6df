#include "envs/registry/wrapped_entry.h"

#include <chrono>
#include <cstdint>
#include <utility>

#include "core/shell_word.h"
#include "envs/isolation/isolated_envs.h"
#include "envs/vector/env_group.h"
#include "envs/wrappers/wrap.h"

namespace tern {
namespace {

std::chrono::milliseconds call_limit(const WrapperParams& params) {
  return std::chrono::milliseconds(static_cast<std::int64_t>(params.isolate_limit * 1000));
}

}  // namespace

void accept_wrappers(EnvEntry& entry) {
  entry.wrapper_params = wrapper_params(entry.params);
  // What the functions below need of the entry, which itself may move.
  EnvEntry facts;
  facts.params = entry.params;
  facts.wrapper_params = entry.wrapper_params;
  const std::string name =
      entry.checksum.empty() ? entry.spec.id : entry.origin;  // a plugin's path
  const auto check = [facts, name](const ParamValues& values) {
    check_param_keys(facts.all_params(), values, "env",
                     "all keys: tern describe " + shell_word(name));
  };
  const auto make_wrapped = [facts, make = entry.make](const ParamValues& values) {
    std::unique_ptr<Env> env = make(values_among(facts.params, values));
    const WrapperParams params = load_wrapper_params(facts, values);
    try {
      return wrap(std::move(env), params);
    } catch (const Error& error) {
      throw with_place(error, values, "env");
    }
  };
  const auto make_group_here = [make_wrapped, facts, make_group = entry.make_group](
                                   const ParamValues& values,
                                   std::size_t count) -> std::unique_ptr<EnvGroup> {
    if (!load_wrapper_params(facts, values).wraps_steps()) {
      return make_group(values_among(facts.params, values), count);
    }
    return std::make_unique<TypedEnvGroup<Env>>(
        count, [make_wrapped, values] { return make_wrapped(values); });
  };
  EnvEntry in_process = entry;
  in_process.make_group = make_group_here;
  const auto processes = make_env_processes(in_process);
  entry.make = [check, make_wrapped, facts, processes](const ParamValues& values) {
    check(values);
    const WrapperParams params = load_wrapper_params(facts, values);
    return params.isolates() ? make_isolated_env(processes, values, call_limit(params))
                             : make_wrapped(values);
  };
  entry.make_group = [check, make_group_here, facts, processes](const ParamValues& values,
                                                                std::size_t count) {
    check(values);
    const WrapperParams params = load_wrapper_params(facts, values);
    return params.isolates() ? make_isolated_group(processes, values, count, call_limit(params))
                             : make_group_here(values, count);
  };
}

}  // namespace tern
