#pragma once
// What stands behind ternc_spec.

#include <optional>
#include <string>
#include <vector>

#include "c_api/tern_c.h"
#include "core/policy_spec.h"
#include "envs/env.h"

struct ternc_spec {
  explicit ternc_spec(const tern::EnvSpec& spec);
  explicit ternc_spec(const tern::PolicySpec& spec);

  std::string id;
  tern::ObsSpace obs;
  tern::ActionSpace action;
  bool has_masks = false;
  int max_episode_steps = 0, frames_per_second = 0, players = 1;
  std::optional<double> reward_threshold;
  std::vector<std::string> metrics;
};
