#pragma once
// What a policy acts on, known without the env or the plugin that it was trained with. Std only.

#include <string>
#include <vector>

#include "core/params.h"
#include "core/space.h"

namespace tern {

/// The observations that a policy reads and the actions that it gives, as the env that it was
/// trained on had them, wrappers included: names, units, shapes and bounds.
struct PolicySpec {
  std::string env;                     // "CartPole-v1"; "": of no run, nothing is known
  std::string env_name;                // what the registry finds it by: that, or a plugin's path
  std::vector<ParamValue> env_params;  // every env.<param> of the run
  ObsSpace obs;
  ActionSpace action;
  bool has_masks = false;     // some actions may be forbidden, so that acting needs a mask
  int max_episode_steps = 0;  // 0: no limit
  int frames_per_second = 0;  // at which the env is shown to people
};

}  // namespace tern
