#include "envs/wrappers/wrap.h"

#include <algorithm>
#include <utility>

#include "envs/wrappers/image_wrappers.h"
#include "envs/wrappers/pixels.h"
#include "envs/wrappers/repeated_steps.h"
#include "envs/wrappers/sticky_actions.h"
#include "envs/wrappers/time_aware.h"

namespace tern {
namespace {

bool lists(const std::vector<ParamInfo>& infos, const std::string& key) {
  return std::any_of(infos.begin(), infos.end(),
                     [&](const ParamInfo& info) { return info.name == key; });
}

ParamValues values_of(const std::vector<ParamInfo>& infos, const ParamValues& values) {
  ParamValues listed;
  for (const ParamValue& value : values) {
    if (lists(infos, value.key)) listed.push_back(value);
  }
  return listed;
}

void check_size(const char* key, const std::vector<int>& size) {
  if (size.size() == 2) return;
  throw Error(std::string("env.") + key + ": " + ParamCodec<std::vector<int>>::format(size) +
              " is no size of a picture; expected [height, width]");
}

}  // namespace

std::vector<ParamInfo> wrapper_params(const std::vector<ParamInfo>& own) {
  std::vector<ParamInfo> infos;
  for (const ParamInfo& info : list_params<WrapperParams>()) {
    if (!lists(own, info.name)) infos.push_back(info);
  }
  return infos;
}

WrapperParams load_wrapper_params(const EnvEntry& entry, const ParamValues& values) {
  WrapperParams params;
  load_params(params, values_of(entry.wrapper_params, values), "env");
  return params;
}

std::unique_ptr<Env> wrap(std::unique_ptr<Env> env, const WrapperParams& params) {
  if (params.sticky_actions > 0) {
    env = std::make_unique<StickyActions>(std::move(env), params.sticky_actions);
  }
  if (!params.pixels.empty()) {
    check_size("pixels", params.pixels);
    env = std::make_unique<Pixels>(std::move(env), params.pixels[0], params.pixels[1]);
  }
  if (params.frame_skip > 1) env = std::make_unique<FrameSkip>(std::move(env), params.frame_skip);
  if (params.action_repeat > 1) {
    env = std::make_unique<ActionRepeat>(std::move(env), params.action_repeat);
  }
  if (params.grey) env = std::make_unique<Grey>(std::move(env));
  if (!params.resize.empty()) {
    check_size("resize", params.resize);
    env = std::make_unique<Resize>(std::move(env), params.resize[0], params.resize[1]);
  }
  if (params.time_aware) env = std::make_unique<TimeAware>(std::move(env));
  return env;
}

void accept_wrappers(EnvEntry& entry) {
  entry.wrapper_params = wrapper_params(entry.params);
  // What the functions below need of the entry, which itself may move.
  EnvEntry facts;
  facts.params = entry.params;
  facts.wrapper_params = entry.wrapper_params;
  const std::string name = entry.checksum.empty() ? entry.spec.id : entry.origin;  // a plugin's path
  const auto check = [facts, name](const ParamValues& values) {
    check_param_keys(facts.all_params(), values, "env",
                     "'tern describe " + name + "' lists all keys");
  };
  const auto make_wrapped = [facts, make = entry.make](const ParamValues& values) {
    std::unique_ptr<Env> env = make(values_of(facts.params, values));
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
      return make_lanes(values_of(facts.params, values), count);
    }
    return std::make_unique<TypedLanes<Env>>(count,
                                             [make_wrapped, values] { return make_wrapped(values); });
  };
}

}  // namespace tern
