#include "agents/algorithm/off_policy_agent.h"

#include <functional>

#include "agents/policy/distributions/action_units.h"
#include "replay/demonstrations.h"

namespace tern {

OffPolicyAgent::OffPolicyAgent(const OffPolicyConfig& config, const EnvSpec& spec,
                               std::size_t num_envs)
    : spec_(spec), num_envs_(num_envs), experience_(spec, replay_schema(config, num_envs)),
      demonstrations_(config.demonstrations) {}

void OffPolicyAgent::train(VecEnv& envs, TrainContext& context) {
  use_threads(envs.options().threads, context.actors);
  use_actors(context.actors);
  total_steps_ = context.total_steps();
  if (!has_started_) begin(envs);
  const std::function<std::vector<Metric>()> metrics = [&] { return report(context.episodes); };
  bool goes_on = true;
  while (goes_on && step_ + iteration_steps() <= total_steps_) {
    if (threads_ == nullptr) {
      take_turns(envs, context);
    } else {
      go_on_together(envs, context);
    }
    acting_net().trained_steps = step_;
    goes_on = context.end_iteration(*this, metrics);
  }
}

void OffPolicyAgent::add_demonstrations() {
  if (demonstrations_.empty()) return;
  const ActionUnits units(spec_.action);
  Demonstrations(demonstrations_, spec_).add_to(experience_.replay, [&](MutableActionRow action) {
    units.to_policy(action);
  });
}

void OffPolicyAgent::begin(VecEnv& envs) {
  add_demonstrations();
  experience_.reset(envs);
  acting_net().encoder.update(experience_.now().obs);
  has_started_ = true;
}

void OffPolicyAgent::use_actors(std::size_t count) {
  threads_ = count > 1 ? std::make_unique<WorkerPool>(count + 1) : nullptr;
  copies_.clear();
  actors_.clear();
  for (std::size_t i = 0; i < count; ++i) {
    PolicyNetwork* net = &acting_net();
    if (threads_ != nullptr) net = copies_.emplace_back(std::make_unique<PolicyNetwork>(*net)).get();
    actors_.push_back({i, part_begin(num_envs_, count, i), part_begin(num_envs_, count, i + 1), net});
  }
}

void OffPolicyAgent::store(TrainContext& context) {
  see(experience_.store(context.episodes,
                        [&](ReplayBuffer& replay, const ObsRows& obs, const MaskRows& masks,
                            const ActionRows& actions, const StepBatch& result) {
                          add(replay, obs, masks, actions, result);
                        }));
}

void OffPolicyAgent::take_turns(VecEnv& envs, TrainContext& context) {
  {
    const PhaseClock::Scope scope(context.clock, PhaseClock::kInference);
    act(actors_[0]);
  }
  {
    const PhaseClock::Scope scope(context.clock, PhaseClock::kEnv);
    experience_.step(envs);
  }
  store(context);
  step_ += iteration_steps();
  const PhaseClock::Scope scope(context.clock, PhaseClock::kUpdate);
  learn(step_ - iteration_steps(), step_);
  // Moments of observations move only here, on what the next act reads.
  acting_net().encoder.update(experience_.now().obs);
}

void OffPolicyAgent::go_on_together(VecEnv& envs, TrainContext& context) {
  for (const auto& copy : copies_) copy->copy_from(acting_net());
  threads_->run([&](std::size_t part) {
    if (part > 0) {
      const Actor& actor = actors_[part - 1];
      act(actor);
      experience_.step_range(envs, actor.begin, actor.end);
    } else if (step_ > 0) {
      const PhaseClock::Scope scope(context.clock, PhaseClock::kUpdate);
      learn(step_ - iteration_steps(), step_);
    }
  });
  store(context);
  acting_net().encoder.update(experience_.now().obs);
  step_ += iteration_steps();
  // No round comes after the last one.
  if (step_ + iteration_steps() > total_steps_) learn(step_ - iteration_steps(), step_);
}

}  // namespace tern
