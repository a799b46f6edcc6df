#include "agents/algorithm/off_policy_agent.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "agents/nn/apply_gradient.h"
#include "envs/action_units.h"
#include "replay/demonstrations.h"

namespace tern {

OffPolicyAgent::OffPolicyAgent(const OffPolicyConfig& config, const Schedule& learning_rate,
                               const EnvSpec& spec, std::size_t num_envs,
                               std::vector<std::string> reported)
    : spec_(spec),
      num_envs_(num_envs),
      experience_(spec, replay_schema(config, num_envs)),
      updates_(std::move(reported)),
      states_(num_envs, config.memory.state_size()),
      config_(config),
      schedule_(learning_rate) {}

void OffPolicyAgent::train(VecEnv& envs, TrainContext& context) {
  use_threads(envs.options().threads, context.actors);
  use_actors(context.actors);
  total_steps_ = context.total_steps();
  if (config_.hindsight != "none") relabelling_env_ = envs.make_another();
  if (!has_started_) begin(envs);
  const std::function<std::vector<Metric>()> metrics = [&] { return metrics_of(context.episodes); };
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
  if (config_.demonstrations.empty()) return;
  const ActionUnits units(spec_.action);
  Demonstrations(config_.demonstrations, spec_).add_to(experience_.replay, [&](MutableActionRow action) {
    units.to_policy(action);
  });
}

void OffPolicyAgent::begin(VecEnv& envs) {
  add_demonstrations();
  experience_.reset(envs);
  acting_net().encoder.update(experience_.now().obs);
  has_started_ = true;
}

void OffPolicyAgent::restart_episodes(VecEnv& envs, const std::vector<std::size_t>& which) {
  std::vector<std::uint8_t> terminated(num_envs_), truncated(num_envs_);
  for (const std::size_t i : which) {
    experience_.restart(envs, i);
    states_.forget(i);
    truncated[i] = 1;
  }
  StepBatch ends;  // for the agent's own noise, which goes by these flags
  ends.terminated = Row<std::uint8_t>(terminated);
  ends.truncated = Row<std::uint8_t>(truncated);
  see(ends);
}

void OffPolicyAgent::use_actors(std::size_t count) {
  threads_ = count > 1 ? std::make_unique<WorkerPool>(count + 1) : nullptr;
  copies_.clear();
  actors_.clear();
  acting_rows_.resize(num_envs_ * acting_net().row_size());
  acting_outputs_.resize(num_envs_ * acting_net().output_columns());
  for (std::size_t i = 0; i < count; ++i) {
    PolicyNetwork* net = &acting_net();
    if (threads_ != nullptr)
      net = copies_.emplace_back(std::make_unique<PolicyNetwork>(*net)).get();
    actors_.push_back(
        {i, part_begin(num_envs_, count, i), part_begin(num_envs_, count, i + 1), net});
  }
}

// ---- Acting -------------------------------------------------------------------------------------

ObsRows OffPolicyAgent::obs_of(const Actor& actor) const {
  const ObsRows& all = experience_.now().obs;
  return {all.data() + actor.begin * all.row_bytes(), spec_.obs, actor.envs()};
}

Rows<float> OffPolicyAgent::infer(const Actor& actor) {
  const std::size_t columns = actor.net->output_columns();
  float* rows = acting_rows_.data() + actor.begin * actor.net->row_size();
  float* outputs = acting_outputs_.data() + actor.begin * columns;
  const std::size_t size = actor.net->row_size(), state = actor.net->state_size();
  actor.net->encoder.encode(obs_of(actor), rows, size);
  for (std::size_t r = 0; state > 0 && r < actor.envs(); ++r) {
    std::copy_n(states_.before(actor.begin + r).begin(), state, rows + (r + 1) * size - state);
  }
  actor.net->network->infer({rows, actor.envs()}, outputs);
  for (std::size_t r = 0; state > 0 && r < actor.envs(); ++r) {
    std::copy_n(outputs + (r + 1) * columns - state, state, states_.after(actor.begin + r).begin());
  }
  return {outputs, columns};
}

Row<float> OffPolicyAgent::actions_of(const Actor& actor) const {
  const std::size_t size = spec_.action.size();
  auto* all = reinterpret_cast<float*>(experience_.actions().data());
  return {all + actor.begin * size, actor.envs() * size};
}

void OffPolicyAgent::draw_evenly(const Actor& actor, std::vector<Rng>& rngs) {
  if (!states_.is_empty()) infer(actor);
  const Row<float> actions = actions_of(actor);
  for (std::size_t k = 0; k < actions.size(); ++k) {
    actions[k] = static_cast<float>(rngs[actor.begin + k / spec_.action.size()].uniform(-1, 1));
  }
}

void OffPolicyAgent::check_acting(const Actor& actor, const char* name,
                                  Row<const float> values) const {
  for (const float value : values) {
    checked_finite(name, value, step_, [&] {
      const std::size_t columns = actor.net->row_size();
      return std::vector{named_matrix("features", acting_rows_.data() + actor.begin * columns,
                                      actor.envs(), columns)
                             .from(shown_by(spec_.id))};
    });
  }
}

// ---- Learning -----------------------------------------------------------------------------------

void OffPolicyAgent::learn(std::int64_t before, std::int64_t now) {
  learning_rate_ = schedule_.at(now, total_steps_);
  for (std::int64_t k = updates_due(config_, before, now); k > 0; --k) update();
  end_updates(before, now);
}

double OffPolicyAgent::step_along(const char* name, Optimizer& optimizer, Network& network,
                                  double max_norm) {
  return check(name, apply_gradient(optimizer, network.parameter_row(), network.gradient_row(),
                                    learning_rate_, max_norm));
}

std::vector<Metric> OffPolicyAgent::metrics_of(const EpisodeWindow& episodes) const {
  std::vector<Metric> metrics;
  episodes.report(spec_, metrics);
  updates_.report(metrics);
  report(metrics);
  metrics.insert(metrics.end(),
                 {{"train/learning_rate", learning_rate_},
                  {"train/replay_size", static_cast<double>(experience_.replay.size())}});
  return metrics;
}

// ---- The loop -----------------------------------------------------------------------------------

/// Critics see what the actors saw, once all have acted: one thread is enough for that.
void OffPolicyAgent::remember_as_critic() {
  Network* critic = critic_with_memory();
  if (states_.is_empty() || critic == nullptr) return;
  for (std::size_t i = 0; i < num_envs_; ++i) {
    critic_memory_.set(*critic, acting_net().encoder, i, experience_.now().obs[i],
                       CriticMemory::part_of(states_.before(i), *critic));
  }
  critic_memory_.step(*critic, num_envs_);
  for (std::size_t i = 0; i < num_envs_; ++i) {
    critic_memory_.get(i, CriticMemory::part_of(states_.after(i), *critic));
  }
}

void OffPolicyAgent::store(TrainContext& context) {
  remember_as_critic();
  const StepBatch& result = experience_.store(
      context.episodes, [&](ReplayBuffer& replay, const ObsRows& obs, const MaskRows& masks,
                            const ActionRows& actions,
                            const StepBatch& step) { add(replay, obs, masks, actions, step); });
  states_.advance(result);
  see(result);
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
