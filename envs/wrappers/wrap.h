#pragma once
// Wrappers: what the run's configuration changes about any env. Their keys stand beside the
// env's own (env.sticky_actions=0.25) and are stored with them, so eval, watch and record apply
// them again. An env that has a parameter of such a name keeps it for itself.

#include <memory>
#include <string>
#include <vector>

#include "envs/env_entry.h"

namespace tern {

/// max_episode_steps of an env that keeps its own.
constexpr int kOwnLimit = -1;

/// Applied in this order, from the env outwards. What is at its default is not there at all.
struct WrapperParams {
  int max_episode_steps = kOwnLimit;
  bool rescale_action = false;
  double sticky_actions = 0;
  std::vector<int> pixels;  // {height, width}; empty: off
  int frame_skip = 1;
  int action_repeat = 1;
  int action_delay = 0;
  bool grey = false;
  std::vector<int> resize;  // {height, width}; empty: off
  int frame_stack = 1;
  bool time_aware = false;
  // These are no wrappers around an env: VecEnv applies them to the rewards that it hands out, and
  // an episode's return stays that of the env.
  double reward_noise = 0;
  double reward_scale = 1;
  double reward_clip = 0;
  // Where the env with all that is around it runs (envs/isolation/).
  std::string isolate = "none";
  double isolate_limit = 60;

  bool isolates() const { return isolate == "process"; }
  /// More than another time limit, which VecEnv applies itself: many envs without wrappers are
  /// stepped by a faster loop.
  bool wraps_steps() const {
    return rescale_action || sticky_actions > 0 || !pixels.empty() || frame_skip > 1 ||
           action_repeat > 1 || action_delay > 0 || grey || !resize.empty() || frame_stack > 1 ||
           time_aware;
  }
  bool shapes_reward() const { return reward_noise > 0 || reward_scale != 1 || reward_clip > 0; }

  template <class V>
  void visit(V& v) {
    v("max_episode_steps", max_episode_steps,
      "time limit of an episode, in steps of the env; 0: none; -1: the env's own",
      in_range(kOwnLimit, 1e9));
    v("rescale_action", rescale_action,
      "real actions between -1 and 1, which stand for the env's bounds");
    v("sticky_actions", sticky_actions, "probability that the action before is taken again",
      Limits{0, 1, false, true, {}});
    v("pixels", pixels, "see the drawn picture instead: [height, width]", in_range(1, 1024));
    v("frame_skip", frame_skip, "as action_repeat, for images: the larger of the last two is seen",
      in_range(1, 1000));
    v("action_repeat", action_repeat, "steps of the env for each action, while the mask allows it",
      in_range(1, 1000));
    v("action_delay", action_delay, "steps between the choice of an action and its execution",
      in_range(0, 1000));
    v("grey", grey, "images without their colours");
    v("resize", resize, "images made [height, width]", in_range(1, 1024));
    v("frame_stack", frame_stack, "see so many of the newest observations, along their last axis",
      in_range(1, 64));  // kMostFrames
    v("time_aware", time_aware, "see how much of the time limit is left");
    v("reward_noise", reward_noise, "standard deviation of noise on the rewards learned from",
      at_least(0));
    v("reward_scale", reward_scale, "factor on the rewards learned from");
    v("reward_clip", reward_clip, "largest size of the rewards learned from; 0: any", at_least(0));
    v("isolate", isolate,
      "process: run it in processes of its own, where a crash is an error and no end; the same "
      "bits",
      one_of({"none", "process"}));
    v("isolate_limit", isolate_limit, "seconds that one call may take there", in_range(0.01, 1e6));
  }
};

/// The wrapper keys that the env may be given: all but those it has itself.
std::vector<ParamInfo> wrapper_params(const std::vector<ParamInfo>& own);

/// Those of `values` whose keys are listed.
ParamValues values_among(const std::vector<ParamInfo>& infos, const ParamValues& values);

/// The values of `values` that belong to wrappers of the env.
WrapperParams load_wrapper_params(const EnvEntry& entry, const ParamValues& values);

/// The env with its wrappers around it. Throws Error for a wrapper that does not fit the env.
std::unique_ptr<Env> wrap(std::unique_ptr<Env> env, const WrapperParams& params);

}  // namespace tern
