#include "envs/wrappers/wrap.h"

#include <algorithm>
#include <utility>

#include "envs/wrappers/action_delay.h"
#include "envs/wrappers/frame_stack.h"
#include "envs/wrappers/image_wrappers.h"
#include "envs/wrappers/pixels.h"
#include "envs/wrappers/repeated_steps.h"
#include "envs/wrappers/rescale_action.h"
#include "envs/wrappers/sticky_actions.h"
#include "envs/wrappers/time_aware.h"
#include "envs/wrappers/time_limit.h"

namespace tern {
namespace {

bool lists(const std::vector<ParamInfo>& infos, const std::string& key) {
  return std::any_of(infos.begin(), infos.end(),
                     [&](const ParamInfo& info) { return info.name == key; });
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

ParamValues values_among(const std::vector<ParamInfo>& infos, const ParamValues& values) {
  ParamValues listed;
  for (const ParamValue& value : values) {
    if (lists(infos, value.key)) listed.push_back(value);
  }
  return listed;
}

WrapperParams load_wrapper_params(const EnvEntry& entry, const ParamValues& values) {
  WrapperParams params;
  load_params(params, values_among(entry.wrapper_params, values), "env");
  return params;
}

std::unique_ptr<Env> wrap(std::unique_ptr<Env> env, const WrapperParams& params) {
  if (params.max_episode_steps != kOwnLimit) {
    env = std::make_unique<TimeLimit>(std::move(env), params.max_episode_steps);
  }
  if (params.rescale_action) env = std::make_unique<RescaleAction>(std::move(env));
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
  if (params.action_delay > 0) {
    env = std::make_unique<ActionDelay>(std::move(env), params.action_delay);
  }
  if (params.grey) env = std::make_unique<Grey>(std::move(env));
  if (!params.resize.empty()) {
    check_size("resize", params.resize);
    env = std::make_unique<Resize>(std::move(env), params.resize[0], params.resize[1]);
  }
  if (params.frame_stack > 1) env = std::make_unique<FrameStack>(std::move(env), params.frame_stack);
  if (params.time_aware) env = std::make_unique<TimeAware>(std::move(env));
  return env;
}

}  // namespace tern
