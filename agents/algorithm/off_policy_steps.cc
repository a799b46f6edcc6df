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

const StepBatch& OffPolicySteps::step(VecEnv& envs, TrainContext& context) {
  const StepBuffers &from = slots_[slot_], &to = slots_[1 - slot_];
  {
    const PhaseClock::Scope scope(context.clock, PhaseClock::kEnv);
    ActionRows to_env = from.actions;
    if (spec_.action.is_box()) {
      to_env = ActionRows(env_actions_.data(), spec_.action, from.actions.count());
      std::memcpy(env_actions_.data(), from.actions.data(), env_actions_.size() * sizeof(float));
      for (std::size_t i = 0; i < to_env.count(); ++i) units_.to_env(to_env[i]);
    }
    envs.step(to_env, to.batch);
  }
  context.episodes.add(to.batch);
  replay.add(from.batch.obs, from.batch.mask, from.actions, to.batch);
  slot_ = 1 - slot_;
  return to.batch;
}

void OffPolicySteps::save(StateWriter& out) const { NextRows{now().obs, now().mask}.save(out); }
void OffPolicySteps::load(StateReader& in) { NextRows{now().obs, now().mask}.load(in); }

}  // namespace tern
