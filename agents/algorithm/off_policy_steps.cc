// Steps of envs into a replay buffer: two sets of rows that a step reads and writes in turn.

#include "agents/algorithm/off_policy_steps.h"

#include <cstring>

#include "agents/algorithm/agent_state.h"

namespace tern {

OffPolicySteps::OffPolicySteps(const EnvSpec& spec, const ReplaySchema& schema)
    : replay(spec, schema),
      slots_{{spec.obs, spec.action, spec.metrics.size(), schema.num_envs},
             {spec.obs, spec.action, spec.metrics.size(), schema.num_envs}},
      spec_(spec),
      units_(spec.action),
      env_actions_(spec.action.is_box() ? schema.num_envs * spec.action.size() : 0) {}

ActionRows OffPolicySteps::env_actions(std::size_t begin, std::size_t end) {
  const ActionRows& own = actions();
  if (!spec_.action.is_box()) return own;
  const std::size_t columns = spec_.action.size();
  const ActionRows to_env(env_actions_.data(), spec_.action, own.count());
  std::memcpy(env_actions_.data() + begin * columns,
              reinterpret_cast<const float*>(own.data()) + begin * columns,
              (end - begin) * columns * sizeof(float));
  for (std::size_t i = begin; i < end; ++i) units_.to_env(to_env[i]);
  return to_env;
}

void OffPolicySteps::step(VecEnv& envs) {
  envs.step(env_actions(0, actions().count()), slots_[1 - slot_].batch);
}

void OffPolicySteps::step_range(VecEnv& envs, std::size_t begin, std::size_t end) {
  envs.step_range(begin, end, env_actions(begin, end), slots_[1 - slot_].batch);
}

void OffPolicySteps::save(StateWriter& out) const { NextRows{now().obs, now().mask}.save(out); }
void OffPolicySteps::load(StateReader& in) { NextRows{now().obs, now().mask}.load(in); }

}  // namespace tern
