#include "envs/registry/wrapped_entry.h"

#include <utility>

#include "core/shell_word.h"
#include "envs/vector/lanes.h"
#include "envs/wrappers/wrap.h"

namespace tern {

void accept_wrappers(EnvEntry& entry) {
  entry.wrapper_params = wrapper_params(entry.params);
  // What the functions below need of the entry, which itself may move.
  EnvEntry facts;
  facts.params = entry.params;
  facts.wrapper_params = entry.wrapper_params;
  const std::string name = entry.checksum.empty() ? entry.spec.id : entry.origin;  // a plugin's path
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
  entry.make = [check, make_wrapped](const ParamValues& values) {
    check(values);
    return make_wrapped(values);
  };
  entry.make_lanes = [check, make_wrapped, facts, make_lanes = entry.make_lanes](
                         const ParamValues& values,
                         std::size_t count) -> std::unique_ptr<EnvLanes> {
    check(values);
    if (!load_wrapper_params(facts, values).wraps_env()) {
      return make_lanes(values_among(facts.params, values), count);
    }
    return std::make_unique<TypedLanes<Env>>(count,
                                             [make_wrapped, values] { return make_wrapped(values); });
  };
}

}  // namespace tern
